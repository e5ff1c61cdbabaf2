"""What admins did, and what was tried in their name. Only ever added to.

No customer's words: `about` names things by their numbers, `detail` says what was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from bridge.ledger.admin_tables import admin_deeds
from bridge.ledger.store import Tx


@dataclass(frozen=True, slots=True)
class Deed:
    """`admin` is a name, "" for somebody who is none."""

    id: int
    at: datetime
    admin: str
    what: str
    about: str
    detail: str


def add(tx: Tx, admin: str, what: str, about: str = "", detail: str = "") -> None:
    tx.conn.execute(
        admin_deeds.insert().values(at=tx.now, admin=admin, what=what, about=about, detail=detail)
    )


def latest(
    tx: Tx,
    most: int,
    *,
    before: int | None = None,
    admin: str = "",
    what: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Deed, ...]:
    """Newest first; `before` is the number of the last one of the page above."""
    wanted: list[ColumnElement[bool]] = []
    if before is not None:
        wanted.append(admin_deeds.c.id < before)
    if admin:
        wanted.append(admin_deeds.c.admin == admin)
    if what:
        wanted.append(admin_deeds.c.what == what)
    if since is not None:
        wanted.append(admin_deeds.c.at >= since)
    if until is not None:
        wanted.append(admin_deeds.c.at < until)
    rows = tx.conn.execute(
        select(admin_deeds).where(*wanted).order_by(admin_deeds.c.id.desc()).limit(most)
    )
    return tuple(Deed(row.id, row.at, row.admin, row.what, row.about, row.detail) for row in rows)


def kinds(tx: Tx) -> tuple[str, ...]:
    """Every kind of deed that there is."""
    rows = tx.conn.execute(select(admin_deeds.c.what).distinct().order_by(admin_deeds.c.what))
    return tuple(rows.scalars())


def doers(tx: Tx) -> tuple[str, ...]:
    rows = tx.conn.execute(
        select(admin_deeds.c.admin)
        .where(admin_deeds.c.admin != "")
        .distinct()
        .order_by(admin_deeds.c.admin)
    )
    return tuple(rows.scalars())
