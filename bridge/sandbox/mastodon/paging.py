"""Pages of a list, newest first, and the Link header that leads to the next ones.

`max_id`: older than; `since_id`: the newest that are newer; `min_id`: those immediately newer, so
that one can walk forward without a gap. https://docs.joinmastodon.org/api/guidelines/#pagination
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """What a client asked for; None where it asked nothing."""

    limit: int
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    def cut(self, items: Iterable[T], number: Callable[[T], int]) -> list[T]:
        """One page, newest first."""
        found = sorted(items, key=number, reverse=True)
        if self.max_id is not None:
            found = [one for one in found if number(one) < self.max_id]
        above = self.min_id if self.min_id is not None else self.since_id
        if above is not None:
            found = [one for one in found if number(one) > above]
        if self.min_id is not None:
            return found[-self.limit :]
        return found[: self.limit]


def asked(args: dict[str, str], default: int, most: int) -> Page:
    """From the query. What is no number counts as 0, as in Rails."""

    def number(name: str) -> int | None:
        if name not in args:
            return None
        match = re.match(r"\d{1,19}", args[name])
        return int(match[0]) if match else 0

    limit = number("limit")
    return Page(
        limit=min(limit or default, most),
        max_id=number("max_id"),
        since_id=number("since_id"),
        min_id=number("min_id"),
    )


def link_header(
    address: str, kept: list[tuple[str, str]], page: Page, numbers: list[int]
) -> str | None:
    """`next` only when the page was full, as Mastodon does; None when there is nothing to say."""
    links = []
    if len(numbers) == page.limit:
        links.append((numbers[-1], "max_id", "next"))
    if numbers:
        links.append((numbers[0], "min_id", "prev"))
    return (
        ", ".join(
            f'<{address}?{urlencode([*kept, (name, str(number))])}>; rel="{rel}"'
            for number, name, rel in links
        )
        or None
    )
