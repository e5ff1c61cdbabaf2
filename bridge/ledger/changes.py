"""In which order the records of the customer history changed, numbered late: none is missed.

Whatever changes a record puts that down in its own transaction (`bridge.ledger.touching`). `fold`
then gives every record that was put down, and whose transaction has ended, the next numbers, one
caller at a time. So numbers follow the order in which they can be seen: who has read up to a number
has seen everything below it, also on PostgreSQL, where transactions end in another order than they
begin. There is one row for each record, with its latest number: what changed twice is told once.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from bridge.ledger import belonging
from bridge.ledger.belonging import Belongs, Named
from bridge.ledger.crm_tables import changes, feed, touched
from bridge.ledger.store import Ledger, Tx
from bridge.ledger.tables import posts, tombstones
from bridge.records import Resource, Why

KEPT_DAYS = 90
"""For so long it is told that something is gone."""
AT_A_TIME = 2_000
ID = 1
"""The feed's only row."""
INSTANT = timedelta(microseconds=1)
"""The least that databases keep."""

KINDS: dict[Resource, tuple[str, ...]] = {
    Resource.CUSTOMER: ("customer",),
    Resource.IDENTITY: ("identity",),
    Resource.CONVERSATION: ("conversation",),
    Resource.INTERACTION: ("post", "reply", "notice", "automatic", "note", "rating"),
    Resource.MERGE: ("merge",),
}
RESOURCES = {kind: resource for resource, kinds in KINDS.items() for kind in kinds}

_BURIED = {"customer": "person", "identity": "person"}
"""What `bridge.ledger.erasures` calls them, where it is another word."""
_WITH_OTHERS = ("notice", "automatic", "note", "rating", "merge")
"""Rows that only an erasure removes, together with what they belong to."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the feed stands. `horizon` is the last number of which a tombstone was forgotten: who
    has not read that far must begin anew. `generation` changes when all must."""

    generation: str
    last_seq: int
    horizon: int


@dataclass(frozen=True, slots=True)
class Ref:
    """A record by its kind and the ledger's own number of it, and its latest change."""

    kind: str
    number: int
    seq: int
    at: datetime
    gone_at: datetime | None
    gone_because: str

    @property
    def id(self) -> str:
        return f"{self.kind}_{self.number}"

    @property
    def resource(self) -> Resource:
        return RESOURCES[self.kind]


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the feed is wanted. `people` and `conversations` are the ledger's numbers. None is
    for all, () for none. `since` is inclusive and counts only with `after` 0. `until` is the last
    number that is wanted."""

    kinds: tuple[str, ...] | None = None
    after: int = 0
    since: datetime | None = None
    people: tuple[int, ...] | None = None
    conversations: tuple[int, ...] | None = None
    until: int | None = None


def ref_of(record_id: str) -> tuple[str, int] | None:
    """(kind, number) of a record's id; None for what is none."""
    kind, _, number = record_id.rpartition("_")
    if kind not in RESOURCES or not number.isdecimal() or len(number) > 18:
        return None
    return kind, int(number)


