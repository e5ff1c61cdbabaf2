"""What agents wrote on tickets: each comment is taken up once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, literal_column, or_, select, update

from bridge.ledger.shapes import Draft, draft_from_json, draft_to_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import replies
from bridge.model import AgentComment, Outcome, Visibility

IS_NOT_OUT = replies.c.outcome != literal_column(f"'{Outcome.DELIVERED}'")
"""As the index over these says it."""


OF_MANY = "many:"
"""How the `comment_id` of an answer to one of many begins: it is no comment's of its own."""


IS_A_COMMENT = ~replies.c.comment_id.startswith(OF_MANY, autoescape=True)
"""Nobody decides about one of an answer to many: what became of it is counted, and told at its
end."""


IS_UNSENT = (
    IS_NOT_OUT,
    replies.c.visibility != "",
    replies.c.outcome.not_in((Outcome.WITHDRAWN, Outcome.PENDING_MODERATION)),
    IS_A_COMMENT,
)
"""An answer that waits, or may be tried once more."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A reply taken up from the helpdesk. `draft` is what is to be sent, None for a note.

    `answers` is the post answered (the ledger's id). `overruled` means that the ticket's field
    said public and it goes privately all the same. `attempt` counts the agent's tries. `outcome`
    is "" while nothing is known yet. `author_id` and `author_name` are the agent, as the helpdesk
    knows them.
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
    author_id: str = ""
    author_name: str = ""


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
            author_id=comment.author_id,
            author_name=comment.author_name,
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
    return _comments_on(tx, helpdesk, ticket_id)


def taken_among(tx: Tx, helpdesk: str, comment_ids: Collection[str]) -> frozenset[str]:
    """Those comments that were taken up."""
    return frozenset(
        tx.conn.execute(
            select(replies.c.comment_id).where(
                replies.c.helpdesk == helpdesk, replies.c.comment_id.in_(comment_ids)
            )
        ).scalars()
    )


def for_nobody(tx: Tx, helpdesk: str, ticket_id: str) -> frozenset[str]:
    """The ids of a ticket's comments that were taken up, and of which nothing is for the
    customer."""
    return _comments_on(tx, helpdesk, ticket_id, replies.c.visibility == "")


def for_somebody(tx: Tx, helpdesk: str, ticket_id: str) -> frozenset[str]:
    """The ids of a ticket's comments that were taken up for the customer."""
    return _comments_on(tx, helpdesk, ticket_id, replies.c.visibility != "")


UNSAID = (Outcome.HELD, Outcome.WITHDRAWN, Outcome.REFUSED, Outcome.EXPIRED)
"""What became of an answer that nobody has read."""


def public_on(tx: Tx, helpdesk: str, ticket_id: str) -> frozenset[str]:
    """The ids of a ticket's comments that went out in public, or are on their way."""
    how = (replies.c.visibility == Visibility.PUBLIC, replies.c.outcome.not_in(UNSAID))
    return _comments_on(tx, helpdesk, ticket_id, *how)


def not_sent(tx: Tx, helpdesk: str, ticket_id: str, because: str) -> frozenset[str]:
    """The ids of a ticket's comments that were taken up and not sent, for this very reason."""
    how = (replies.c.visibility == "", replies.c.because == because)
    return _comments_on(tx, helpdesk, ticket_id, *how)


def _comments_on(
    tx: Tx, helpdesk: str, ticket_id: str, *how: ColumnElement[bool]
) -> frozenset[str]:
    here = (replies.c.helpdesk == helpdesk, replies.c.ticket_id == ticket_id)
    return frozenset(tx.conn.execute(select(replies.c.comment_id).where(*here, *how)).scalars())


def unsent_on(tx: Tx, helpdesk: str, ticket_id: str) -> tuple[Taken, ...]:
    """The answers on a ticket that wait or may be tried once more, oldest first."""
    rows = tx.conn.execute(
        select(replies)
        .where(replies.c.helpdesk == helpdesk, replies.c.ticket_id == ticket_id, *IS_UNSENT)
        .order_by(replies.c.id)
    )
    return tuple(_taken(row) for row in rows)


