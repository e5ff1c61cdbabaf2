"""Storms: which posts were folded into which incident.

Joining a storm only adds a row, under a lock that is shared (`like`): accounts do not wait for each
other. Only the end of a storm needs it for itself, and does not wait for it either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    delete,
    func,
    select,
    text,
    update,
)

from bridge.ledger.posts import LIVE
from bridge.ledger.store import Tx
from bridge.ledger.storm_lately import among
from bridge.ledger.storm_tables import storm_keys, storm_posts, storms
from bridge.ledger.tables import people, posts
from bridge.model import Person

FOLDED, BESIDE, LEFT = "folded", "beside", "left"
"""In the incident; with a ticket of its own because it came before there was one; with a ticket of
its own since it was edited."""


@dataclass(frozen=True, slots=True)
class Storm:
    """`post_id` is the post that all others are compared with, by `sketch` (packed) and `named`
    (digests of what it names); None where its author was erased and nobody else is in it."""

    id: int
    conversation_id: int
    post_id: int | None
    sketch: bytes
    named: frozenset[str]
    begun_at: datetime
    ended_at: datetime | None

    @property
    def name(self) -> str:
        return f"s{self.id}"


@dataclass(frozen=True, slots=True)
class Member:
    """How a post stands to a storm. `shown`: its words are on the incident's ticket."""

    post_id: int
    storm_id: int
    person_id: int
    state: str
    likeness: float
    shown: bool


# ------------------------------------------------------------------ storms


def like(tx: Tx, helpdesk: str, keys: Iterable[str]) -> tuple[Storm, ...]:
    """Open storms that share a key. They stay open until the transaction ends."""
    shared = select(storm_keys.c.storm_id).where(among(tx, storm_keys.c.key, keys))
    rows = tx.conn.execute(
        select(storms)
        .where(storms.c.id.in_(shared), storms.c.helpdesk == helpdesk, storms.c.ended_at.is_(None))
        .order_by(storms.c.id)
        .with_for_update(read=True)
    )
    return tuple(_storm(row) for row in rows)


def may_begin(tx: Tx) -> bool:
    """Whether nobody else is beginning one: two at once could be the same. Never waits."""
    if not tx.postgres:
        return True  # writers take turns
    lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended('bridge storms', 0))")
    return bool(tx.conn.execute(lock).scalar_one())


def begin(
    tx: Tx,
    helpdesk: str,
    conversation_id: int,
    sketch: bytes,
    named: frozenset[str],
    keys: Iterable[str],
) -> Storm:
    """A new storm around a post that is to follow (`centre`); only where `may_begin`."""
    row = tx.conn.execute(
        storms.insert()
        .values(
            helpdesk=helpdesk,
            conversation_id=conversation_id,
            sketch=sketch,
            named=" ".join(sorted(named)),
            begun_at=tx.now,
        )
        .returning(storms)
    ).one()
    be_found(tx, row.id, keys)
    return _storm(row)


def be_found(tx: Tx, storm_id: int, keys: Iterable[str]) -> None:
    """By what shares any of these."""
    rows = [{"key": key, "storm_id": storm_id} for key in dict.fromkeys(keys)]
    tx.conn.execute(storm_keys.insert().inline(), rows)


def centre(tx: Tx, storm_id: int, post_id: int) -> None:
    tx.conn.execute(update(storms).where(storms.c.id == storm_id).values(post_id=post_id))


def if_open(tx: Tx, storm_id: int) -> Storm | None:
    """A storm that is not over, and stays open until the transaction ends."""
    row = tx.conn.execute(
        select(storms)
        .where(storms.c.id == storm_id, storms.c.ended_at.is_(None))
        .with_for_update(read=True)
    ).one_or_none()
    return _storm(row) if row else None


def join(
    tx: Tx,
    storm_id: int,
    post_id: int,
    person_id: int,
    state: str,
    likeness: float,
    said_at: datetime,
) -> None:
    """A post belongs to a storm. One that belongs to another already stays there."""
    tx.conn.execute(
        tx.insert(storm_posts)
        .values(
            post_id=post_id,
            storm_id=storm_id,
            person_id=person_id,
            state=state,
            likeness=likeness,
            said_at=said_at,
            joined_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["post_id"])
    )


