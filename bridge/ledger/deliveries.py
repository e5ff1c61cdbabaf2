"""What arrived, exactly as it arrived. Committed before it is acknowledged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, Row, bindparam, literal_column, select, update

from bridge.ledger.store import Tx
from bridge.ledger.tables import deliveries

WAITING, DONE, IGNORED, SET_ASIDE, DISMISSED, ERASED = (
    "waiting",
    "done",
    "ignored",
    "set_aside",
    "dismissed",
    "erased",
)


SETTLED = (DONE, IGNORED, DISMISSED)
"""Nobody will look at these again."""

IS_SET_ASIDE = deliveries.c.state == literal_column(f"'{SET_ASIDE}'")
"""As the index over these says it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`source` is an account's name, or the helpdesk's; `about` a hint such as a ticket's id.
    `emptied_at` is when its body was let go, None while it is kept."""

    id: int
    source: str
    key: str
    via: str
    about: str
    body: bytes
    received_at: datetime
    state: str
    because: str
    emptied_at: datetime | None


_ALL_WAITING = (
    select(deliveries)
    .where(
        deliveries.c.source == bindparam("the_source"),
        deliveries.c.state == WAITING,
        deliveries.c.settled_at.is_(None),
    )
    .order_by(deliveries.c.id)
)
_WAITING = _ALL_WAITING.limit(bindparam("most", type_=Integer))
_THIS = update(deliveries).where(deliveries.c.id == bindparam("the_delivery"))


def receive(tx: Tx, *, source: str, key: str, via: str, body: bytes, about: str = "") -> int | None:
    """Keep a delivery. None if this very delivery is already here, or was and has been erased
    with its author: that is success too.

    One that was set aside does not stand in the way of another form of the same item (read, where
    it had been pushed): that is kept under a key of its own.
    """
    erased = select(deliveries.c.id).where(
        deliveries.c.source == source, deliveries.c.key == erased_key(key)
    )
    if tx.conn.execute(erased).first() is not None:
        return None
    new_id = _insert(tx, source, key, via, body, about)
    if new_id is None:
        there = tx.conn.execute(
            select(deliveries.c.state, deliveries.c.body).where(
                deliveries.c.source == source, deliveries.c.key == key
            )
        ).one_or_none()
        if there is not None and there.state == SET_ASIDE and bytes(there.body) != body:
            other = f"{key}:{hashlib.sha256(body).hexdigest()}"
            new_id = _insert(tx, source, other, via, body, about)
    return new_id


def _insert(tx: Tx, source: str, key: str, via: str, body: bytes, about: str) -> int | None:
    new_id: int | None = tx.conn.execute(
        tx.insert(deliveries)
        .values(source=source, key=key, via=via, about=about, body=body, received_at=tx.now)
        .on_conflict_do_nothing(index_elements=["source", "key"])
        .returning(deliveries.c.id)
    ).scalar_one_or_none()
    return new_id


def next_waiting(tx: Tx, source: str, most: int) -> tuple[Delivery, ...]:
    """The oldest deliveries of a source that nobody has looked at."""
    rows = tx.conn.execute(_WAITING, {"the_source": source, "most": most})
    return tuple(_delivery(row) for row in rows)


def waiting(tx: Tx, source: str) -> Iterator[Delivery]:
    """All of them, one by one."""
    rows = tx.conn.execute(_ALL_WAITING, {"the_source": source})
    return (_delivery(row) for row in rows)


def settle(tx: Tx, delivery_id: int, state: str, because: str = "") -> None:
    settled = {"state": state, "because": because, "settled_at": tx.now}
    tx.conn.execute(_THIS, {"the_delivery": delivery_id, **settled})


def one(tx: Tx, delivery_id: int) -> Delivery | None:
    row = tx.conn.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one_or_none()
    return _delivery(row) if row else None


def id_of(tx: Tx, source: str, key: str) -> int:
    """The id of a delivery that is here, or was and has been erased."""
    found: int = tx.conn.execute(
        select(deliveries.c.id).where(
            deliveries.c.source == source, deliveries.c.key.in_((key, erased_key(key)))
        )
    ).scalar_one()
    return found


def erased_key(key: str) -> str:
    """What is left of the key of an erased delivery: enough to know it again, and no more."""
    return f"erased:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def erase(tx: Tx, delivery_id: int) -> None:
    """Nothing is left of a delivery but that it was there."""
    key = tx.conn.execute(
        select(deliveries.c.key).where(deliveries.c.id == delivery_id)
    ).scalar_one()
    tx.conn.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.state != ERASED)
        .values(
            key=erased_key(key),
            body=b"",
            about="",
            because="",
            state=ERASED,
            settled_at=tx.now,
            emptied_at=tx.now,
        )
    )


def empty(tx: Tx, delivery_id: int) -> None:
    """Let go of the body of a delivery that quotes somebody who is erased."""
    tx.conn.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(body=b"", because="", emptied_at=tx.now)
    )


def kept(tx: Tx, after: int, most: int) -> tuple[Delivery, ...]:
    """Deliveries that are settled or set aside and whose bodies are kept, in order."""
    rows = tx.conn.execute(
        select(deliveries)
        .where(
            deliveries.c.id > after,
            deliveries.c.emptied_at.is_(None),
            deliveries.c.state != WAITING,
        )
        .order_by(deliveries.c.id)
        .limit(most)
    )
    return tuple(_delivery(row) for row in rows)


def again(tx: Tx, delivery_id: int) -> str | None:
    """A person asks for a set-aside delivery to be looked at once more. Its source, None if no
    such delivery is set aside."""
    return _unset_aside(tx, delivery_id, state=WAITING, because="", settled_at=None)


def dismiss(tx: Tx, delivery_id: int) -> str | None:
    """A person says that a set-aside delivery needs nothing. Its source, None as above."""
    return _unset_aside(tx, delivery_id, state=DISMISSED, settled_at=tx.now)


def _unset_aside(tx: Tx, delivery_id: int, **values: object) -> str | None:
    source: str | None = tx.conn.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.state == SET_ASIDE)
        .values(**values)
        .returning(deliveries.c.source)
    ).scalar_one_or_none()
    return source


def set_aside(tx: Tx, most: int = 100) -> tuple[Delivery, ...]:
    """What could not be understood, newest first."""
    rows = tx.conn.execute(
        select(deliveries).where(IS_SET_ASIDE).order_by(deliveries.c.id.desc()).limit(most)
    )
    return tuple(_delivery(row) for row in rows)


def empty_settled(tx: Tx, before: datetime, most: int) -> int:
    """Let go of the bodies of up to so many deliveries settled before an instant; the keys stay,
    so that the same delivery is still known. How many those were."""
    old = (
        select(deliveries.c.id)
        .where(
            deliveries.c.emptied_at.is_(None),
            deliveries.c.settled_at < before,
            deliveries.c.state.in_(SETTLED),
        )
        .order_by(deliveries.c.settled_at)
        .limit(most)
    )
    return tx.conn.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(old.scalar_subquery()))
        .values(body=b"", emptied_at=tx.now)
    ).rowcount


def counts(tx: Tx) -> dict[str, int]:
    """State → how many. It reads all there are: `unsettled` tells what must be watched."""
    return tx.tally(deliveries.c.state)


def unsettled(tx: Tx) -> dict[str, int]:
    """How many wait, for the bridge and for a person; it reads those alone."""
    waiting = tx.tally(deliveries.c.state, deliveries.c.settled_at.is_(None))
    return waiting | tx.tally(deliveries.c.state, IS_SET_ASIDE)


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        source=row.source,
        key=row.key,
        via=row.via,
        about=row.about,
        body=bytes(row.body),
        received_at=row.received_at,
        state=row.state,
        because=row.because,
        emptied_at=row.emptied_at,
    )
