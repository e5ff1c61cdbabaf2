"""Links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


BLOCK = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)


def links(text: str) -> list[str]:
    """Where the page leads; not what stands in code, though code may be what is linked."""
    prose = re.sub(r"\[`([^`\n]+)`\]", r"[\1]", BLOCK.sub("", text))
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", prose))


def anchors(text: str) -> set[str]:
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def broken(pages: dict[str, str]) -> list[str]:
    """Links that lead nowhere, as "page: link"."""
    found = []
    for page, text in pages.items():
        for link in links(text):
            if re.match(r"https?://", link):
                continue
            path, _, anchor = link.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            name = str(target.resolve().relative_to(ROOT))
            there = name in pages or target.exists()
            if not there or (anchor and anchor not in anchors(pages.get(name, ""))):
                found.append(f"{page}: {link}")
    return found


def test_a_link_that_leads_nowhere_is_found() -> None:
    """Missing files and missing headings, from any folder; not what stands in code."""
    pages = {
        "docs/a.md": "# A b\n[x](missing.md) [y](#a-b) [z](#a-c) `[code](no.md)` [`w`](gone.md)",
        "docs/networks/b.md": "[up](../a.md#a-b) [down](a.md)",
    }
    assert [
        "docs/a.md: missing.md",
        "docs/a.md: #a-c",
        "docs/a.md: gone.md",
        "docs/networks/b.md: a.md",
    ] == broken(pages)


def test_every_link_leads_somewhere(pages: dict[str, str]) -> None:
    """Files are there, headings too."""
    assert [] == broken(pages)


def test_every_page_can_be_found(pages: dict[str, str]) -> None:
    """Each page is linked from the index, or from the README."""
    linked = {
        str(((ROOT / page).parent / link.partition("#")[0]).resolve().relative_to(ROOT))
        for page in ("README.md", "docs/index.md")
        for link in links(pages[page])
        if not link.startswith(("http", "#"))
    }
    assert set() == set(pages) - linked - {"docs/index.md"}


def test_what_was_not_tried_is_all_in_one_place(pages: dict[str, str]) -> None:
    """Each heading about what was not tried is linked from the page that collects them."""
    telling = {
        f"{page.removeprefix('docs/')}#{anchor}"
        for page, text in pages.items()
        for anchor in anchors(text)
        if re.search(r"tried", anchor) and page != "docs/untried.md"
    }
    assert len(telling) >= 2
    assert set() == telling - set(links(pages["docs/untried.md"]))
