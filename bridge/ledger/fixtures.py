"""What the bridge made at the helpdesk for itself: fields, views, macros, the webhook.

A row is written before the call that makes the thing, without its number; the number follows. A
row without one says that a run was cut short: the thing may be there, and is then ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bridge.ledger.admin_tables import fixtures
from bridge.ledger.store import Tx


@dataclass(frozen=True, slots=True)
class Fixture:
    """`remote_id` is the helpdesk's number, "" while it is not known. `body` says how it was made,
    in the helpdesk's words. `adopted`: it was there before, so it is not ours to remove."""

    kind: str
    name: str
    remote_id: str
    body: str
    made_at: datetime
    adopted: bool


def everything(tx: Tx, helpdesk: str) -> tuple[Fixture, ...]:
    """In the order of kind and name. `helpdesk` is its address."""
    rows = tx.conn.execute(
        select(fixtures)
        .where(fixtures.c.helpdesk == helpdesk)
        .order_by(fixtures.c.kind, fixtures.c.name)
    )
    return tuple(
        Fixture(row.kind, row.name, row.remote_id, row.body, row.made_at, row.adopted)
        for row in rows
    )


def ids(tx: Tx, helpdesk: str, kind: str) -> tuple[tuple[str, str], ...]:
    """Names and numbers of what is there, of one kind."""
    rows = tx.conn.execute(
        select(fixtures.c.name, fixtures.c.remote_id)
        .where(fixtures.c.helpdesk == helpdesk, fixtures.c.kind == kind, fixtures.c.remote_id != "")
        .order_by(fixtures.c.name)
    )
    return tuple((row.name, row.remote_id) for row in rows)


def put(
    tx: Tx,
    helpdesk: str,
    kind: str,
    name: str,
    *,
    remote_id: str,
    body: str,
    adopted: bool = False,
) -> None:
    """Put down one thing, over what was known of it. `made_at` stays the first time's."""
    values = {"remote_id": remote_id, "body": body, "adopted": adopted}
    tx.conn.execute(
        tx.insert(fixtures)
        .values(helpdesk=helpdesk, kind=kind, name=name, made_at=tx.now, **values)
        .on_conflict_do_update(index_elements=["helpdesk", "kind", "name"], set_=values)
    )


def forget(tx: Tx, helpdesk: str, kind: str, name: str) -> None:
    """Nothing happens where there is none."""
    tx.conn.execute(
        delete(fixtures).where(
            fixtures.c.helpdesk == helpdesk, fixtures.c.kind == kind, fixtures.c.name == name
        )
    )
