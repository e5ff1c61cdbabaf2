"""Answers to many: what would go to whom, who confirmed it, and what became of each.

One person is answered once, under the newest post of theirs that was folded. Whom it goes to is
put down when the ticket is told of it, so that what is confirmed is what was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, cast, exists, func, literal, select, update

from bridge.ledger.broadcast_tables import broadcast_posts, broadcasts
from bridge.ledger.people import from_row
from bridge.ledger.posts import LIVE
from bridge.ledger.replies import OF_MANY
from bridge.ledger.store import Tx
from bridge.ledger.storm_tables import storm_posts
from bridge.ledger.storms import FOLDED
from bridge.ledger.tables import people, posts, replies
from bridge.model import AgentComment, Person

NEW, OPEN, SENDING, DONE, STOPPED, WITHDRAWN = (
    "new", "open", "sending", "done", "stopped", "withdrawn",
)  # fmt: skip
"""`NEW`: nobody has been told whom it would go to. `OPEN`: it waits for a confirmation."""

WAITING, DELIVERED, REFUSED, UNKNOWN, SKIPPED, LEFT_OUT = (
    "waiting", "delivered", "refused", "unknown", "skipped", "stopped",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One comment for many. `count` is to how many people it would go, as its note says."""

    id: int
    storm_id: int
    conversation_id: int
    reply_id: int
    text: str
    needs_second: bool
    count: int
    state: str
    confirmed_by: str
    made_at: datetime
    started_at: datetime | None
    settled_at: datetime | None

    @property
    def number(self) -> str:
        """What agents call it."""
        return f"r{self.reply_id}"


@dataclass(frozen=True, slots=True)
class Share:
    """What goes out on one account. `longest` has the longest handle, `newest_post` is a sample."""

    account: str
    count: int
    newest_post: int
    longest: Person


# ------------------------------------------------------------------ before anybody confirmed it


def make(tx: Tx, storm_id: int, conversation_id: int, reply_id: int, text: str) -> int:
    """Once for each comment."""
    made: int | None = tx.conn.execute(
        tx.insert(broadcasts)
        .values(
            storm_id=storm_id,
            conversation_id=conversation_id,
            reply_id=reply_id,
            text=text,
            made_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["reply_id"])
        .returning(broadcasts.c.id)
    ).scalar_one_or_none()
    if made is None:
        made = tx.conn.execute(
            select(broadcasts.c.id).where(broadcasts.c.reply_id == reply_id)
        ).scalar_one()
    return int(made)


def shares(tx: Tx, storm_id: int) -> tuple[Share, ...]:
    """Whom an answer would go to now, by account."""
    newest = _newest(storm_id).subquery()
    rows = tx.conn.execute(
        select(posts.c.account, func.count().label("times"), func.max(posts.c.id).label("newest"))
        .join(newest, newest.c.post_id == posts.c.id)
        .group_by(posts.c.account)
        .order_by(func.count().desc(), posts.c.account)
    ).all()
    return tuple(
        Share(row.account, row.times, row.newest, _longest(tx, storm_id, row.account))
        for row in rows
    )


def _newest(storm_id: int) -> Any:
    """Of each person the newest post that still stands. Everything a storm folded is public."""
    return (
        select(func.max(storm_posts.c.post_id).label("post_id"), storm_posts.c.person_id)
        .join(posts, posts.c.id == storm_posts.c.post_id)
        .where(
            storm_posts.c.storm_id == storm_id,
            storm_posts.c.state == FOLDED,
            posts.c.state == LIVE,
            posts.c.by_us.is_(False),
            posts.c.visibility == "public",
        )
        .group_by(storm_posts.c.person_id)
    )


def _longest(tx: Tx, storm_id: int, account: str) -> Person:
    newest = _newest(storm_id).subquery()
    row = tx.conn.execute(
        select(people)
        .join(newest, newest.c.person_id == people.c.id)
        .join(posts, posts.c.id == newest.c.post_id)
        .where(posts.c.account == account)
        .order_by(func.length(people.c.handle).desc(), people.c.id)
        .limit(1)
    ).one()
    return from_row(row)


def address(
    tx: Tx, broadcast_id: int, storm_id: int, accounts: tuple[str, ...], *, needs_second: bool
) -> int:
    """Put down whom it goes to; it waits for a confirmation from now on. How many they are."""
    newest = _newest(storm_id).subquery()
    whom = (
        select(
            literal(broadcast_id),
            newest.c.post_id,
            newest.c.person_id,
            posts.c.account,
            literal(WAITING),
            literal(0),
            literal(""),
            literal(""),
        )
        .join(posts, posts.c.id == newest.c.post_id)
        .where(posts.c.account.in_(accounts))
    )
    names = (
        "broadcast_id", "post_id", "person_id", "account", "state", "tries", "code", "because",
    )  # fmt: skip
    tx.conn.execute(broadcast_posts.insert().from_select(names, whom))
    count: int = tx.conn.execute(
        select(func.count()).where(broadcast_posts.c.broadcast_id == broadcast_id)
    ).scalar_one()
    tx.conn.execute(
        update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.state == NEW)
        .values(how_many=count, state=OPEN, needs_second=needs_second)
    )
    return count


