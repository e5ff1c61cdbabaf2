"""Looking at pages as people do: a real Chromium, and what a screen reader would stumble over."""

from __future__ import annotations

import os
import shutil

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")
DESKTOP, PHONE = (1280, 860), (390, 844)
"""Width and height in CSS pixels."""

PATIENCE = 30_000
"""Milliseconds that anything may take to be seen, on a machine that does other things as well."""

# No network of its own, no first-run pages: only what a test opens.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Where the browser is, "" where there is none."""
    named = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, filter(None, named)) if path), "")


def stumbles(page: Page) -> list[str]:
    """Serious findings of axe (https://github.com/dequelabs/axe-core), with the places."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} ({', '.join(str(node['target']) for node in each['nodes'])})"
        for each in found
        if each["impact"] in SERIOUS
    ]


def sticks_out(page: Page) -> int:
    """By how many pixels a page is wider than its window: more than nothing scrolls sideways."""
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide
