"""The trail: what happened to a post or a reply, and because of what. Only ever added to."""

from __future__ import annotations

from bridge.ledger.store import Tx
from bridge.ledger.tables import audit

_ADD = audit.insert().inline()


def add(
    tx: Tx,
    what: str,
    because: str = "",
    *,
    conversation_id: int | None = None,
    delivery_id: int | None = None,
) -> None:
    tx.conn.execute(
        _ADD,
        {
            "at": tx.now,
            "what": what,
            "because": because,
            "conversation_id": conversation_id,
            "delivery_id": delivery_id,
        },
    )
