"""How satisfied customers are: one row for each solved ticket that is, or was, to be asked about.

A row without `asked_at` waits to be asked; one that is not to be asked is taken away again, and
the trail says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, func, select, update

from bridge.ledger.service_tables import ratings
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, people


@dataclass(frozen=True, slots=True)
class Rating:
    """`answered_at` is set by the customer's next message, whether or not it held a score."""

    id: int
    ticket_id: str
    conversation_id: int
    account: str
    solved_at: datetime
    asked_at: datetime | None
    answered_at: datetime | None
    score: int | None


def expect(
    tx: Tx, helpdesk: str, ticket_id: str, conversation_id: int, account: str, solved_at: datetime
) -> None:
    """A ticket was solved: it may be asked about, unless it was already."""
    tx.conn.execute(
        tx.insert(ratings)
        .values(
            helpdesk=helpdesk,
            ticket_id=ticket_id,
            conversation_id=conversation_id,
            account=account,
            solved_at=solved_at,
        )
        .on_conflict_do_nothing(index_elements=["helpdesk", "ticket_id"])
    )


def one(tx: Tx, rating_id: int) -> Rating | None:
    found = tx.conn.execute(select(ratings).where(ratings.c.id == rating_id)).one_or_none()
    return _rating(found) if found else None


def to_ask(tx: Tx) -> tuple[Rating, ...]:
    """What waits to be asked, solved first first."""
    rows = tx.conn.execute(
        select(ratings).where(ratings.c.asked_at.is_(None)).order_by(ratings.c.solved_at)
    )
    return tuple(_rating(row) for row in rows)


def asked(tx: Tx, rating_id: int) -> bool:
    """From here on the customer's next message may be the answer. False if it is not to be asked
    any more."""
    standing = tx.conn.execute(
        update(ratings)
        .where(ratings.c.id == rating_id)
        .values(asked_at=func.coalesce(ratings.c.asked_at, tx.now))
        .returning(ratings.c.id)
    )
    return standing.one_or_none() is not None


def not_asked(tx: Tx, rating_id: int) -> None:
    tx.conn.execute(
        delete(ratings).where(ratings.c.id == rating_id, ratings.c.answered_at.is_(None))
    )


def drop_unasked(tx: Tx, helpdesk: str, ticket_id: str) -> None:
    """The ticket is open again: there is nothing to ask yet."""
    tx.conn.execute(
        delete(ratings).where(
            ratings.c.helpdesk == helpdesk,
            ratings.c.ticket_id == ticket_id,
            ratings.c.asked_at.is_(None),
        )
    )


def awaited(
    tx: Tx, account: str, network: str, network_id: str, since: datetime
) -> tuple[Rating, ...]:
    """The questions put to a person since an instant that they have not answered, newest first."""
    rows = tx.conn.execute(
        select(ratings)
        .join(conversations, conversations.c.id == ratings.c.conversation_id)
        .join(people, people.c.id == conversations.c.person_id)
        .where(
            ratings.c.account == account,
            people.c.network == network,
            people.c.network_id == network_id,
            ratings.c.asked_at >= since,
            ratings.c.answered_at.is_(None),
        )
        .order_by(ratings.c.asked_at.desc(), ratings.c.id.desc())
    )
    return tuple(_rating(row) for row in rows)


def answered(tx: Tx, rating_id: int, score: int | None, post_id: int | None) -> None:
    """The customer has written again. `post_id` is the post that is nothing but the score."""
    tx.conn.execute(
        update(ratings)
        .where(ratings.c.id == rating_id, ratings.c.answered_at.is_(None))
        .values(answered_at=tx.now, score=score, post_id=post_id)
    )


def _rating(row: Row[tuple[object, ...]]) -> Rating:
    return Rating(
        id=row.id,
        ticket_id=row.ticket_id,
        conversation_id=row.conversation_id,
        account=row.account,
        solved_at=row.solved_at,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        score=row.score,
    )
