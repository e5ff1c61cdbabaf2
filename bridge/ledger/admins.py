"""The console's people, and what they are signed in with: tokens only as hashes.

A token has 256 random bits, so a plain SHA-256 of it tells nothing
(https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, func, select, update

from bridge.ledger.admin_tables import admin_sessions, admins, invitations
from bridge.ledger.store import Tx
from bridge.model import HOUR, MINUTE

IDLE = 2 * HOUR
LONGEST = 12 * HOUR
SEEN_EVERY = MINUTE


@dataclass(frozen=True, slots=True)
class Admin:
    """`password` is a salted hash, "" for one who has none; `issuer` and `subject` are who they
    are at the OpenID provider. `ended_at`: may no longer sign in."""

    id: int
    name: str
    password: str
    issuer: str
    subject: str
    made_at: datetime
    seen_at: datetime | None
    ended_at: datetime | None


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def add(
    tx: Tx, name: str, *, password: str = "", issuer: str = "", subject: str = ""
) -> Admin | None:
    """A new admin, None if the name is taken, be it by one who was ended."""
    row = tx.conn.execute(
        tx.insert(admins)
        .values(name=name, password=password, issuer=issuer, subject=subject, made_at=tx.now)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(admins)
    ).one_or_none()
    return _admin(row) if row else None


def named(tx: Tx, name: str) -> Admin | None:
    row = tx.conn.execute(select(admins).where(admins.c.name == name)).one_or_none()
    return _admin(row) if row else None


def at_provider(tx: Tx, issuer: str, subject: str) -> Admin | None:
    """Whoever signed in as this subject before, also one who was ended."""
    row = tx.conn.execute(
        select(admins)
        .where(admins.c.issuer == issuer, admins.c.subject == subject)
        .order_by(admins.c.id)
        .limit(1)
    ).one_or_none()
    return _admin(row) if row else None


def everyone(tx: Tx) -> tuple[Admin, ...]:
    rows = tx.conn.execute(select(admins).order_by(admins.c.name))
    return tuple(_admin(row) for row in rows)


def anyone(tx: Tx) -> bool:
    """Whether anybody may sign in at all."""
    found = tx.conn.execute(select(admins.c.id).where(admins.c.ended_at.is_(None)).limit(1))
    return found.first() is not None


def set_password(tx: Tx, name: str, password: str) -> bool:
    """Ends every session of theirs. False if there is no such admin, or none any more."""
    changed = tx.conn.execute(
        update(admins)
        .where(admins.c.name == name, admins.c.ended_at.is_(None))
        .values(password=password)
        .returning(admins.c.id)
    ).scalar_one_or_none()
    if changed is None:
        return False
    tx.conn.execute(delete(admin_sessions).where(admin_sessions.c.admin_id == changed))
    return True


def end(tx: Tx, name: str) -> bool:
    """They can no longer sign in, are signed out everywhere, and links that they made are good no
    more. False if that is so already."""
    ended = tx.conn.execute(
        update(admins)
        .where(admins.c.name == name, admins.c.ended_at.is_(None))
        .values(ended_at=tx.now)
        .returning(admins.c.id)
    ).scalar_one_or_none()
    if ended is None:
        return False
    tx.conn.execute(delete(admin_sessions).where(admin_sessions.c.admin_id == ended))
    tx.conn.execute(
        update(invitations)
        .where(invitations.c.made_by == name, invitations.c.used_at.is_(None))
        .values(ends_at=tx.now)
    )
    return True


def restore(tx: Tx, name: str) -> bool:
    """One who was ended may sign in again. False if nobody of that name was."""
    changed = tx.conn.execute(
        update(admins)
        .where(admins.c.name == name, admins.c.ended_at.is_not(None))
        .values(ended_at=None)
    )
    return bool(changed.rowcount)


def sign_in(tx: Tx, admin_id: int, token_digest: str, longest: timedelta = LONGEST) -> None:
    """A new session; sessions whose end has come are cleared away on the occasion."""
    tx.conn.execute(delete(admin_sessions).where(admin_sessions.c.ends_at <= tx.now))
    tx.conn.execute(
        admin_sessions.insert().values(
            digest=token_digest,
            admin_id=admin_id,
            made_at=tx.now,
            seen_at=tx.now,
            ends_at=tx.now + longest,
        )
    )
    tx.conn.execute(update(admins).where(admins.c.id == admin_id).values(seen_at=tx.now))


def signed_in(tx: Tx, token_digest: str) -> tuple[Admin, datetime] | None:
    """Whose session this is and when it was last seen; None once it was idle for too long, is
    over, or its admin is ended."""
    row = tx.conn.execute(
        select(admins, admin_sessions.c.seen_at.label("session_seen_at"))
        .join(admin_sessions, admin_sessions.c.admin_id == admins.c.id)
        .where(
            admin_sessions.c.digest == token_digest,
            admin_sessions.c.ends_at > tx.now,
            admin_sessions.c.seen_at > tx.now - IDLE,
            admins.c.ended_at.is_(None),
        )
    ).one_or_none()
    return (_admin(row), row.session_seen_at) if row else None


def seen(tx: Tx, token_digest: str) -> None:
    tx.conn.execute(
        update(admin_sessions).where(admin_sessions.c.digest == token_digest).values(seen_at=tx.now)
    )


def sign_out(tx: Tx, token_digest: str) -> None:
    tx.conn.execute(delete(admin_sessions).where(admin_sessions.c.digest == token_digest))


def sessions(tx: Tx) -> dict[int, int]:
    """Admin's id → how many sessions of theirs are open."""
    rows = tx.conn.execute(
        select(admin_sessions.c.admin_id, func.count())
        .where(admin_sessions.c.ends_at > tx.now, admin_sessions.c.seen_at > tx.now - IDLE)
        .group_by(admin_sessions.c.admin_id)
    )
    return dict(rows.all())


def _admin(row: Row[tuple[object, ...]]) -> Admin:
    return Admin(
        id=row.id,
        name=row.name,
        password=row.password,
        issuer=row.issuer,
        subject=row.subject,
        made_at=row.made_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
    )
