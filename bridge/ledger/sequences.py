"""Numbers far above those that were given out: for an older copy of the ledger that was put back.

What the lost one numbered after the copy was made is known outside by its number: in CRMs, in notes
on tickets, in keys that networks and the helpdesk remember. The copy would give the same numbers to
other people's words.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, column, func, insert, select, table, update

from bridge.ledger.broadcast_tables import broadcasts
from bridge.ledger.crm_tables import merges
from bridge.ledger.service_tables import acts, holds, ratings
from bridge.ledger.store import Tx
from bridge.ledger.storm_tables import storms
from bridge.ledger.tables import (
    conversations,
    intents,
    people,
    posts,
    replies,
    reports,
    revisions,
)

GAP = 10_000_000
"""More than anybody numbers between a copy and its return."""
OUTSIDE: tuple[Table, ...] = (
    people,
    conversations,
    posts,
    revisions,
    replies,
    intents,
    reports,
    ratings,
    merges,
    holds,
    acts,
    broadcasts,
    storms,
)
"""Whose numbers are told outside: the customer history's, those that agents write in `#` orders,
and those that are in keys, which marks on tickets are."""
_kept = table("sqlite_sequence", column("name"), column("seq"))


def lift(tx: Tx) -> None:
    """Each of them goes on that much further up, however often this is done."""
    for each in OUTSIDE:
        if tx.postgres:
            name = func.pg_get_serial_sequence(each.name, "id")
            tx.conn.execute(select(func.setval(name, func.nextval(name) + GAP)))
            continue
        moved = update(_kept).where(_kept.c.name == each.name).values(seq=_kept.c.seq + GAP)
        if not tx.conn.execute(moved).rowcount:
            tx.conn.execute(insert(_kept).values(name=each.name, seq=GAP))


def below_newest(numbered: Table, many: int) -> ColumnElement[int]:
    """The number above which the newest `many` rows are, however far apart their numbers."""
    ids = numbered.alias("newest").c.id
    last = select(ids).order_by(ids.desc()).offset(many).limit(1).scalar_subquery()
    return func.coalesce(last, 0)
