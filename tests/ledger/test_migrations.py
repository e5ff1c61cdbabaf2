"""The migrations and the tables say the same, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, text

from bridge.errors import Misconfigured
from bridge.ledger import Ledger, Tx, lanes, migrate
from bridge.ledger.tables import Instant, metadata


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


def test_what_waited_before_the_lines_has_its_turn_after_the_upgrade(
    ledger_url: str, clock
) -> None:
    """Held as long as before, in a line of its own account; and it is woken as ever."""
    ledger = Ledger(ledger_url, clock)
    try:
        with ledger.writing() as tx:
            config = migrate._config()
            config.attributes["connection"] = tx.conn
            command.upgrade(config, "0003")
            for key, account in (("poll:acme", ""), ("conversation:1", "acme"), ("held", "")):
                _as_before(tx, key, account, held=key == "held")
        migrate.upgrade(ledger)
        assert ["conversation:1", "poll:acme"] == _done(ledger)
        clock.move(60)
        assert ["held"] == _done(ledger)
        with ledger.writing() as tx:
            lanes.wake(tx, "conversation:1", account="acme")
        assert ["conversation:1"] == _done(ledger)
    finally:
        ledger.close()


def _as_before(tx: Tx, key: str, account: str, *, held: bool) -> None:
    tx.conn.execute(
        text(
            "INSERT INTO lanes (key, account, ready_at, held_until, holder, epoch, woken, failures,"
            " because) VALUES (:key, :account, :at, :held, '', 0, 1, 0, '')"
        ).bindparams(bindparam("at", type_=Instant), bindparam("held", type_=Instant)),
        {
            "key": key,
            "account": account,
            "at": tx.now,
            "held": tx.now + timedelta(minutes=1) if held else None,
        },
    )


def _done(ledger: Ledger) -> list[str]:
    done = []
    while True:
        with ledger.writing() as tx:
            lease = lanes.claim(tx, "a", timedelta(minutes=1))
            if lease is None:
                return sorted(done)
            lanes.rest(tx, lease, None)
            done.append(lease.lane)
