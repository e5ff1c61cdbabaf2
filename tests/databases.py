"""A migrated database for each test, from zero only once.

To migrate takes up to half a second, and most tests ask what happens afterwards. So each kind is
migrated once per run: a SQLite file is copied, a PostgreSQL database is emptied between two tests
(a copy of it takes ten times as long). Nothing may leak from one test to the next: a database that
somebody is still connected to, or whose tables look different, is thrown away.

None of these waits for the disk. A process that is killed loses nothing by that, because what it
committed is the operating system's or the server's by then; only a power cut would, and no test
cuts the power. What is durable is asked of ledgers that are opened as they are outside of tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import event

from bridge.ledger import Ledger, migrate
from bridge.ledger.tables import metadata

MOST_USES = 150
"""Rows that were deleted stay behind until somebody clears up; a new database has none."""

SHAPE = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
  SELECT concat_ws(' ', relname, relkind, attname, attnum, atttypid, attnotnull)
  FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
  WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL
  SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL
  SELECT concat_ws(' ', conrelid::regclass, conname) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
) AS parts(part)
"""
FROM_ONE = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend'
"""


def hurry(ledger: Ledger) -> None:
    """Its connections wait for no disk from now on. On PostgreSQL the database itself says so."""
    if not ledger.is_sqlite:
        return

    def off(raw: Any, _record: Any) -> None:
        raw.execute("PRAGMA synchronous=OFF")

    ledger.engine.dispose()
    event.listen(ledger.engine, "connect", off)


def migrated_file(home: Path) -> Path:
    """A SQLite file that can be copied: nothing of it is left in the journal."""
    file = home / "migrated.sqlite3"
    ledger = Ledger(f"sqlite:///{file}")
    migrate.upgrade(ledger)
    ledger.compact()
    ledger.close()
    assert not Path(f"{file}-wal").exists()
    return file


def copied(file: Path, to: Path) -> str:
    """The address of a copy, its owner's alone like the original."""
    shutil.copy(file, to)
    return f"sqlite:///{to}"


class Server:
    """A PostgreSQL server on which tests have databases of their own. `address` names any database
    on it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._conn = psycopg.connect(address, autocommit=True)

    def close(self) -> None:
        self._conn.close()

    def create(self, template: str = "template1") -> str:
        """The name of a new database, unlike that of any other run beside this one."""
        name = f"bridge_test_{uuid4().hex[:12]}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._conn.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        hasty = sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off")
        self._conn.execute(hasty.format(sql.Identifier(name)))
        return name

    def drop(self, name: str) -> None:
        self._conn.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def to(self, name: str) -> str:
        """The address of this database, for psycopg."""
        base, _, query = self.address.partition("?")
        return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")

    def url(self, name: str) -> str:
        """The same, for a ledger."""
        return self.to(name).replace("postgresql://", "postgresql+psycopg://", 1)


class Shelf:
    """The migrated PostgreSQL database of this run, lent to one test after the other."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._template = server.create()
        ledger = Ledger(server.url(self._template))
        migrate.upgrade(ledger)
        ledger.close()
        with psycopg.connect(server.to(self._template)) as conn:
            self._shape = conn.execute(SHAPE).fetchone()
        self._name = ""
        self._uses = 0

    def close(self) -> None:
        self._forget()
        self._server.drop(self._template)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database without a row, for a ledger."""
        if not self._name:
            self._name, self._uses = self._server.create(self._template), 0
        self._uses += 1
        try:
            yield self._server.url(self._name)
        finally:
            if self._uses >= MOST_USES or not self._is_as_new():
                self._forget()

    def _is_as_new(self) -> bool:
        """Whether everybody has left it, and it could be made what it was."""
        with psycopg.connect(self._server.to(self._name), autocommit=True) as conn:
            if not _is_left(conn) or conn.execute(SHAPE).fetchone() != self._shape:
                return False
            emptied = _emptied(conn) or _emptied(conn)
            conn.execute(FROM_ONE)
        return emptied

    def _forget(self) -> None:
        name, self._name = self._name, ""
        if name:
            self._server.drop(name)


def _emptied(conn: psycopg.Connection[tuple[Any, ...]]) -> bool:
    """Whether nothing is left. A trigger may put down what it sees deleted: then once more."""
    names = [sql.Identifier(table.name) for table in reversed(metadata.sorted_tables)]
    with conn.transaction():
        for name in names:
            conn.execute(sql.SQL("DELETE FROM {}").format(name))
    left = sql.SQL(" OR ").join(sql.SQL("EXISTS (SELECT FROM {})").format(name) for name in names)
    return conn.execute(sql.SQL("SELECT {}").format(left)).fetchone() == (False,)


def _is_left(conn: psycopg.Connection[tuple[Any, ...]]) -> bool:
    """A connection that was closed is still there for an instant; one that leaked stays."""
    for _ in range(50):
        if conn.execute(OTHERS).fetchone() == (0,):
            return True
        conn.execute("SELECT pg_sleep(0.005)")
    return False
