"""Answers to many on their way: who is next, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from bridge.ledger.broadcast_tables import broadcast_posts, broadcasts
from bridge.ledger.broadcasts import (
    DELIVERED,
    DONE,
    REFUSED,
    SENDING,
    STOPPED,
    UNKNOWN,
    WAITING,
    Broadcast,
    from_columns,
    is_begun,
)
from bridge.ledger.posts import LIVE
from bridge.ledger.replies import OF_MANY
from bridge.ledger.service_tables import acts
from bridge.ledger.store import Tx
from bridge.ledger.storm_tables import storm_posts
from bridge.ledger.storms import FOLDED
from bridge.ledger.tables import conversations, intents, posts, receipts, replies
from bridge.model import Act


@dataclass(frozen=True, slots=True)
class Due:
    """The next to be sent on an account."""

    broadcast: Broadcast
    post_id: int
    person_id: int
    tries: int


@dataclass(frozen=True, slots=True)
class Went:
    """An answer to many that went out under a post, or may have. `link` leads to it, "" if nobody
    knows where."""

    number: str
    is_delivered: bool
    link: str


def comment_id(broadcast: Broadcast, post_id: int) -> str:
    return f"{OF_MANY}{broadcast.id}:p{post_id}"


def reply_to(tx: Tx, broadcast: Broadcast, post_id: int) -> int | None:
    """The reply that a post is answered with, None where it was not begun."""
    found: int | None = tx.conn.execute(
        select(replies.c.id).where(replies.c.comment_id == comment_id(broadcast, post_id))
    ).scalar_one_or_none()
    return found


def accounts_of(tx: Tx, broadcast_id: int) -> tuple[str, ...]:
    """On which accounts something waits."""
    return tuple(
        tx.conn.execute(
            select(broadcast_posts.c.account)
            .where(
                broadcast_posts.c.broadcast_id == broadcast_id,
                broadcast_posts.c.state == WAITING,
            )
            .distinct()
            .order_by(broadcast_posts.c.account)
        ).scalars()
    )


def due(tx: Tx, account: str) -> Due | None:
    """What an account has to send next: of the oldest, whoever was tried least."""
    row = tx.conn.execute(
        select(broadcasts, broadcast_posts)
        .join(broadcasts, broadcasts.c.id == broadcast_posts.c.broadcast_id)
        .where(
            broadcast_posts.c.account == account,
            broadcast_posts.c.state == WAITING,
            broadcasts.c.state.in_((SENDING, STOPPED)),
        )
        .order_by(
            broadcast_posts.c.broadcast_id, broadcast_posts.c.tries, broadcast_posts.c.post_id
        )
        .limit(1)
        .with_only_columns(
            broadcasts,
            broadcast_posts.c.post_id,
            broadcast_posts.c.person_id,
            broadcast_posts.c.tries,
        )
    ).one_or_none()
    return Due(from_columns(row), row.post_id, row.person_id, row.tries) if row else None


def may_begin(tx: Tx, due: Due) -> bool:
    """Whether it still goes out: nobody has stopped it since it was found due, nobody was erased
    and nobody taken out. Whoever would stop it now waits until the transaction ends, and sees that
    it begun."""
    state = tx.conn.execute(
        select(broadcasts.c.state).where(broadcasts.c.id == due.broadcast.id).with_for_update()
    ).scalar_one_or_none()
    waits = select(broadcast_posts.c.post_id).where(
        broadcast_posts.c.broadcast_id == due.broadcast.id,
        broadcast_posts.c.post_id == due.post_id,
        broadcast_posts.c.state == WAITING,
    )
    inside = select(storm_posts.c.post_id).where(
        storm_posts.c.post_id == due.post_id, storm_posts.c.state == FOLDED
    )
    return state == SENDING and all(
        tx.conn.execute(each).first() is not None for each in (waits, inside)
    )


def tried(tx: Tx, due: Due) -> None:
    """It did not work this time: the others first."""
    tx.conn.execute(
        update(broadcast_posts)
        .where(
            broadcast_posts.c.broadcast_id == due.broadcast.id,
            broadcast_posts.c.post_id == due.post_id,
        )
        .values(tries=broadcast_posts.c.tries + 1)
    )


def settle(tx: Tx, due: Due, state: str, code: str = "", because: str = "") -> bool:
    """What became of one. True for the last one of all."""
    tx.conn.execute(  # two accounts may end at once: one of them is the last
        select(broadcasts.c.id).where(broadcasts.c.id == due.broadcast.id).with_for_update()
    )
    tx.conn.execute(
        update(broadcast_posts)
        .where(
            broadcast_posts.c.broadcast_id == due.broadcast.id,
            broadcast_posts.c.post_id == due.post_id,
            broadcast_posts.c.state == WAITING,
        )
        .values(state=state, code=code, because=because, settled_at=tx.now)
    )
    return end_if_done(tx, due.broadcast.id)


def end_if_done(tx: Tx, broadcast_id: int) -> bool:
    """True where nothing waits any more, for the first who sees it."""
    waits = select(broadcast_posts.c.post_id).where(
        broadcast_posts.c.broadcast_id == broadcast_id, broadcast_posts.c.state == WAITING
    )
    if tx.conn.execute(waits.limit(1)).first() is not None:
        return False
    done = tx.conn.execute(
        update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.state == SENDING)
        .values(state=DONE, settled_at=tx.now)
    )
    return done.rowcount > 0


def why_not(tx: Tx, due: Due) -> str:
    """Why somebody is not answered after all, "" if nothing speaks against it: the code of it."""
    row = tx.conn.execute(
        select(posts.c.state, posts.c.account, posts.c.created_at, storm_posts.c.state.label("as_"))
        .outerjoin(storm_posts, storm_posts.c.post_id == posts.c.id)
        .where(posts.c.id == due.post_id)
    ).one()
    if row.state != LIVE:
        return "gone"
    if row.as_ != FOLDED:
        return "own_ticket"
    last: str | None = tx.conn.execute(
        select(acts.c.act)
        .join(posts, posts.c.id == acts.c.post_id)
        .where(
            posts.c.person_id == due.person_id,
            acts.c.act.in_((Act.BLOCK, Act.UNBLOCK)),
            acts.c.state == "done",
        )
        .order_by(acts.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if last == Act.BLOCK:
        return "blocked"
    own = select(conversations.c.id).where(
        conversations.c.person_id == due.person_id,
        conversations.c.account == row.account,
        conversations.c.ticket_id != "",
        conversations.c.last_word_at >= row.created_at,
    )
    return "own_ticket" if tx.conn.execute(own.limit(1)).first() is not None else ""


def went_under(tx: Tx, post_id: int) -> tuple[Went, ...]:
    """The answers to many that a post was answered with, the oldest first."""
    rows = tx.conn.execute(
        select(broadcast_posts.c.broadcast_id, broadcast_posts.c.state, broadcasts.c.reply_id)
        .join(broadcasts, broadcasts.c.id == broadcast_posts.c.broadcast_id)
        .where(
            broadcast_posts.c.post_id == post_id,
            broadcast_posts.c.state.in_((DELIVERED, UNKNOWN)),
        )
        .order_by(broadcast_posts.c.broadcast_id)
    ).all()
    return tuple(
        Went(f"r{row.reply_id}", row.state == DELIVERED, _link(tx, row.broadcast_id, post_id))
        for row in rows
    )


def _link(tx: Tx, broadcast_id: int, post_id: int) -> str:
    links = tx.conn.execute(
        select(receipts.c.permalink)
        .join(intents, intents.c.id == receipts.c.intent_id)
        .join(replies, replies.c.id == intents.c.reply_id)
        .where(replies.c.comment_id == f"{OF_MANY}{broadcast_id}:p{post_id}")
        .order_by(intents.c.id)
    ).scalars()
    return next(filter(None, links), "")


def tried_since(tx: Tx, due: Due, account: str) -> datetime:
    """Since when nothing of it goes out on an account, though it is tried: since the last that was
    delivered there, or since this one was begun, where that is later. What stood behind another
    answer, or was given up, does not count."""
    last: datetime | None = tx.conn.execute(
        select(func.max(broadcast_posts.c.settled_at)).where(
            broadcast_posts.c.broadcast_id == due.broadcast.id,
            broadcast_posts.c.account == account,
            broadcast_posts.c.state == DELIVERED,
        )
    ).scalar_one()
    begun: datetime = tx.conn.execute(
        select(replies.c.found_at).where(
            replies.c.comment_id == comment_id(due.broadcast, due.post_id)
        )
    ).scalar_one()
    return max(last, begun) if last is not None else begun


def moved_at(tx: Tx, broadcast: Broadcast) -> datetime:
    """When one of them last came to something, or it was begun."""
    last: datetime | None = tx.conn.execute(
        select(func.max(broadcast_posts.c.settled_at)).where(
            broadcast_posts.c.broadcast_id == broadcast.id
        )
    ).scalar_one()
    begun = broadcast.started_at or broadcast.made_at
    return max(last, begun) if last is not None else begun


def give_up(tx: Tx, due: Due, account: str, code: str, because: str) -> None:
    """Whoever still waits on an account is not sent anything; but for what was begun, which may be
    out and is looked up."""
    tx.conn.execute(
        update(broadcast_posts)
        .where(
            broadcast_posts.c.broadcast_id == due.broadcast.id,
            broadcast_posts.c.account == account,
            broadcast_posts.c.state == WAITING,
            ~is_begun(due.broadcast.id),
        )
        .values(state=REFUSED, code=code, because=because, settled_at=tx.now)
    )
