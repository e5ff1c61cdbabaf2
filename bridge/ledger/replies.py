"""What agents wrote on tickets: each comment is taken up once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, or_, select, update

from bridge.ledger.shapes import Draft, draft_from_json, draft_to_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import replies
from bridge.model import AgentComment, Outcome


@dataclass(frozen=True, slots=True)
class Taken:
    """A reply taken up from the helpdesk. `draft` is what is to be sent, None for a note.

    `answers` is the post answered (the ledger's id). `overruled` means that the ticket's field
    said public and it goes privately all the same. `attempt` counts the agent's tries. `outcome`
    is "" while nothing is known yet.
    """

    id: int
    comment_id: str
    conversation_id: int
    ticket_id: str
    draft: Draft | None
    because: str
    answers: int | None
    overruled: bool
    attempt: int
    outcome: str
    written_at: datetime


def take(
    tx: Tx,
    helpdesk: str,
    comment: AgentComment,
    conversation_id: int,
    *,
    draft: Draft | None,
    because: str,
    answers: int | None,
    overruled: bool = False,
) -> int | None:
    """Take up a comment. None if it was taken up before."""
    reply_id: int | None = tx.conn.execute(
        tx.insert(replies)
        .values(
            helpdesk=helpdesk,
            comment_id=comment.id,
            conversation_id=conversation_id,
            ticket_id=comment.ticket_id,
            body=draft_to_json(draft) if draft else "",
            visibility=draft.visibility if draft else "",
            because=because,
            answers=answers,
            overruled=overruled,
            written_at=comment.created_at,
            found_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["helpdesk", "comment_id"])
        .returning(replies.c.id)
    ).scalar_one_or_none()
    return reply_id


def one(tx: Tx, reply_id: int) -> Taken | None:
    row = tx.conn.execute(select(replies).where(replies.c.id == reply_id)).one_or_none()
    return _taken(row) if row else None


def taken_ids(tx: Tx, helpdesk: str, ticket_id: str) -> frozenset[str]:
    """The ids of a ticket's comments that were taken up."""
    return frozenset(
        tx.conn.execute(
            select(replies.c.comment_id).where(
                replies.c.helpdesk == helpdesk, replies.c.ticket_id == ticket_id
            )
        ).scalars()
    )


def came_to(tx: Tx, reply_id: int, outcome: Outcome) -> None:
    tx.conn.execute(update(replies).where(replies.c.id == reply_id).values(outcome=outcome))


def next_attempt(tx: Tx, reply_id: int) -> int:
    """A person asked for another try; the number of that try."""
    attempt: int = tx.conn.execute(
        update(replies)
        .where(replies.c.id == reply_id)
        .values(attempt=replies.c.attempt + 1, outcome="")
        .returning(replies.c.attempt)
    ).scalar_one()
    return attempt


UNDELIVERED = tuple(
    str(outcome)
    for outcome in (
        Outcome.REFUSED,
        Outcome.EXPIRED,
        Outcome.NEEDS_SIGN_IN,
        Outcome.UNKNOWN,
        Outcome.REJECTED,
    )
)


def last_undelivered(tx: Tx, conversation_id: int, ticket_id: str = "") -> Taken | None:
    """The newest reply of a conversation (or written on a ticket, where it is named) that was
    not, or perhaps not, delivered."""
    here = replies.c.conversation_id == conversation_id
    if ticket_id:
        here = or_(here, replies.c.ticket_id == ticket_id)
    row = tx.conn.execute(
        select(replies)
        .where(here, replies.c.outcome.in_(UNDELIVERED))
        .order_by(replies.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _taken(row) if row else None


def undelivered(tx: Tx, most: int = 100) -> tuple[Taken, ...]:
    """Replies that wait for a person, newest first."""
    rows = tx.conn.execute(
        select(replies)
        .where(replies.c.outcome.in_(UNDELIVERED))
        .order_by(replies.c.id.desc())
        .limit(most)
    )
    return tuple(_taken(row) for row in rows)


def counts(tx: Tx) -> dict[str, int]:
    """Outcome → how many ("" is: on its way)."""
    return tx.tally(replies.c.outcome, replies.c.visibility != "")


def _taken(row: Row[tuple[object, ...]]) -> Taken:
    return Taken(
        id=row.id,
        comment_id=row.comment_id,
        conversation_id=row.conversation_id,
        ticket_id=row.ticket_id,
        draft=draft_from_json(row.body) if row.body else None,
        because=row.because,
        answers=row.answers,
        overruled=row.overruled,
        attempt=row.attempt,
        outcome=row.outcome,
        written_at=row.written_at,
    )
