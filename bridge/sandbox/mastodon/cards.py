"""What the customer's page shows: statuses as cards, in threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import request

from bridge.sandbox.mastodon import shapes
from bridge.sandbox.mastodon.api_media import PICTURES
from bridge.sandbox.mastodon.people import Person, Refusal
from bridge.sandbox.mastodon.posts import OPEN, Reach, Status
from bridge.sandbox.mastodon.town import Town

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Card:
    """One status as the page shows it; `depth` is how far it is indented."""

    status: Status
    author: Person
    html: str
    pictures: tuple[tuple[str, str], ...]
    href: str
    depth: int
    mine: bool
    by_brand: bool
    about: str = ""

    @property
    def time(self) -> str:
        return clock_time(self.status.created_at)

    @property
    def edited(self) -> str:
        return clock_time(self.status.edited_at) if self.status.edited_at else ""


def clock_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%M:%S")


def feed(town: Town, person: Person) -> dict[str, list[list[Card]]]:
    """Public threads, the one with the newest word first, and this person's direct ones."""
    threads: dict[str, list[Status]] = {}
    private: dict[str, list[Status]] = {}
    for one in town.statuses():
        if one.reach is Reach.DIRECT and town.can_see(person.id, one):
            private.setdefault(one.thread, []).append(one)
        elif one.reach in OPEN and town.can_see(person.id, one):
            threads.setdefault(one.thread, []).append(one)
    return {
        "threads": [nested(town, thread, person) for thread in _newest_first(threads)],
        "private": [
            [_card(town, one, 0, person) for one in thread] for thread in _newest_first(private)
        ],
    }


def _newest_first(threads: dict[str, list[Status]]) -> list[list[Status]]:
    return sorted(threads.values(), key=lambda thread: int(thread[-1].id), reverse=True)[:SHOWN]


def nested(town: Town, thread: Iterable[Status], viewer: Person | None) -> list[Card]:
    """Answers beneath what they answer, oldest first, at most three steps in."""
    depths: dict[str, int] = {}
    ordered: list[Status] = []
    for one in thread:
        depths[one.id] = depths[one.in_reply_to] + 1 if one.in_reply_to in depths else 0
        at = len(ordered)
        if one.in_reply_to in depths:
            at = next(i for i, other in enumerate(ordered) if other.id == one.in_reply_to) + 1
            while at < len(ordered) and depths[ordered[at].id] >= depths[one.id]:
                at += 1
        ordered.insert(at, one)
    return [_card(town, one, min(depths[one.id], 3), viewer) for one in ordered]


def _card(town: Town, one: Status, depth: int, viewer: Person | None) -> Card:
    author = town.by_id(one.author)
    if author is None:
        raise Refusal(404, "Record not found")
    base = request.host_url[:-1]
    above = town.status(one.in_reply_to)
    uploads = [upload for upload in map(town.media, one.now.media) if upload]
    query = f"?{urlencode({'me': viewer.acct})}" if viewer else ""
    return Card(
        status=one,
        author=author,
        html=shapes.content(town, one, one.now, base),
        pictures=tuple(
            (shapes.file_address(upload, base), upload.description)
            for upload in uploads
            if upload.content_type in PICTURES
        ),
        href=shapes.permalink(town, one, base) + query,
        depth=depth,
        mine=viewer is not None and viewer.id == one.author,
        by_brand=author.acct == town.brand,
        about=above.text if above and above.reach in OPEN and one.reach is Reach.DIRECT else "",
    )