def begin(tx: Tx) -> None:
    """Make the feed's row where there is none."""
    tx.conn.execute(
        tx.insert(feed)
        .values(
            id=ID,
            generation=secrets.token_hex(6),
            last_seq=0,
            last_at=tx.now - INSTANT,
            horizon=0,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )


def stands(tx: Tx) -> Seen:
    """After `catch_up` there is always a row."""
    row = tx.conn.execute(select(feed).where(feed.c.id == ID)).one()
    return Seen(row.generation, row.last_seq, row.horizon)


def restart(ledger: Ledger) -> None:
    """Every client begins anew: after a backup was put back, numbers may mean something else."""
    with ledger.writing() as tx:
        begin(tx)
        tx.conn.execute(update(feed).where(feed.c.id == ID).values(generation=secrets.token_hex(6)))


def catch_up(ledger: Ledger, most: int = sys.maxsize) -> int:
    """Number what was put down; how many rows that were. Cheap when there is nothing. After `most`
    of them it is left for the next time: nobody who only reads waits for a large backlog."""
    with ledger.reading() as tx:
        news = tx.conn.execute(select(touched.c.id).limit(1)).first() is not None
        begun = tx.conn.execute(select(feed.c.id)).first() is not None
    if begun and not news:
        return 0
    total = 0
    while True:
        with ledger.writing() as tx:
            some = fold(tx)
        total += some
        if some < AT_A_TIME or total >= most:  # less: that was all of what could be seen
            return total


def fold(tx: Tx) -> int:
    """Number one batch of what was put down, oldest first; how many rows that were."""
    begin(tx)
    # Whoever holds this row is the only one who numbers. What is read below is read after the one
    # before has committed.
    place = tx.conn.execute(select(feed).where(feed.c.id == ID).with_for_update()).one()
    batch = select(touched.c.id).order_by(touched.c.id).limit(AT_A_TIME).subquery()
    last: int | None = tx.conn.execute(select(func.max(batch.c.id))).scalar_one()
    if last is None:
        return 0
    rows = tx.conn.execute(
        delete(touched)
        .where(touched.c.id <= last)
        .returning(touched.c.id, touched.c.kind, touched.c.number)
    ).all()
    # Dict order: by its last mention.
    refs: dict[Named, None] = {}
    for row in sorted(rows):
        refs.pop((row.kind, row.number), None)
        refs[row.kind, row.number] = None
    # No record is told twice with the same instant, whatever the clocks of several machines say:
    # clients that go by instants would take the second for the first.
    at = max(place.last_at + INSTANT, tx.now)
    values = _numbered(tx, refs, place.last_seq, at)
    if not values:
        return len(rows)
    statement = tx.insert(changes)
    news = ("seq", "at", "person_id", "conversation_id", "gone_at", "gone_because")
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "number"],
            set_={name: statement.excluded[name] for name in news},
        ),
        values,
    )
    tx.conn.execute(
        update(feed)
        .where(feed.c.id == ID)
        .values(last_seq=values[-1]["seq"], last_at=values[-1]["at"])
    )
    return len(rows)


def _numbered(tx: Tx, refs: Iterable[Named], seq: int, at: datetime) -> list[dict[str, Any]]:
    """The rows of `changes`. Of what is gone and was never told, nothing is told. That the network
    removed a post may have been told and forgotten: that it is erased now is told all the same."""
    belongs = belonging.of(tx, refs)
    told = _told(tx, refs)
    lost = _lost_posts(tx, [ref for ref in refs if ref not in belongs and ref not in told])
    erased = _erased(tx, [*(ref for ref in told if ref not in belongs), *lost])
    values = []
    for kind, number in refs:
        now = belongs.get((kind, number))
        before = told.get((kind, number))
        if now is None:
            if before is None and (kind, number) not in erased:
                continue
            now = Belongs(gone=Why.ERASED if (kind, number) in erased else Why.RETENTION)
        gone_at = None
        if now.gone:
            gone_at = before.gone_at if before and before.gone_because == now.gone else None
            gone_at = gone_at or at
        seq += 1
        values.append(
            {
                "kind": kind,
                "number": number,
                "seq": seq,
                "at": at,
                "person_id": now.person_id,
                "conversation_id": now.conversation_id,
                "gone_at": gone_at,
                "gone_because": now.gone,
            }
        )
    return values


def _told(tx: Tx, refs: Iterable[Named]) -> dict[Named, Row[Any]]:
    found: dict[Named, Row[Any]] = {}
    for kind, numbers in belonging.by_kind(refs):
        rows = tx.conn.execute(
            select(changes).where(changes.c.kind == kind, changes.c.number.in_(numbers))
        )
        found |= {(row.kind, row.number): row for row in rows}
    return found


