"""A ledger that many conversations have gone through, filled by SQL in little time.

The rows (`bench.story`) are spread over the time before now. They are not compared with those of a
played story: what tests/bench/test_filling.py shows is that the service finds a conversation with
all its parts in them, that the change feed names the same records when they are numbered anew, and
that new rows follow on.
"""

# ruff: noqa: S608  # it is all our own: numbers, names of tables, and literals that are quoted

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, event

from bench.story import CHANGES, Row, rows
from bench.tongue import Tongue
from bridge.ledger import Ledger, changes, touching
from bridge.ledger.tables import metadata


def fill(ledger: Ledger, count: int, *, logged: bool = True) -> None:
    """So many conversations into a migrated ledger that has none. `logged` False leaves
    PostgreSQL's tables without a write-ahead log: filled in a third of the time, gone after a
    crash."""
    tongue = Tongue(not ledger.is_sqlite, int(datetime.now(UTC).timestamp()), count)
    tables = list(rows(tongue))
    with _hasty(ledger.url) as ledger:
        _fill(ledger, tongue, tables, logged=logged)


def _fill(ledger: Ledger, tongue: Tongue, tables: list[tuple[str, Row]], *, logged: bool) -> None:
    with ledger.writing() as tx:
        changes.begin(tx)
        touching.remove(tx.conn)
        again = _bared(tx.conn, [name for name, _ in tables], logged=logged)
    if tongue.postgres:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: _table(ledger, tongue, name, tables, again), _order(tables)))
    else:
        for name in _order(tables):
            _table(ledger, tongue, name, tables, again)
    with ledger.writing() as tx:
        for statement in again.at_last:
            tx.conn.exec_driver_sql(statement)
        touching.install(tx.conn)
        tx.conn.exec_driver_sql(
            f"UPDATE feed SET last_seq = {CHANGES * tongue.count}, last_at = "
            + tongue.at(CHANGES).replace("i)", f"{tongue.count})")
        )


@contextmanager
def _hasty(url: str) -> Iterator[Ledger]:
    """A ledger that waits for no disk and checks no reference."""
    ledger = Ledger(url)
    if ledger.is_sqlite:

        def hurry(raw: Any, _record: Any) -> None:
            for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-200000"):
                raw.execute(f"PRAGMA {pragma}")

        event.listen(ledger.engine, "connect", hurry)
    try:
        yield ledger
    finally:
        ledger.close()


@dataclass(frozen=True, slots=True)
class Again:
    """What was taken away for speed, as statements that bring it back."""

    of_table: dict[str, list[str]]
    at_last: list[str]


def _order(tables: Iterable[tuple[str, Row]]) -> list[str]:
    """The largest first, so that two who share the work end together."""
    names = [name for name, _ in tables]
    weight = {"revisions": 9, "deliveries": 8, "changes": 7, "intents": 7, "posts": 6, "audit": 5}
    return sorted(dict.fromkeys(names), key=lambda name: -weight.get(name, 1))


def _bared(conn: Connection, names: Iterable[str], *, logged: bool) -> Again:
    again = Again({name: [] for name in names}, [])
    if conn.dialect.name == "sqlite":
        for name, table, says in conn.exec_driver_sql(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).all():
            if table in again.of_table:
                conn.exec_driver_sql(f"DROP INDEX {name}")
                again.of_table[table].append(says)
        return again
    keys = conn.exec_driver_sql(
        "SELECT conname, conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE connamespace = 'public'::regnamespace "
        "AND contype IN ('f', 'p', 'u') ORDER BY contype"  # f before p and u
    ).all()
    for name, table, kind, says in keys:
        if kind == "f":
            conn.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            valid = "" if table not in again.of_table else " NOT VALID"
            again.at_last.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {says}{valid}")
        elif table in again.of_table:
            conn.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            again.of_table[table].append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {says}")
    for name, table, says in conn.exec_driver_sql(
        "SELECT indexname, tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    ).all():
        if table in again.of_table:
            conn.exec_driver_sql(f"DROP INDEX {name}")
            again.of_table[table].append(says)
    if not logged:
        for table in metadata.tables:
            conn.exec_driver_sql(f"ALTER TABLE {table} SET UNLOGGED")
    return again


def _table(
    ledger: Ledger, t: Tongue, name: str, tables: list[tuple[str, Row]], again: Again
) -> None:
    with ledger.writing() as tx:
        if t.postgres:
            tx.conn.exec_driver_sql("SET LOCAL maintenance_work_mem = '400MB'")
            tx.conn.exec_driver_sql("SET LOCAL jit = off")
            tx.conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
        for each in (row for table, row in tables if table == name):
            _insert(tx.conn, t, name, each)
        for statement in again.of_table[name]:
            tx.conn.exec_driver_sql(statement)
        if t.postgres and "id" in metadata.tables[name].c:
            tx.conn.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "
                f"(SELECT coalesce(max(id), 1) FROM {name}))"
            )
        tx.conn.exec_driver_sql(f"ANALYZE {name}")


def _insert(conn: Connection, t: Tongue, name: str, row: Row) -> None:
    row = dict(row)
    only = row.pop("", "")
    wanted = t.numbers()
    if name in ("people", "profile_facts"):
        wanted = replace(t, count=(t.count + 1) // 2).numbers()
    conn.exec_driver_sql(
        (
            f"INSERT INTO {name} ({', '.join(row)}) SELECT {', '.join(row.values())} "
            f"FROM {wanted}" + (f" WHERE {only}" if only else "")
        ).replace("%", "%%" if t.postgres else "%")
    )
