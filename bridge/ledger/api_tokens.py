"""What other systems read the customer history with: tokens, kept only as hashes.

A token has 256 random bits, so a plain SHA-256 of it tells nothing
(https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, or_, select, update

from bridge.ledger.crm_tables import api_tokens
from bridge.ledger.store import Tx
from bridge.model import MINUTE

USED_EVERY = MINUTE
"""How exactly `used_at` is kept: a read must not cost a write each."""

_SHAPE = re.compile(r"hb_[A-Za-z0-9_-]{43}", re.ASCII)


class Scope(StrEnum):
    """What a token is good for."""

    CUSTOMERS = "customers:read"
    IDENTITIES = "identities:read"
    CONVERSATIONS = "conversations:read"
    INTERACTIONS = "interactions:read"
    MERGES = "merges:read"
    MERGE = "merges:write"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """`ends_at` None: good until it is revoked. `used_at` is exact to a minute."""

    id: int
    name: str
    scopes: frozenset[Scope]
    made_by: str
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


def new() -> str:
    """A token, to be shown once."""
    return f"hb_{secrets.token_urlsafe(32)}"


def digest(token: str) -> str:
    """What is kept of it; "" for what cannot be one of ours."""
    if not _SHAPE.fullmatch(token):
        return ""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def make(
    tx: Tx,
    token: str,
    *,
    name: str,
    scopes: frozenset[Scope],
    made_by: str,
    good_for: timedelta | None = None,
) -> ApiToken:
    row = tx.conn.execute(
        tx.insert(api_tokens)
        .values(
            name=name,
            digest=digest(token),
            scopes=" ".join(sorted(scopes)),
            made_by=made_by,
            made_at=tx.now,
            ends_at=tx.now + good_for if good_for else None,
        )
        .returning(api_tokens)
    ).one()
    return _token(row)


def find(tx: Tx, token_digest: str) -> ApiToken | None:
    """Also one that was revoked, or is too old: `is_good` tells."""
    row = tx.conn.execute(
        select(api_tokens).where(api_tokens.c.digest == token_digest)
    ).one_or_none()
    return _token(row) if row else None


def use(tx: Tx, token_id: int) -> None:
    """Put down that it was used, at most once in `USED_EVERY`."""
    seen = api_tokens.c.used_at
    tx.conn.execute(
        update(api_tokens)
        .where(api_tokens.c.id == token_id, or_(seen.is_(None), seen <= tx.now - USED_EVERY))
        .values(used_at=tx.now)
    )


def everything(tx: Tx) -> tuple[ApiToken, ...]:
    """Newest first, also those that are good no more."""
    rows = tx.conn.execute(select(api_tokens).order_by(api_tokens.c.id.desc()))
    return tuple(_token(row) for row in rows)


def revoke(tx: Tx, token_id: int, by: str) -> ApiToken | None:
    """None for one that never was, or was revoked already."""
    row = tx.conn.execute(
        update(api_tokens)
        .where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
        .values(revoked_at=tx.now, revoked_by=by)
        .returning(api_tokens)
    ).one_or_none()
    return _token(row) if row else None


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        # A scope of a later release is none here.
        scopes=frozenset(scope for scope in Scope if scope in row.scopes.split()),
        made_by=row.made_by,
        made_at=row.made_at,
        ends_at=row.ends_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
    )
