"""The trail: what happened to a post or a reply, and because of what. Only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bridge.ledger import tables
from bridge.ledger.store import Tx


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    what: str
    because: str
    conversation_id: int | None
    delivery_id: int | None


def add(
    tx: Tx,
    what: str,
    because: str = "",
    *,
    conversation_id: int | None = None,
    delivery_id: int | None = None,
) -> None:
    tx.conn.execute(
        tables.audit.insert().values(
            at=tx.now,
            what=what,
            because=because,
            conversation_id=conversation_id,
            delivery_id=delivery_id,
        )
    )


def of_conversation(tx: Tx, conversation_id: int) -> tuple[Entry, ...]:
    """Oldest first."""
    rows = tx.conn.execute(
        select(tables.audit)
        .where(tables.audit.c.conversation_id == conversation_id)
        .order_by(tables.audit.c.id)
    )
    return tuple(
        Entry(row.at, row.what, row.because, row.conversation_id, row.delivery_id) for row in rows
    )
