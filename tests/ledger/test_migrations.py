"""The migrations and the tables say the same, on both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table

from bridge.errors import Misconfigured
from bridge.ledger import Ledger, migrate
from bridge.ledger.tables import metadata


def _differences(ledger: Ledger, wanted: MetaData) -> list[object]:
    with ledger.reading() as tx:
        return compare_metadata(MigrationContext.configure(tx.conn), wanted)


def test_a_missing_table_is_noticed(ledger: Ledger) -> None:
    """The comparison below can fail: a table that no migration makes is a difference."""
    other = MetaData()
    Table("nobody_made_this", other, Column("id", Integer, primary_key=True))
    assert any("nobody_made_this" in str(found) for found in _differences(ledger, other))


def test_migrations_make_exactly_the_tables(ledger: Ledger) -> None:
    """After all migrations the database has the shape that the code expects."""
    assert [] == _differences(ledger, metadata)


def test_upgrading_twice_changes_nothing(ledger: Ledger) -> None:
    """The release step may run on every deploy, and on several machines at once."""
    migrate.upgrade(ledger)
    assert migrate.is_current(ledger)


def test_an_empty_database_is_refused_with_what_to_do(ledger_url: str) -> None:
    """Web and worker do not start on a database of another release."""
    empty = Ledger(ledger_url)
    with pytest.raises(Misconfigured, match="bridge migrate"):
        migrate.require_current(empty)
    empty.close()
