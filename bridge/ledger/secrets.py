"""Secrets that the bridge was given by others (tokens), sealed with MultiFernet.

The name is inside what is sealed, because Fernet binds a value to no context of its own: a row
copied under another name does not open.
"""

from __future__ import annotations

import json
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import delete, func, select

from bridge.errors import Misconfigured
from bridge.ledger.store import Tx
from bridge.ledger.tables import secrets
from bridge.settings import Secret


def last_change(tx: Tx, prefix: str) -> datetime | None:
    """When something whose name begins so was put here last, None where there is none."""
    at: datetime | None = tx.conn.execute(
        select(func.max(secrets.c.changed_at)).where(
            secrets.c.name.startswith(prefix, autoescape=True)
        )
    ).scalar_one()
    return at


class Safe:
    """Seals and opens with the installation's keys: the first seals, all open."""

    def __init__(self, keys: tuple[Secret, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key.reveal()) for key in keys]) if keys else None

    def put(self, tx: Tx, name: str, value: str) -> None:
        """Raises `Misconfigured` without a key: nothing is ever kept in the clear."""
        sealed = self._need().encrypt(json.dumps([name, value]).encode())
        tx.conn.execute(
            tx.insert(secrets)
            .values(name=name, sealed=sealed, changed_at=tx.now)
            .on_conflict_do_update(
                index_elements=["name"], set_={"sealed": sealed, "changed_at": tx.now}
            )
        )

    def get(self, tx: Tx, name: str) -> str | None:
        """Raises `Misconfigured` when no key opens it."""
        sealed = tx.conn.execute(
            select(secrets.c.sealed).where(secrets.c.name == name)
        ).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            inside, value = json.loads(self._need().decrypt(bytes(sealed)))
        except InvalidToken:
            raise Misconfigured(
                f"the stored secret {name!r} opens with none of the keys in BRIDGE_SECRET_KEY: "
                "put the older key back, after the new one"
            ) from None
        if inside != name:
            raise Misconfigured(f"the stored secret {name!r} was sealed under another name")
        return str(value)

    def drop(self, tx: Tx, name: str) -> None:
        """Nothing happens where there is none of that name."""
        tx.conn.execute(delete(secrets).where(secrets.c.name == name))

    def names(self, tx: Tx, prefix: str) -> tuple[str, ...]:
        """What there is whose name begins so. Needs no key."""
        like = secrets.c.name.startswith(prefix, autoescape=True)
        return tuple(tx.conn.execute(select(secrets.c.name).where(like)).scalars())

    def rotate(self, tx: Tx) -> int:
        """Seal everything anew with the first key; how many there were. The rows stay locked
        meanwhile, so that a token renewed just now is not put back to its dead predecessor."""
        rows = tx.conn.execute(select(secrets.c.name).with_for_update()).scalars().all()
        for name in rows:
            value = self.get(tx, name)
            assert value is not None
            self.put(tx, name, value)
        return len(rows)

    def _need(self) -> MultiFernet:
        if self._fernet is None:
            raise Misconfigured(
                "BRIDGE_SECRET_KEY is not set: tokens are kept only encrypted; "
                "make a key with `bridge new-key`"
            )
        return self._fernet
