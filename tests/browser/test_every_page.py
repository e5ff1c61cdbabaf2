"""Every page of the console that links lead to: by ear, on a telephone, light and dark."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from browsing import sticks_out, stumbles
from console_rows import fill
from playwright.sync_api import Page

from bridge.opening import publish

NO_PAGES = (".csv", ".svg", "/provider", "/static/")
PAGES_AT_LEAST = 25


def _kind(path: str) -> str:
    """One of each kind is enough: numbers and names stand for others like them."""
    return re.sub(r"/(?:\d+|acme|helpdesk:zendesk|helpdesk%3Azendesk)(?=/|$)", "/…", path)


def _walk(page: Page, begin: str) -> dict[str, list[str]]:
    """Kind of page → what is wrong with it. Follows every link that stays in the console."""
    waiting, seen, wrong = [begin], set[str](), dict[str, list[str]]()
    while waiting:
        address = waiting.pop(0)
        kind = _kind(urlsplit(address).path)
        if kind in seen:
            continue
        seen.add(kind)
        answer = page.goto(address)
        assert answer is not None
        found = [] if answer.ok else [f"answers {answer.status}"]
        found += stumbles(page)
        if (wide := sticks_out(page)) > 0:
            found.append(f"{wide} pixels too wide")
        wrong[kind] = found
        links = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
        waiting += [
            link.partition("#")[0]
            for link in links
            if link.startswith(begin) and not any(part in link for part in NO_PAGES)
        ]
    return wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_console(console, clock, phone: Page, scheme: str) -> None:
    fill(console.bridge.ledger, clock)
    publish(console.bridge)
    phone.emulate_media(color_scheme=scheme)
    with console.seen_on(phone) as url:
        wrong = _walk(phone, f"{url}/")
    assert {} == {kind: found for kind, found in wrong.items() if found}
    assert len(wrong) >= PAGES_AT_LEAST, sorted(wrong)


def test_a_page_that_is_wrong_is_found(console, phone: Page) -> None:
    """The walk sees what it is there for: an address that leads nowhere."""
    with console.seen_on(phone) as url:
        assert ["answers 404"] == _walk(phone, f"{url}/nowhere")["/console/nowhere"][:1]
