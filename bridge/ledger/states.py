"""How tickets stand at the helpdesk, as far as was heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from bridge.ledger.intents import SETTLED
from bridge.ledger.store import Tx
from bridge.ledger.tables import intents, tickets

SOLVED = ("solved", "closed")

OPENS = "append"
"""The kind of our writes that opens a solved ticket: what a customer said next."""

WHOLE = timedelta(seconds=1)
"""A helpdesk's times are in whole seconds."""


def stands(tx: Tx, helpdesk: str, ticket_id: str, status: str, at: datetime) -> None:
    """A ticket stands like this, since `at` at the latest. One that we opened since it was solved
    was solved again, whether or not anybody told us of it as open."""
    here = (tickets.c.helpdesk == helpdesk) & (tickets.c.ticket_id == ticket_id)
    known = tx.conn.execute(select(tickets).where(here)).one_or_none()
    if known is None or not status:
        return
    ended = None
    if status in SOLVED:
        ended = known.solved_at or at
        if _was_opened(tx, helpdesk, ticket_id, ended, at):
            ended = at
    if (status, ended) != (known.status, known.solved_at):
        tx.conn.execute(update(tickets).where(here).values(status=status, solved_at=ended))


def _was_opened(
    tx: Tx, helpdesk: str, ticket_id: str, solved_at: datetime, before: datetime
) -> bool:
    if before <= solved_at:
        return False
    found = select(intents.c.id).where(
        intents.c.far_side == helpdesk,
        intents.c.ticket_id == ticket_id,
        intents.c.kind == OPENS,
        intents.c.state == SETTLED,
        intents.c.tried_at > solved_at,
        intents.c.tried_at < before + WHOLE,
    )
    return tx.conn.execute(found.limit(1)).first() is not None


def solved_at(tx: Tx, helpdesk: str, ticket_id: str) -> datetime | None:
    """Since when a ticket is solved, None where it is not."""
    at: datetime | None = tx.conn.execute(
        select(tickets.c.solved_at).where(
            tickets.c.helpdesk == helpdesk, tickets.c.ticket_id == ticket_id
        )
    ).scalar_one_or_none()
    return at
