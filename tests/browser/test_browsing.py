"""The tools that look at pages see what is wrong with one."""

from __future__ import annotations

from browsing import sticks_out, stumbles
from playwright.sync_api import Page

GOOD = """<!doctype html><html lang=en><title>Good</title><main><h1>Good</h1>
<p><label>Name <input></label></p></main></html>"""
BAD = """<!doctype html><html><title>Bad</title><main><h1>Bad</h1><input>
<p style="color:#ccc;background:#fff">pale</p><div style="width:3000px">wide</div></main></html>"""


def test_what_a_screen_reader_stumbles_over_is_found(page: Page) -> None:
    page.set_content(BAD)
    found = " ".join(stumbles(page))
    assert "label" in found
    assert "color-contrast" in found
    assert sticks_out(page) > 1000


def test_a_good_page_passes(phone: Page) -> None:
    phone.set_content(GOOD)
    assert [] == stumbles(phone)
    assert sticks_out(phone) <= 0
