"""How each account stands, and how far it has been read. The helpdesk is one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, select, update

from bridge.ledger.store import Tx
from bridge.ledger.tables import accounts


class State(StrEnum):
    """What can be said of an account, worst last."""

    CONNECTED = "connected"
    RATE_LIMITED = "rate_limited"
    DEGRADED = "degraded"
    NEEDS_SIGN_IN = "needs_sign_in"


@dataclass(frozen=True, slots=True)
class Standing:
    """`since` is when this state began; `read_at` when it was last read successfully."""

    name: str
    cursor: str
    state: State
    because: str
    since: datetime
    read_at: datetime | None


def standing(tx: Tx, name: str) -> Standing:
    """How an account stands; one never heard of is connected and unread."""
    row = tx.conn.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    return _standing(row) if row else Standing(name, "", State.CONNECTED, "", tx.now, None)


def everyone(tx: Tx) -> tuple[Standing, ...]:
    rows = tx.conn.execute(select(accounts).order_by(accounts.c.name))
    return tuple(_standing(row) for row in rows)


def read_to(tx: Tx, name: str, cursor: str) -> None:
    """Everything up to the cursor is in the ledger."""
    _upsert(tx, name, cursor=cursor, read_at=tx.now)


def stands(tx: Tx, name: str, state: State, because: str = "") -> bool:
    """Set an account's state. True if it changed."""
    before = standing(tx, name)
    if before.state == state:
        tx.conn.execute(update(accounts).where(accounts.c.name == name).values(because=because))
        return False
    _upsert(tx, name, state=state, because=because, since=tx.now)
    return True


def _upsert(tx: Tx, name: str, **values: object) -> None:
    tx.conn.execute(
        tx.insert(accounts)
        .values(**{"name": name, "since": tx.now, **values})
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    return Standing(
        name=row.name,
        cursor=row.cursor,
        state=State(row.state),
        because=row.because,
        since=row.since,
        read_at=row.read_at,
    )
