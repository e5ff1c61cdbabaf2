"""What the customers' pages show: posts in threads, and messages with what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bridge.sandbox.meta.ground import Ground
from bridge.sandbox.meta.inbox import Inbox
from bridge.sandbox.meta.posts import Comment, Message, Post
from bridge.sandbox.meta.whatsapp import WhatsApp

DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Card:
    """One post, comment or message; `depth` is how far it is indented. `notice` is what the
    network itself says of it, `fate` what became of a message."""

    id: str
    name: str
    handle: str
    words: str
    time: str
    by_brand: bool = False
    depth: int = 0
    mine: bool = False
    editable: bool = False
    edited: bool = False
    private: bool = False
    pictures: tuple[str, ...] = ()
    notice: str = ""
    fate: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that one customer sees of one account: public threads and private messages."""

    threads: tuple[tuple[Card, ...], ...]
    private: tuple[Card, ...]


def of_post(ground: Ground, post: Post, me: str, notice: str) -> Card:
    person = ground.whose(post.author)
    mine = person is not None and person.handle == me
    return Card(
        id=post.id,
        name=post.author_name,
        handle=person.handle if person else post.page_id,
        words=f"(hidden) {post.text}" if post.hidden and mine else post.text,
        time=clock_time(post.at),
        by_brand=post.by_page,
        mine=mine,
        editable=mine,
        edited=post.edited_at is not None,
        pictures=pictures(ground, post.files),
        notice=notice,
    )


def of_comment(ground: Ground, one: Comment, me: str) -> Card:
    """Instagram lets nobody edit a comment."""
    person = ground.whose(one.author)
    return Card(
        id=one.id,
        name=person.name if person else one.username,
        handle=person.handle if person else one.account_id,
        words=one.text,
        time=clock_time(one.at),
        by_brand=person is None,
        mine=person is not None and person.handle == me,
    )


def of_message(inbox: Inbox, one: Message, brand: str) -> Card:
    ground = inbox.ground
    person = ground.whose(one.who)
    name = person.name if person else one.who
    answered = ground.nodes.get(one.about)
    about = answered.text if isinstance(answered, (Post, Comment)) else ""
    return Card(
        id=one.id,
        name=brand if one.by_brand else name,
        handle=one.account_id if one.by_brand else person.handle if person else "",
        words="(unsent)" if one.deleted else one.text,
        time=clock_time(one.at),
        by_brand=one.by_brand,
        mine=not one.by_brand and not one.deleted,
        editable=not one.by_brand and not one.deleted,
        edited=one.edits > 0,
        private=True,
        pictures=pictures(ground, (each.file_id for each in one.attachments)),
        notice=f"in answer to what was said in public: “{about}”" if about else "",
        fate="seen" if one.read else "",
    )


def of_whatsapp(ground: Ground, one: WhatsApp, brand: str, brand_id: str) -> Card:
    person = ground.find(one.who)
    words = one.text or f"({one.type})"
    return Card(
        id=one.id,
        name=brand if one.by_brand else person.name,
        handle=brand_id if one.by_brand else person.handle,
        words="(deleted)" if one.revoked else words,
        time=clock_time(one.at),
        by_brand=one.by_brand,
        mine=not one.by_brand and not one.revoked,
        editable=not one.by_brand and not one.revoked and one.type in ("text", "image"),
        edited=one.edited,
        private=True,
        pictures=pictures(ground, (str(one.content.get("id", "")),)),
        fate=one.statuses[-1] if one.statuses else "",
    )


def nested(cards: Iterable[tuple[str, Card]]) -> tuple[Card, ...]:
    """Pairs of (id of what is answered, card), oldest first, laid out beneath each other."""
    below: dict[str, list[Card]] = {}
    known: set[str] = set()
    for above, card in cards:
        below.setdefault(above if above in known else "", []).append(card)
        known.add(card.id)
    ordered: list[Card] = []

    def lay(card: Card, depth: int) -> None:
        ordered.append(replace(card, depth=min(depth, DEEPEST)))
        for answer in below.get(card.id, ()):
            lay(answer, depth + 1)

    for top in below.get("", ()):
        lay(top, 0)
    return tuple(ordered)


def pictures(ground: Ground, file_ids: Iterable[str]) -> tuple[str, ...]:
    """Addresses on this very server; what lies elsewhere or is no picture is left out."""
    found = (ground.files.find(one) for one in file_ids)
    shows = (one for one in found if one and not one.link and one.type == "image")
    return tuple(ground.files.picture(one) for one in shows)


def clock_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%M:%S")