# ------------------------------------------------------------------ what somebody decides


def confirm(tx: Tx, broadcast_id: int, by: AgentComment) -> bool:
    """It goes out. False if it has been decided already: of two at once, one does."""
    done = tx.conn.execute(
        update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.state == OPEN)
        .values(
            state=SENDING,
            started_at=tx.now,
            confirmed_by=by.author_name,
            confirmed_by_id=by.author_id,
        )
    )
    return done.rowcount > 0


def withdraw(tx: Tx, broadcast_id: int) -> bool:
    """Nothing of it goes out. False where something may be out already."""
    done = tx.conn.execute(
        update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_((NEW, OPEN)))
        .values(state=WITHDRAWN, settled_at=tx.now)
    )
    if done.rowcount:
        _leave_out(tx, broadcast_id)
    return done.rowcount > 0


def stop(tx: Tx, broadcast_id: int) -> bool:
    """What has not been sent is not sent any more. False where nothing is being sent."""
    done = tx.conn.execute(
        update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.state == SENDING)
        .values(state=STOPPED, settled_at=tx.now)
    )
    if done.rowcount:
        _leave_out(tx, broadcast_id)
    return done.rowcount > 0


def _leave_out(tx: Tx, broadcast_id: int) -> None:
    """All that wait, but for one that was begun: it may be out, and is looked up."""
    tx.conn.execute(
        update(broadcast_posts)
        .where(
            broadcast_posts.c.broadcast_id == broadcast_id,
            broadcast_posts.c.state == WAITING,
            ~is_begun(broadcast_id),
        )
        .values(state=LEFT_OUT, settled_at=tx.now)
    )


def is_begun(broadcast_id: int) -> ColumnElement[bool]:
    """Of a row of `broadcast_posts`: a reply was made for it."""
    begins = literal(f"{OF_MANY}{broadcast_id}:p")
    return exists().where(
        replies.c.comment_id == begins.concat(cast(broadcast_posts.c.post_id, Text))
    )


# ------------------------------------------------------------------ which there are


def one(tx: Tx, broadcast_id: int) -> Broadcast:
    return from_columns(
        tx.conn.execute(select(broadcasts).where(broadcasts.c.id == broadcast_id)).one()
    )


def of_reply(tx: Tx, reply_id: int) -> Broadcast | None:
    row = tx.conn.execute(select(broadcasts).where(broadcasts.c.reply_id == reply_id)).one_or_none()
    return from_columns(row) if row else None


def unsent_on(tx: Tx, helpdesk: str, ticket_id: str) -> tuple[Broadcast, ...]:
    """Those written on a ticket of which something may still go out, oldest first."""
    rows = tx.conn.execute(
        select(broadcasts)
        .join(replies, replies.c.id == broadcasts.c.reply_id)
        .where(
            replies.c.helpdesk == helpdesk,
            replies.c.ticket_id == ticket_id,
            broadcasts.c.state.in_((NEW, OPEN, SENDING)),
        )
        .order_by(broadcasts.c.id)
    )
    return tuple(from_columns(row) for row in rows)


def newest(tx: Tx, conversation_id: int, *states: str) -> Broadcast | None:
    """The last comment of an incident that is in one of these states."""
    row = tx.conn.execute(
        select(broadcasts)
        .where(broadcasts.c.conversation_id == conversation_id, broadcasts.c.state.in_(states))
        .order_by(broadcasts.c.id.desc())
        .limit(1)
    ).one_or_none()
    return from_columns(row) if row else None


def of_storm(tx: Tx, storm_id: int) -> tuple[Broadcast, ...]:
    """The newest first."""
    rows = tx.conn.execute(
        select(broadcasts).where(broadcasts.c.storm_id == storm_id).order_by(broadcasts.c.id.desc())
    )
    return tuple(from_columns(row) for row in rows)


def from_columns(row: Row[Any]) -> Broadcast:
    return Broadcast(
        id=row.id,
        storm_id=row.storm_id,
        conversation_id=row.conversation_id,
        reply_id=row.reply_id,
        text=row.text,
        needs_second=row.needs_second,
        count=row.how_many,
        state=row.state,
        confirmed_by=row.confirmed_by,
        made_at=row.made_at,
        started_at=row.started_at,
        settled_at=row.settled_at,
    )
