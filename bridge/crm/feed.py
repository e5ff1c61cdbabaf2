"""The change feed: every record in the order of its latest change, a page at a time.

A cursor is opaque to clients: where a page ended, in which generation of the feed, and which
tombstones were forgotten already when its client began. At least once: who stops in the middle
asks again from the cursor they kept.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from bridge.errors import BridgeError
from bridge.ledger import Ledger, changes, history
from bridge.ledger.changes import KINDS, Filter, Seen
from bridge.ledger.history import NoteText
from bridge.records import Change, Resource

MOST = 500
DEFAULT = 100
NUMBERED = 4_000
"""So many changes are numbered at most before a page is told. After an upgrade, or a night in which
nobody read, there may be a million: whoever reads is sent on to the next page meanwhile."""
KEPT_DAYS = changes.KEPT_DAYS
"""Tombstones are kept at least so long. A client that comes back later begins anew."""


class CursorExpired(BridgeError):
    """The cursor is not of this feed, or so old that tombstones after it are forgotten."""


@dataclass(frozen=True, slots=True)
class Place:
    """`seq` is the last number that was read. Tombstones up to `floor` were forgotten before the
    client began: it never had what they were of."""

    seq: int
    floor: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants. `people` and `conversations` are the ledger's numbers, None for all.
    `updated_since` is inclusive, and ignored where there is a cursor."""

    resources: tuple[Resource, ...]
    cursor: str = ""
    updated_since: datetime | None = None
    limit: int = DEFAULT
    kinds: tuple[str, ...] = ()
    people: tuple[int, ...] | None = None
    conversations: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`next_cursor` is "" on the last page; `resume_cursor` is where to go on in any case."""

    changes: tuple[Change, ...]
    next_cursor: str
    resume_cursor: str

    @property
    def has_more(self) -> bool:
        return bool(self.next_cursor)


def read(ledger: Ledger, asked: Asked, note_text: NoteText) -> Page:
    """Raises `CursorExpired`."""
    left = changes.catch_up(ledger, NUMBERED) >= NUMBERED
    with ledger.reading() as tx:
        seen = changes.stands(tx)
        place = _place(asked.cursor, seen) if asked.cursor else Place(0, seen.horizon)
        wanted = Filter(
            kinds=asked.kinds or tuple(kind for each in asked.resources for kind in KINDS[each]),
            after=place.seq,
            since=None if asked.cursor else asked.updated_since,
            people=asked.people,
            conversations=asked.conversations,
        )
        refs, more = changes.page(tx, wanted, min(max(asked.limit, 1), MOST))
        records = history.changes(tx, refs, note_text)
    # On the last page everything up to `last_seq` was looked through, whatever of it was wanted.
    last = refs[-1].seq if refs else place.seq
    end = last if more else max(last, seen.last_seq)
    resume = cursor(seen, end, place.floor)
    return Page(records, resume if more or left else "", resume)


def one(ledger: Ledger, record_id: str, note_text: NoteText) -> Change | None:
    """A single record by its id; None for what never was. What is gone is told as such."""
    named = changes.ref_of(record_id)
    if named is None:
        return None
    changes.catch_up(ledger)
    with ledger.reading() as tx:
        ref = changes.one(tx, *named)
        found = history.changes(tx, (ref,), note_text) if ref else ()
    return found[0] if found else None


def cursor(seen: Seen, seq: int, floor: int = 0) -> str:
    text = f"{seen.generation}.{seq}.{floor}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(given: str, seen: Seen) -> Place:
    try:
        text = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    generation, *numbers = text.split(".")
    if (
        generation != seen.generation
        or len(numbers) != 2
        or not all(each.isdecimal() and len(each) <= 18 for each in numbers)
    ):
        raise CursorExpired("this cursor is not of this feed: begin again without one")
    place = Place(*map(int, numbers))
    if place.seq > seen.last_seq:
        raise CursorExpired("this cursor is not of this feed: begin again without one")
    if max(place.seq, place.floor) < seen.horizon:
        raise CursorExpired(
            f"this cursor is older than the {KEPT_DAYS} days for which deletions are told: begin "
            "again without one, and drop what is not told any more"
        )
    return place
