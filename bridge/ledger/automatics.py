"""What the bridge says by itself: each thing belongs to the conversation that began it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bridge.ledger.service_tables import automatics
from bridge.ledger.store import Tx


def begin(tx: Tx, about: str, conversation_id: int) -> bool:
    """True if it is this conversation's to say, now or since before; False if another has it."""
    tx.conn.execute(
        tx.insert(automatics)
        .values(about=about, conversation_id=conversation_id, at=tx.now)
        .on_conflict_do_nothing(index_elements=["about"])
    )
    whose: int = tx.conn.execute(
        select(automatics.c.conversation_id).where(automatics.c.about == about)
    ).scalar_one()
    return whose == conversation_id


def begun_at(tx: Tx, about: str) -> datetime:
    at: datetime = tx.conn.execute(
        select(automatics.c.at).where(automatics.c.about == about)
    ).scalar_one()
    return at
