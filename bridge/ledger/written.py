"""What we wrote, as the far sides know it: by the ids of their own that receipts brought."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from bridge.ledger import erasures
from bridge.ledger.intents import PROOF, SETTLED
from bridge.ledger.store import Tx
from bridge.ledger.tables import intents, receipts


def is_known(tx: Tx, far_side: str, remote_id: str) -> bool:
    """Whether this message or comment is our own work."""
    found = {"the_far_side": far_side, "the_remote_id": remote_id}
    return tx.conn.execute(PROOF, found).first() is not None


def known_ids(tx: Tx, far_side: str, conversation_id: int) -> frozenset[str]:
    """The far side's ids of everything we did there in a conversation."""
    return frozenset(
        tx.conn.execute(
            select(receipts.c.remote_id)
            .join(intents, intents.c.id == receipts.c.intent_id)
            .where(receipts.c.far_side == far_side, intents.c.conversation_id == conversation_id)
        ).scalars()
    )


def known_among(tx: Tx, far_side: str, remote_ids: Collection[str]) -> frozenset[str]:
    """Those that are our own work."""
    return frozenset(
        tx.conn.execute(
            select(receipts.c.remote_id).where(
                receipts.c.far_side == far_side, receipts.c.remote_id.in_(remote_ids)
            )
        ).scalars()
    )


def known_since(tx: Tx, far_side: str, since: datetime) -> frozenset[str]:
    """The far side's ids of everything that was found done there since an instant."""
    return frozenset(
        tx.conn.execute(
            select(receipts.c.remote_id).where(
                receipts.c.far_side == far_side, receipts.c.at >= since
            )
        ).scalars()
    )


def ticket_of(tx: Tx, far_side: str, comment_id: str) -> str:
    """The ticket on which a comment of ours stands, "" if it is not one of ours."""
    row = tx.conn.execute(
        select(intents.c.ticket_id)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(receipts.c.far_side == far_side, receipts.c.remote_id == comment_id)
    ).one_or_none()
    return row.ticket_id if row else ""


def opened_name(ticket_id: str) -> str:
    """By which an erasure remembers that a ticket is one that we opened."""
    return f"opened:{ticket_id}"


def has_opened(tx: Tx, far_side: str, ticket_id: str) -> bool:
    """Whether a ticket is one that we opened, though it be for somebody who was erased since."""
    found = select(intents.c.id).where(
        intents.c.ticket_id == ticket_id,
        intents.c.far_side == far_side,
        intents.c.kind == "open",
        intents.c.state == SETTLED,
    )
    if tx.conn.execute(found.limit(1)).first() is not None:
        return True
    return erasures.is_buried(tx, far_side, opened_name(ticket_id))


def opened_with(tx: Tx, far_side: str, comment_id: str) -> bool:
    """Whether a comment of ours is the one that opened its ticket."""
    kind: str | None = tx.conn.execute(
        select(intents.c.kind)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(receipts.c.far_side == far_side, receipts.c.remote_id == comment_id)
    ).scalar_one_or_none()
    return kind == "open"


def under(tx: Tx, far_side: str, stem: str) -> tuple[tuple[str, str], ...]:
    """(ticket, comment) of everything that was written under keys that begin so."""
    rows = tx.conn.execute(
        select(intents.c.ticket_id, receipts.c.remote_id)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(intents.c.far_side == far_side, intents.c.key.startswith(stem, autoescape=True))
        .order_by(intents.c.id)
    )
    return tuple((row.ticket_id, row.remote_id) for row in rows)


def covering(
    tx: Tx, far_side: str, conversation_id: int, step_ids: frozenset[int]
) -> tuple[tuple[str, str], ...]:
    """(ticket, comment) of everything of a conversation that has the words of one of these steps
    in it."""
    rows = tx.conn.execute(
        select(intents.c.ticket_id, intents.c.covers, receipts.c.remote_id)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(
            intents.c.conversation_id == conversation_id,
            intents.c.far_side == far_side,
            intents.c.covers != "",
        )
        .order_by(intents.c.id)
    )
    return tuple(
        (row.ticket_id, row.remote_id)
        for row in rows
        if not step_ids.isdisjoint(map(int, row.covers.split()))
    )
