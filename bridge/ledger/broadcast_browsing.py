"""Answers to many as they are told: how they stand, and whom each went to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bridge.ledger.broadcast_tables import broadcast_posts
from bridge.ledger.people import from_row
from bridge.ledger.replies import OF_MANY
from bridge.ledger.store import Tx
from bridge.ledger.tables import intents, people, receipts, replies
from bridge.model import Person


@dataclass(frozen=True, slots=True)
class Came:
    """So many of one account came to this; `code` says why, where it is no success."""

    account: str
    state: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Addressed:
    """One of those whom an answer goes to, for the console. `link` leads to what was posted."""

    post_id: int
    account: str
    author: Person
    state: str
    code: str
    because: str
    settled_at: datetime | None
    link: str


def came_to(tx: Tx, broadcast_id: int) -> tuple[Came, ...]:
    """How it stands, by account, state and reason."""
    here = broadcast_posts
    rows = tx.conn.execute(
        select(here.c.account, here.c.state, here.c.code, func.count().label("times"))
        .where(here.c.broadcast_id == broadcast_id)
        .group_by(here.c.account, here.c.state, here.c.code)
        .order_by(here.c.account, here.c.state, here.c.code)
    )
    return tuple(Came(row.account, row.state, row.code, row.times) for row in rows)


def addressed(tx: Tx, broadcast_id: int, after: int, most: int) -> tuple[Addressed, ...]:
    """Whom it goes to, by the ledger's number of the post; `after` is the last one seen."""
    mark = f"{OF_MANY}{broadcast_id}:p"
    rows = tx.conn.execute(
        select(
            broadcast_posts.c.post_id,
            broadcast_posts.c.account,
            broadcast_posts.c.state,
            broadcast_posts.c.code,
            broadcast_posts.c.because,
            broadcast_posts.c.settled_at,
            people,
        )
        .join(people, people.c.id == broadcast_posts.c.person_id)
        .where(broadcast_posts.c.broadcast_id == broadcast_id, broadcast_posts.c.post_id > after)
        .order_by(broadcast_posts.c.post_id)
        .limit(most)
    ).all()
    links = {
        row.comment_id: row.permalink
        for row in tx.conn.execute(
            select(replies.c.comment_id, receipts.c.permalink)
            .join(intents, intents.c.reply_id == replies.c.id)
            .join(receipts, receipts.c.intent_id == intents.c.id)
            .where(replies.c.comment_id.in_([f"{mark}{row.post_id}" for row in rows]))
        )
    }
    return tuple(
        Addressed(
            row.post_id,
            row.account,
            from_row(row),
            row.state,
            row.code,
            row.because,
            row.settled_at,
            links.get(f"{mark}{row.post_id}", ""),
        )
        for row in rows
    )
