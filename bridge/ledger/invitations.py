"""Links that are good for one use and one hour: to become an admin, or to choose a new password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from bridge.ledger.admin_tables import invitations
from bridge.ledger.admins import digest
from bridge.ledger.store import Tx
from bridge.model import DAY, HOUR

GOOD_FOR = HOUR
KEPT_FOR = 7 * DAY


@dataclass(frozen=True, slots=True)
class Invitation:
    """`whom` is the admin whose password may be chosen anew, "" for somebody new."""

    whom: str
    made_by: str
    ends_at: datetime


def make(tx: Tx, token: str, *, made_by: str, whom: str = "") -> Invitation:
    """Only the token's hash is kept. Old ones are cleared away on the occasion."""
    tx.conn.execute(delete(invitations).where(invitations.c.ends_at < tx.now - KEPT_FOR))
    ends_at = tx.now + GOOD_FOR
    tx.conn.execute(
        invitations.insert().values(
            digest=digest(token), whom=whom, made_by=made_by, made_at=tx.now, ends_at=ends_at
        )
    )
    return Invitation(whom, made_by, ends_at)


def find(tx: Tx, token: str) -> Invitation | None:
    """None for one that was used, is too old, or never was."""
    row = tx.conn.execute(
        select(invitations).where(
            invitations.c.digest == digest(token),
            invitations.c.used_at.is_(None),
            invitations.c.ends_at > tx.now,
        )
    ).one_or_none()
    return Invitation(row.whom, row.made_by, row.ends_at) if row else None


def use(tx: Tx, token: str) -> Invitation | None:
    """Once: of two at the same time one gets it."""
    row = tx.conn.execute(
        update(invitations)
        .where(
            invitations.c.digest == digest(token),
            invitations.c.used_at.is_(None),
            invitations.c.ends_at > tx.now,
        )
        .values(used_at=tx.now)
        .returning(invitations)
    ).one_or_none()
    return Invitation(row.whom, row.made_by, row.ends_at) if row else None
