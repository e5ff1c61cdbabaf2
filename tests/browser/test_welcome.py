"""Where a newcomer begins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import sticks_out, stumbles
from playwright.sync_api import Page, expect

from bridge.sandbox.server import serve
from bridge.sandbox.welcome import Places, create_app


@pytest.fixture
def welcome() -> Iterator[str]:
    """The page's address; the link that signs in leads back to it."""
    asked: list[int] = []

    def invite() -> str:
        asked.append(1)
        return f"/?invited={len(asked)}"

    places = Places(
        network="Mastodon",
        customers="http://127.0.0.1:1/",
        desk="http://127.0.0.1:2/",
        console="http://127.0.0.1:3/console/",
        second="Mastodon",
        second_page="http://127.0.0.1:4/",
        answers={"url": "http://127.0.0.1:4", "token": "coo-coo-7731"},
        invite=invite,
    )
    with serve(create_app(places)) as running:
        yield f"{running.url}/"


def test_everything_that_runs_is_one_click_away(page: Page, welcome: str) -> None:
    page.goto(welcome)
    for who, address in (("customer", "1/"), ("agent", "2/"), ("admin", "3/console/")):
        link = page.get_by_role("link", name=who).first
        expect(link).to_have_attribute("href", f"http://127.0.0.1:{address}")
    expect(page.get_by_text("coo-coo-7731")).to_be_visible()


def test_each_click_asks_for_a_link_of_its_own(page: Page, welcome: str) -> None:
    """One that was used is no good to anybody."""
    for number in (1, 2):
        page.goto(welcome)
        page.get_by_role("button", name="Sign in to the console").click()
        expect(page).to_have_url(f"{welcome}?invited={number}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_everybody(phone: Page, welcome: str, scheme: str) -> None:
    phone.emulate_media(color_scheme=scheme)
    phone.goto(welcome)
    assert [] == stumbles(phone)
    assert sticks_out(phone) <= 0
