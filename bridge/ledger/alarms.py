"""What the watch over the accounts remembers and asks: deliveries refused, answers that no ping
told of, how many posts an account usually gets, and the ticket that tells an ops group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from bridge.ledger.accounts import Standing, State
from bridge.ledger.store import Tx
from bridge.ledger.tables import deliveries, ops_tickets, posts, refusals, replies

MOST_PINGS = 500
UNREAD = "unread"


# ------------------------------------------------------------------ the rhythm


def last_post_at(tx: Tx, account: str) -> datetime | None:
    """When others last said something to an account, by the network's clock."""
    at: datetime | None = tx.conn.execute(
        select(func.max(posts.c.created_at)).where(*_heard(account))
    ).scalar_one()
    return at


def first_post_at(tx: Tx, account: str) -> datetime | None:
    at: datetime | None = tx.conn.execute(
        select(func.min(posts.c.created_at)).where(*_heard(account))
    ).scalar_one()
    return at


def posts_within(
    tx: Tx, account: str, spans: Sequence[tuple[datetime, datetime]]
) -> tuple[int, ...]:
    """How many posts came in each span (its start is not in it, its end is)."""
    asked = [
        select(func.count())
        .select_from(posts)
        .where(*_heard(account), posts.c.created_at > since, posts.c.created_at <= until)
        .scalar_subquery()
        for since, until in spans
    ]
    return tuple(tx.conn.execute(select(*asked)).one()) if asked else ()


def _heard(account: str) -> tuple[ColumnElement[bool], ...]:
    return posts.c.account == account, posts.c.by_us.is_(False), posts.c.kind != ""


# ------------------------------------------------------------------ pings and deliveries


@dataclass(frozen=True, slots=True)
class Answered:
    """A comment of an agent that was found: on which ticket, when it was written and found."""

    ticket_id: str
    written_at: datetime
    found_at: datetime


def last_answers(tx: Tx, helpdesk: str, most: int) -> tuple[Answered, ...]:
    """Newest first."""
    rows = tx.conn.execute(
        select(replies.c.ticket_id, replies.c.written_at, replies.c.found_at)
        .where(replies.c.helpdesk == helpdesk)
        .order_by(replies.c.id.desc())
        .limit(most)
    )
    return tuple(Answered(row.ticket_id, row.written_at, row.found_at) for row in rows)


def pings(tx: Tx, helpdesk: str) -> tuple[tuple[str, datetime], ...]:
    """(ticket, when received) of the latest genuine pings, newest first."""
    rows = tx.conn.execute(
        select(deliveries.c.about, deliveries.c.received_at)
        .where(deliveries.c.source == helpdesk)
        .order_by(deliveries.c.id.desc())
        .limit(MOST_PINGS)
    )
    return tuple((row.about, row.received_at) for row in rows)


def has_heard_from(tx: Tx, source: str) -> bool:
    """Whether anything was ever received from a source."""
    found = tx.conn.execute(
        select(deliveries.c.id).where(deliveries.c.source == source).limit(1)
    ).first()
    return found is not None


def shown(tx: Tx, standing: Standing) -> str:
    """An account's state, as people and machines are shown it: one of which nothing was ever
    read or received must not look like one that works."""
    if standing.state is State.CONNECTED and standing.read_at is None:
        return State.CONNECTED if has_heard_from(tx, standing.name) else UNREAD
    return standing.state


def last_pushed_at(tx: Tx, source: str) -> datetime | None:
    """When a source last pushed something genuine."""
    at: datetime | None = tx.conn.execute(
        select(deliveries.c.received_at)
        .where(deliveries.c.source == source, deliveries.c.via == "webhook")
        .order_by(deliveries.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return at


# ------------------------------------------------------------------ signatures


@dataclass(frozen=True, slots=True)
class Refused:
    """Deliveries refused as not genuine, one after the other."""

    times: int
    since: datetime
    last_at: datetime


def refuse(tx: Tx, source: str, count: int, since: datetime) -> None:
    """So many more were refused; a genuine one in between ended the row of them before."""
    genuine, known = last_pushed_at(tx, source), refused(tx, source)
    if known is not None and genuine is not None and genuine >= known.since:
        forget_refused(tx, source)
    values = {"times": count, "since": since, "last_at": tx.now}
    more = {"times": refusals.c.times + count, "last_at": tx.now}
    tx.conn.execute(
        tx.insert(refusals)
        .values(source=source, **values)
        .on_conflict_do_update(index_elements=["source"], set_=more)
    )


def refused(tx: Tx, source: str) -> Refused | None:
    row = tx.conn.execute(select(refusals).where(refusals.c.source == source)).one_or_none()
    return Refused(row.times, row.since, row.last_at) if row else None


def forget_refused(tx: Tx, source: str) -> None:
    tx.conn.execute(delete(refusals).where(refusals.c.source == source))


# ------------------------------------------------------------------ the ops group's ticket


@dataclass(frozen=True, slots=True)
class OpsTicket:
    """One trouble of an account, told on a ticket: what was said of it last, and when."""

    conversation_id: int
    account: str
    state: str
    because: str
    said_at: datetime
    over_at: datetime | None


def begin(tx: Tx, account: str, conversation_id: int, state: str, because: str) -> None:
    tx.conn.execute(
        ops_tickets.insert().values(
            conversation_id=conversation_id,
            account=account,
            state=state,
            because=because,
            said_at=tx.now,
        )
    )


def say(tx: Tx, conversation_id: int, state: str, because: str) -> None:
    _change(tx, conversation_id, state=state, because=because, said_at=tx.now)


def over(tx: Tx, conversation_id: int) -> None:
    _change(tx, conversation_id, over_at=tx.now)


def open_ticket(tx: Tx, account: str) -> OpsTicket | None:
    """The ticket about an account's present trouble."""
    row = tx.conn.execute(
        select(ops_tickets)
        .where(ops_tickets.c.account == account, ops_tickets.c.over_at.is_(None))
        .order_by(ops_tickets.c.conversation_id.desc())
        .limit(1)
    ).one_or_none()
    return _ticket(row) if row else None


def ops_ticket(tx: Tx, conversation_id: int) -> OpsTicket | None:
    row = tx.conn.execute(
        select(ops_tickets).where(ops_tickets.c.conversation_id == conversation_id)
    ).one_or_none()
    return _ticket(row) if row else None


def _change(tx: Tx, conversation_id: int, **values: object) -> None:
    here = ops_tickets.c.conversation_id == conversation_id
    tx.conn.execute(update(ops_tickets).where(here).values(**values))


def _ticket(row: Row[tuple[object, ...]]) -> OpsTicket:
    return OpsTicket(
        conversation_id=row.conversation_id,
        account=row.account,
        state=row.state,
        because=row.because,
        said_at=row.said_at,
        over_at=row.over_at,
    )
