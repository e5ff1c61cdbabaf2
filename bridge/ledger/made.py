"""Statements that are made once, when a module is loaded: making one costs several times as much as
running it. What differs each time is a parameter; a place's parameters are called `the_…`, because
those that have a column's name are what is written into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Insert as AnyInsert
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from bridge.ledger.store import Tx

Insert = postgresql.Insert | sqlite.Insert


@dataclass(frozen=True, slots=True)
class Inserting:
    """One insert, as each of the databases has it."""

    postgres: AnyInsert
    sqlite: AnyInsert

    def on(self, tx: Tx) -> AnyInsert:
        return self.postgres if tx.postgres else self.sqlite


def inserting(table: Table, saying: Callable[[Insert], AnyInsert]) -> Inserting:
    """An insert that knows `on_conflict_…`; its values are given when it is run."""
    return Inserting(saying(postgresql.insert(table)), saying(sqlite.insert(table)))
