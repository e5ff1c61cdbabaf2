"""What waits for a person, and what a person decides about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from bridge.ledger import deliveries, intents, replies, steps
from bridge.ledger.conversations import lane_of
from bridge.ledger.service_tables import acts, holds
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations
from bridge.ledger.tables import deliveries as delivery_rows
from bridge.ledger.tables import replies as reply_rows
from bridge.ledger.tables import steps as step_rows
from bridge.model import Outcome

OPEN = "open"
WITHDRAWN = "withdrawn"
AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits for a person."""

    deliveries: int
    steps: int
    undelivered: int
    held: int
    acts: int

    @property
    def all(self) -> int:
        return self.deliveries + self.steps + self.undelivered + self.held + self.acts


@dataclass(frozen=True, slots=True)
class Stuck:
    """A reply that was not, or perhaps not, delivered, or that a guard holds back."""

    id: int
    conversation_id: int
    account: str
    ticket_id: str
    author: str
    outcome: str
    visibility: str
    attempt: int
    written_at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is set aside, without its body."""

    id: int
    source: str
    via: str
    received_at: datetime
    because: str


def counts(tx: Tx) -> Counts:
    outcome = reply_rows.c.outcome
    return Counts(
        deliveries=_count(tx, deliveries.IS_SET_ASIDE),
        steps=_count(tx, steps.IS_SET_ASIDE),
        undelivered=_count(
            tx, outcome.in_(replies.UNDELIVERED), replies.IS_NOT_OUT, replies.IS_A_COMMENT
        ),
        held=_count(tx, outcome == Outcome.HELD, replies.IS_NOT_OUT),
        acts=_count(tx, acts.c.state == "held"),
    )


def parcels(tx: Tx, most: int, before: int | None = None) -> tuple[Parcel, ...]:
    """Deliveries that could not be understood, newest first."""
    which = deliveries.IS_SET_ASIDE
    if before is not None:
        which &= delivery_rows.c.id < before
    rows = tx.conn.execute(
        select(
            delivery_rows.c.id,
            delivery_rows.c.source,
            delivery_rows.c.via,
            delivery_rows.c.received_at,
            delivery_rows.c.because,
        )
        .where(which)
        .order_by(delivery_rows.c.id.desc())
        .limit(most)
    )
    return tuple(Parcel(row.id, row.source, row.via, row.received_at, row.because) for row in rows)


def stuck(tx: Tx, outcomes: tuple[str, ...], most: int) -> tuple[Stuck, ...]:
    """Replies with one of these outcomes, newest first, each with what was last learnt of it."""
    rows = tx.conn.execute(
        select(reply_rows, conversations.c.account)
        .join(conversations, conversations.c.id == reply_rows.c.conversation_id)
        .where(reply_rows.c.outcome.in_(outcomes), replies.IS_NOT_OUT, replies.IS_A_COMMENT)
        .order_by(reply_rows.c.id.desc())
        .limit(most)
    ).all()
    found = []
    for row in rows:
        last = intents.last_outcome(tx, row.id)
        found.append(
            Stuck(
                id=row.id,
                conversation_id=row.conversation_id,
                account=row.account,
                ticket_id=row.ticket_id,
                author=row.author_name,
                outcome=row.outcome,
                visibility=row.visibility,
                attempt=row.attempt,
                written_at=row.written_at,
                because=(last.because or last.code) if last else row.because,
            )
        )
    return tuple(found)


def step(tx: Tx, step_id: int) -> steps.Step | None:
    row = tx.conn.execute(select(step_rows.c.id).where(step_rows.c.id == step_id)).first()
    return steps.one(tx, step_id) if row else None


def conversation_of(lane: str) -> int | None:
    """The conversation whose lane this is, None for another kind of lane."""
    number = lane.partition(":")[2]
    return int(number) if number.isdecimal() and lane == lane_of(int(number)) else None


def conversation_still(tx: Tx, lane: str) -> int | None:
    """The same, None also for one that was erased."""
    here = conversation_of(lane)
    found: int | None = tx.conn.execute(
        select(conversations.c.id).where(conversations.c.id == here)
    ).scalar_one_or_none()
    return found


def drop_reply_steps(tx: Tx, conversation_id: int, reply_id: int) -> None:
    """Tries of a reply that still wait in its lane are not made."""
    tx.conn.execute(
        update(step_rows)
        .where(
            step_rows.c.lane == lane_of(conversation_id),
            step_rows.c.kind == "reply",
            step_rows.c.about.startswith(f"{reply_id}:"),
            step_rows.c.state == steps.WAITING,
        )
        .values(state=steps.DISMISSED, settled_at=tx.now)
    )


def close_holds(tx: Tx, reply_id: int, state: str, by: str) -> None:
    """What held a reply back is settled, by this person."""
    tx.conn.execute(
        update(holds)
        .where(holds.c.reply_id == reply_id, holds.c.state == OPEN)
        .values(state=state, settled_at=tx.now, settled_by=by)
    )


def _count(tx: Tx, *which: ColumnElement[bool]) -> int:
    return tx.conn.execute(select(func.count()).where(*which)).scalar_one()
