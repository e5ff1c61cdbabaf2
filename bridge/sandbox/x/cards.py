"""What the customer's page of the stand-in for X shows: posts in threads, and messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from bridge.sandbox.x.people import Person
from bridge.sandbox.x.posts import Link, Message, Post
from bridge.sandbox.x.town import Town

SHOWN = 100
SEALED = "(an encrypted message)"


@dataclass(frozen=True, slots=True)
class Card:
    """One post or message; `depth` is how far it is indented, `parts` are words and links."""

    id: str
    author: Person
    parts: tuple[tuple[str, str], ...]
    time: str
    by_brand: bool
    href: str = ""
    pictures: tuple[str, ...] = ()
    depth: int = 0
    mine: bool = False
    editable: bool = False
    edited: bool = False
    private: bool = False


def feed(town: Town, person: Person) -> dict[str, object]:
    """Public threads, the one with the newest word first; this person's messages with the brand;
    and what X would have charged the app so far, in dollars."""
    threads: dict[str, list[Post]] = {}
    for one in town.latest():
        shown = person.id == one.author or not town.is_hidden(one)
        if shown and not one.reposts and town.can_see(person.id, one):
            threads.setdefault(one.conversation, []).append(one)
    newest = sorted(threads.values(), key=lambda thread: int(thread[-1].id), reverse=True)
    messages = town.between(person.username, town.brand)
    return {
        "threads": [nested(town, thread, person) for thread in newest[:SHOWN]],
        "private": [_letter(town, one, person) for one in messages],
        "charged": f"{town.costs.spent() / 1_000_000:.3f}",
        "webhooks": town.hooks.webhooks(),
    }


def nested(town: Town, thread: Iterable[Post], viewer: Person | None) -> list[Card]:
    """Answers beneath what they answer, oldest first, at most three steps in."""
    posts = list(thread)
    below: dict[str, list[Post]] = {}
    for one in posts:
        above = town.at(one.in_reply_to)
        below.setdefault(above.first_id if above else "", []).append(one)
    there = {one.first_id for one in posts}
    ordered: list[Card] = []

    def lay(one: Post, depth: int) -> None:
        ordered.append(_card(town, one, min(depth, 3), viewer))
        for answer in below.get(one.first_id, ()):
            lay(answer, depth + 1)

    for parent, answers in below.items():
        if parent not in there:
            for one in answers:
                lay(one, 0)
    return ordered


def _card(town: Town, one: Post, depth: int, viewer: Person | None) -> Card:
    author = town.find_id(one.author)
    query = f"?{urlencode({'me': viewer.username})}" if viewer else ""
    mine = viewer is not None and viewer.id == one.author
    return Card(
        id=one.id,
        author=author,
        parts=_parts(one.visible, one.links),
        time=_time(one.created_at),
        by_brand=author.username == town.brand,
        href=f"/{author.username}/status/{one.id}{query}",
        pictures=tuple(f"/media/{each}" for each in one.media),
        depth=depth,
        mine=mine,
        editable=mine and not one.in_reply_to,
        edited=len(one.history) > 1,
    )


def _letter(town: Town, one: Message, viewer: Person) -> Card:
    author = town.find_id(one.sender)
    shown = SEALED if one.sealed and one.sender != viewer.id else one.text
    return Card(
        id=one.id,
        author=author,
        parts=_parts(shown, one.links),
        time=_time(one.created_at),
        by_brand=author.username == town.brand,
        pictures=(f"/page/picture/{one.id}?{urlencode({'me': viewer.username})}",)
        if one.media
        else (),
        private=True,
    )


def _parts(text: str, links: tuple[Link, ...]) -> tuple[tuple[str, str], ...]:
    """Words with the address they lead to ("" for plain ones); X's own links to pictures and
    quotes stand for what is shown anyway."""
    parts: list[tuple[str, str]] = []
    for link in links:
        before, found, after = text.partition(link.short)
        if found:
            parts += [(before, ""), ("" if link.media else link.shown, link.expanded)]
            text = after
    return tuple(each for each in (*parts, (text, "")) if each[0])


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%M:%S")
