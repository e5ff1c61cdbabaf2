"""Columns with a longest length, in UTF-16 units: what such columns count in at worst, so that what
fits here fits wherever characters are counted."""

from __future__ import annotations

import regex


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def capped(text: str, most: int, link: str) -> str:
    """`text`, cut between two characters as people see them where it is longer than `most`, with
    `link` to the whole of it at the end (left out where it has no room itself)."""
    if units(text) <= most:
        return text
    end = f"… {link}" if link and units(link) + 2 < most // 2 else "…"
    room = most - units(end)
    kept, taken = [], 0
    for each in regex.findall(r"\X", text):
        taken += units(each)
        if taken > room:
            break
        kept.append(each)
    return "".join(kept) + end


def fitting(text: str, most: int) -> str | None:
    """An id or an address as it is, None where it is empty or too long: half of it is none."""
    return text if text and units(text) <= most else None
