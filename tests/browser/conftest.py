"""One Chromium for all tests; each test has a clean profile, and no error on the page passes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from browsing import ARGUMENTS, DESKTOP, PATIENCE, PHONE, chromium
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if not path:
        says = "no Chromium here: install one, or name it in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(says)
        pytest.skip(says)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        opened = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield opened
        opened.close()


def _page(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="en-GB", timezone_id="Europe/Berlin"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        # A refused request is the browser's own line; the pages tell those themselves.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [] == complaints


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A desktop's window."""
    yield from _page(browser, DESKTOP)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A telephone's."""
    yield from _page(browser, PHONE)