def _lost_posts(tx: Tx, refs: Iterable[Named]) -> list[Named]:
    """Those of the posts among these that have no row any more."""
    lost: list[Named] = []
    for kind, numbers in belonging.by_kind(ref for ref in refs if ref[0] == "post"):
        there = set(tx.conn.execute(select(posts.c.id).where(posts.c.id.in_(numbers))).scalars())
        lost += [(kind, number) for number in numbers if number not in there]
    return lost


def _erased(tx: Tx, refs: Iterable[Named]) -> frozenset[Named]:
    """Which of these, whose rows are no longer there, went because somebody was erased."""
    found: set[Named] = set()
    for kind, numbers in belonging.by_kind(refs):
        if kind in _WITH_OTHERS:
            found |= {(kind, number) for number in numbers}
            continue
        buried = select(tombstones.c.number).where(
            tombstones.c.what == _BURIED.get(kind, kind), tombstones.c.number.in_(numbers)
        )
        found |= {(kind, number) for number in tx.conn.execute(buried).scalars()}
    return frozenset(found)


def forgotten(tx: Tx, kind: str, number: int, seq: int, at: datetime) -> Ref:
    """A change that somebody was not told of while its tombstone was kept."""
    named = (kind, number)
    now = belonging.of(tx, [named]).get(named)
    if now is None:
        now = Belongs(gone=Why.ERASED if _erased(tx, [named]) else Why.RETENTION)
    return Ref(kind, number, seq, at, at if now.gone else None, now.gone)


def page(tx: Tx, wanted: Filter, limit: int) -> tuple[tuple[Ref, ...], bool]:
    """At most so many, ascending, and whether there are more."""
    least = wanted.after + 1
    if wanted.since is not None and not wanted.after:
        least = first_since(tx, wanted.since)
    # One lower bound: of two, SQLite goes by the first and reads everything from there on.
    where: list[ColumnElement[bool]] = [changes.c.seq >= least]
    if wanted.kinds is not None:
        where.append(changes.c.kind.in_(wanted.kinds))
    if wanted.people is not None:
        where.append(changes.c.person_id.in_(wanted.people))
    if wanted.conversations is not None:
        where.append(changes.c.conversation_id.in_(wanted.conversations))
    if wanted.until is not None:
        where.append(changes.c.seq <= wanted.until)
    rows = tx.conn.execute(
        select(changes).where(*where).order_by(changes.c.seq).limit(limit + 1)
    ).all()
    return tuple(_ref(row) for row in rows[:limit]), len(rows) > limit


def first_since(tx: Tx, since: datetime) -> int:
    """The least number of a change at an instant or later. Numbers and instants rise together, so
    that all above it are as late: the feed is read from there, and not from its beginning."""
    found: int | None = tx.conn.execute(
        select(changes.c.seq)
        .where(changes.c.at >= since)
        .order_by(changes.c.at, changes.c.seq)
        .limit(1)
    ).scalar_one_or_none()
    return sys.maxsize if found is None else found


def one(tx: Tx, kind: str, number: int) -> Ref | None:
    """None for what never was told."""
    row = tx.conn.execute(
        select(changes).where(changes.c.kind == kind, changes.c.number == number)
    ).one_or_none()
    return _ref(row) if row else None


def forget_tombstones(tx: Tx, before: datetime) -> int:
    """Tombstones older than what the docs promise; from then on older cursors are refused."""
    tx.conn.execute(select(feed.c.id).where(feed.c.id == ID).with_for_update())  # as `fold` does
    # `coalesce` keeps SQLite off the index of all that changed before, which grows for ever.
    old = (changes.c.gone_at < before, func.coalesce(changes.c.at, before) < before)
    row = tx.conn.execute(select(func.count(), func.max(changes.c.seq)).where(*old)).one()
    if not row[0]:
        return 0
    tx.conn.execute(delete(changes).where(*old))
    tx.conn.execute(
        update(feed).where(feed.c.id == ID, feed.c.horizon < row[1]).values(horizon=row[1])
    )
    return int(row[0])


def _ref(row: Row[Any]) -> Ref:
    return Ref(row.kind, row.number, row.seq, row.at, row.gone_at, row.gone_because)