def tickets_waiting(tx: Tx, helpdesk: str, ticket_ids: Collection[str]) -> frozenset[str]:
    """Those tickets on which such answers are."""
    return frozenset(
        tx.conn.execute(
            select(replies.c.ticket_id).where(
                replies.c.helpdesk == helpdesk, replies.c.ticket_id.in_(ticket_ids), *IS_UNSENT
            )
        ).scalars()
    )


def is_answered_since(tx: Tx, conversation_id: int, at: datetime) -> bool:
    """Whether an agent has written an answer in a conversation since, sent or not."""
    found = select(replies.c.id).where(
        replies.c.conversation_id == conversation_id,
        replies.c.visibility != "",
        replies.c.written_at >= at,
    )
    return tx.conn.execute(found.limit(1)).first() is not None


def is_delivered(tx: Tx, conversation_id: int) -> bool:
    """Whether any answer of an agent has arrived in a conversation."""
    found = select(replies.c.id).where(
        replies.c.conversation_id == conversation_id, replies.c.outcome == Outcome.DELIVERED
    )
    return tx.conn.execute(found.limit(1)).first() is not None


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


def go_private(tx: Tx, reply_id: int, because: str) -> None:
    """A public reply is to be sent privately instead."""
    row = tx.conn.execute(select(replies.c.body).where(replies.c.id == reply_id)).one()
    draft = replace(draft_from_json(row.body), visibility=Visibility.PRIVATE)
    tx.conn.execute(
        update(replies)
        .where(replies.c.id == reply_id)
        .values(body=draft_to_json(draft), visibility=draft.visibility, because=because)
    )


def count_public(tx: Tx, author_id: str, most: int) -> int:
    """How many public replies of an agent have arrived, counted up to `most`."""
    arrived = (
        select(replies.c.id)
        .where(
            replies.c.author_id == author_id,
            replies.c.visibility == Visibility.PUBLIC,
            replies.c.outcome == Outcome.DELIVERED,
        )
        .limit(most)
    )
    found: int = tx.conn.execute(select(func.count()).select_from(arrived.subquery())).scalar_one()
    return found


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


def newest(
    tx: Tx, conversation_id: int, ticket_id: str = "", *, failed: bool = False
) -> Taken | None:
    """The last answer of a conversation (or written on a ticket, where it is named), `failed` the
    last that was not, or perhaps not, delivered. A note, of which nothing ever comes, is none."""
    here = replies.c.conversation_id == conversation_id
    if ticket_id:
        here = or_(here, replies.c.ticket_id == ticket_id)
    is_answer = or_(replies.c.visibility != "", replies.c.outcome != "")
    row = tx.conn.execute(
        select(replies)
        .where(here, replies.c.outcome.in_(UNDELIVERED) if failed else is_answer, IS_A_COMMENT)
        .order_by(replies.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _taken(row) if row else None


def last_undelivered(tx: Tx, conversation_id: int, ticket_id: str = "") -> Taken | None:
    """The newest answer, if it was not, or perhaps not, delivered. One before it is left alone:
    what was written after it has taken its place."""
    last = newest(tx, conversation_id, ticket_id)
    return last if last is not None and last.outcome in UNDELIVERED else None


def undelivered(tx: Tx, most: int = 100) -> tuple[Taken, ...]:
    """Replies that wait for a person, newest first."""
    rows = tx.conn.execute(
        select(replies)
        .where(replies.c.outcome.in_(UNDELIVERED), IS_NOT_OUT, IS_A_COMMENT)
        .order_by(replies.c.id.desc())
        .limit(most)
    )
    return tuple(_taken(row) for row in rows)


def counts(tx: Tx) -> dict[str, int]:
    """Outcome → how many ("" is: on its way). It reads all there are: `not_out` tells what must be
    watched."""
    return tx.tally(replies.c.outcome, replies.c.visibility != "")


def not_out(tx: Tx) -> dict[str, int]:
    """The same of all that were not delivered; it reads those alone."""
    return tx.tally(replies.c.outcome, replies.c.visibility != "", IS_NOT_OUT)


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
        author_id=row.author_id,
        author_name=row.author_name,
    )