def beside(tx: Tx, storm_id: int, post_ids: dict[int, float]) -> None:
    """What was said before the storm was noticed, each with its likeness."""
    rows = tx.conn.execute(
        select(posts.c.id, posts.c.person_id, posts.c.created_at)
        .where(posts.c.id.in_(tuple(post_ids)), posts.c.person_id.is_not(None))
        .order_by(posts.c.id)
    ).all()
    for row in rows:
        join(tx, storm_id, row.id, row.person_id, BESIDE, post_ids[row.id], row.created_at)


def member(tx: Tx, post_id: int) -> Member | None:
    """How a post stands to a storm, None for one that has nothing to do with any."""
    row = tx.conn.execute(select(storm_posts).where(storm_posts.c.post_id == post_id)).one_or_none()
    return _member(row) if row else None


def member_still(tx: Tx, post_id: int) -> Member | None:
    """The same, and so it stays until the transaction ends: its words are shown by nobody
    meanwhile (`show`)."""
    row = tx.conn.execute(
        select(storm_posts).where(storm_posts.c.post_id == post_id).with_for_update()
    ).one_or_none()
    return _member(row) if row else None


def one(tx: Tx, storm_id: int) -> Storm:
    return _storm(tx.conn.execute(select(storms).where(storms.c.id == storm_id)).one())


def of_conversation(tx: Tx, conversation_id: int) -> Storm | None:
    """The storm whose incident a conversation is."""
    row = tx.conn.execute(
        select(storms).where(storms.c.conversation_id == conversation_id)
    ).one_or_none()
    return _storm(row) if row else None


def open_ones(tx: Tx, helpdesk: str) -> tuple[Storm, ...]:
    """Those that are not over, the oldest first."""
    rows = tx.conn.execute(
        select(storms)
        .where(storms.c.helpdesk == helpdesk, storms.c.ended_at.is_(None))
        .order_by(storms.c.id)
    )
    return tuple(_storm(row) for row in rows)


def leave(tx: Tx, post_id: int) -> None:
    """It has a ticket of its own from now on."""
    tx.conn.execute(update(storm_posts).where(storm_posts.c.post_id == post_id).values(state=LEFT))


def end_if_quiet(tx: Tx, storm_id: int, before: datetime) -> bool:
    """End a storm that nobody joined since `before`. False also where somebody may be joining."""
    free = tx.conn.execute(
        select(storms.c.id)
        .where(storms.c.id == storm_id, storms.c.ended_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if free is None:
        return False
    newest: datetime | None = tx.conn.execute(
        select(func.max(storm_posts.c.joined_at)).where(storm_posts.c.storm_id == storm_id)
    ).scalar_one()
    if newest is not None and newest > before:
        return False
    tx.conn.execute(update(storms).where(storms.c.id == storm_id).values(ended_at=tx.now))
    tx.conn.execute(delete(storm_keys).where(storm_keys.c.storm_id == storm_id))
    return True


# ------------------------------------------------------------------ who writes again


def newest_of(tx: Tx, account: str, person: Person) -> int | None:
    """The last post of somebody on an account that was folded, None for none."""
    return _newest(tx, account, person)


def newest_in_thread(tx: Tx, account: str, person: Person, thread_id: str) -> int | None:
    """The same, in one thread."""
    return _newest(tx, account, person, posts.c.thread_id == thread_id)


def _newest(tx: Tx, account: str, person: Person, *where: Any) -> int | None:
    found: int | None = tx.conn.execute(
        select(storm_posts.c.post_id)
        .join(people, people.c.id == storm_posts.c.person_id)
        .join(posts, posts.c.id == storm_posts.c.post_id)
        .where(
            people.c.network == person.network,
            people.c.network_id == person.id,
            storm_posts.c.state == FOLDED,
            posts.c.account == account,
            posts.c.state == LIVE,
            *where,
        )
        .order_by(storm_posts.c.post_id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found


def _storm(row: Row[Any]) -> Storm:
    return Storm(
        id=row.id,
        conversation_id=row.conversation_id,
        post_id=row.post_id,
        sketch=row.sketch,
        named=frozenset(row.named.split()),
        begun_at=row.begun_at,
        ended_at=row.ended_at,
    )


def _member(row: Row[Any]) -> Member:
    return Member(
        post_id=row.post_id,
        storm_id=row.storm_id,
        person_id=row.person_id,
        state=row.state,
        likeness=row.likeness,
        shown=row.shown,
    )
