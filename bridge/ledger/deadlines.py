"""By when somebody should be answered: one row for each conversation in which somebody waits.

A row whose customer no longer waits stays, `ANSWERED`, only until the ticket's field is emptied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BindParameter, Select, bindparam, delete, exists, func, select, update

from bridge.ledger.made import Insert, inserting
from bridge.ledger.service_tables import deadlines, ratings
from bridge.ledger.store import Tx
from bridge.ledger.tables import posts, receipts, replies, revisions, tickets
from bridge.model import Outcome, Visibility


class Because(StrEnum):
    """What sets the time: what the mapping promises, or the network's window."""

    TARGET = "target"
    WINDOW = "window"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Deadline:
    """`since` is when the first unanswered message was written, `nudge_at` when the ticket is
    reminded (None: it was, or there is no need) and `because` of what: of what sets the time, or
    of what ends later. `shown` is what the ticket's field holds (None: nothing of ours)."""

    conversation_id: int
    reply_by: datetime
    because: Because
    since: datetime
    nudge_at: datetime | None
    shown: datetime | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message that nobody has answered yet."""

    visibility: Visibility
    at: datetime


_HERE: BindParameter[int] = bindparam("the_conversation")
_ROW = select(deadlines).where(deadlines.c.conversation_id == _HERE)


def of(tx: Tx, conversation_id: int) -> Deadline | None:
    """By when a conversation is to be answered, None where nobody waits or nothing is promised."""
    found = row(tx, conversation_id)
    return None if found is None or found.because is Because.ANSWERED else found


def row(tx: Tx, conversation_id: int) -> Deadline | None:
    """The same, and also a row that only waits for the ticket's field to be emptied."""
    found = tx.conn.execute(_ROW, {"the_conversation": conversation_id}).one_or_none()
    if found is None:
        return None
    return Deadline(
        found.conversation_id,
        found.reply_by,
        Because(found.because),
        found.since,
        found.nudge_at,
        found.shown,
    )


def _elsewhere() -> Select[tuple[datetime]]:
    """When the account last wrote there without us."""
    sent = exists().where(
        receipts.c.far_side == posts.c.account, receipts.c.remote_id == posts.c.network_id
    )
    return select(func.max(posts.c.created_at)).where(
        posts.c.conversation_id == _HERE, posts.c.by_us.is_(True), ~sent
    )


_DELIVERED = (
    replies.c.conversation_id == _HERE,
    replies.c.outcome == Outcome.DELIVERED,
)
_ENDS = (
    select(func.max(replies.c.written_at)).where(*_DELIVERED),
    _elsewhere(),
    select(func.max(tickets.c.solved_at)).where(tickets.c.conversation_id == _HERE),
)
_TOLD = (
    select(
        posts.c.visibility,
        posts.c.created_at,
        posts.c.id,
        select(func.max(replies.c.answers)).where(*_DELIVERED).scalar_subquery(),
        func.min(revisions.c.received_at),
        *(end.scalar_subquery() for end in _ENDS),
    )
    .join(revisions, revisions.c.post_id == posts.c.id)
    .where(
        posts.c.conversation_id == _HERE,
        posts.c.by_us.is_(False),
        posts.c.state == "live",
        ~exists().where(ratings.c.post_id == posts.c.id),
    )
    .group_by(posts.c.id, posts.c.visibility, posts.c.created_at)
    .order_by(posts.c.created_at, posts.c.id)
)


def unanswered(tx: Tx, conversation_id: int) -> tuple[Unanswered, ...]:
    """What others have written, oldest first, since the last answer of ours that arrived (also
    one given in the network's own app) and since the ticket was last solved. What was heard when
    that answer was written counts as answered; ratings wait for none."""
    told = tx.conn.execute(_TOLD, {"the_conversation": conversation_id})
    return tuple(
        Unanswered(Visibility(visibility), at)
        for visibility, at, post_id, answers, heard_at, *ends in told
        if post_id > (answers or 0) and all(heard_at > end for end in ends if end is not None)
    )


def is_being_answered(tx: Tx, conversation_id: int) -> bool:
    """Whether an answer is on its way."""
    found = select(replies.c.id).where(
        replies.c.conversation_id == conversation_id,
        replies.c.visibility != "",
        replies.c.outcome.in_(("", Outcome.WILL_RETRY)),
    )
    return tx.conn.execute(found.limit(1)).first() is not None


def _putting(new: Insert) -> Insert:
    set_ = {name: new.excluded[name] for name in ("reply_by", "because", "since", "nudge_at")}
    return new.on_conflict_do_update(index_elements=["conversation_id"], set_=set_)


_PUT = inserting(deadlines, _putting)
_THIS = update(deadlines).where(deadlines.c.conversation_id == _HERE)


def put(
    tx: Tx,
    conversation_id: int,
    reply_by: datetime,
    because: Because,
    since: datetime,
    nudge_at: datetime | None,
) -> None:
    new = {"reply_by": reply_by, "because": because, "since": since, "nudge_at": nudge_at}
    tx.conn.execute(_PUT.on(tx), {"conversation_id": conversation_id, **new})


def answered(tx: Tx, conversation_id: int) -> None:
    """Nobody waits any more: the row goes, or stays until the ticket's field is emptied."""
    here = deadlines.c.conversation_id == conversation_id
    tx.conn.execute(
        update(deadlines)
        .where(here, deadlines.c.shown.is_not(None))
        .values(because=Because.ANSWERED, nudge_at=None)
    )
    tx.conn.execute(delete(deadlines).where(here, deadlines.c.shown.is_(None)))


def shown(tx: Tx, conversation_id: int, at: datetime | None) -> None:
    """What the ticket's field holds now; with nothing in it, an answered row is done with."""
    tx.conn.execute(_THIS, {"the_conversation": conversation_id, "shown": at})
    if at is None:
        here = deadlines.c.conversation_id == conversation_id
        tx.conn.execute(delete(deadlines).where(here, deadlines.c.because == str(Because.ANSWERED)))


def nudged(tx: Tx, conversation_id: int) -> None:
    """It is reminded of once."""
    here = deadlines.c.conversation_id == conversation_id
    tx.conn.execute(update(deadlines).where(here).values(nudge_at=None))


def to_nudge(tx: Tx, now: datetime, most: int = 200) -> tuple[Deadline, ...]:
    """Those that are to be reminded of by now, the longest due first."""
    ids = tx.conn.execute(
        select(deadlines.c.conversation_id)
        .where(deadlines.c.nudge_at <= now)
        .order_by(deadlines.c.nudge_at)
        .limit(most)
    ).scalars()
    return tuple(found for found in (row(tx, each) for each in ids) if found is not None)


def next_nudge(tx: Tx) -> datetime | None:
    at: datetime | None = tx.conn.execute(select(func.min(deadlines.c.nudge_at))).scalar_one()
    return at
