"""Opening the database: SQLite (WAL, synchronous FULL) or PostgreSQL, the same to everyone above.

On SQLite writers take turns by a file lock, because behind the busy handler they starve one
another for seconds. On PostgreSQL a write that wakes a lane notifies the listening workers when
it commits.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import QueuePool

from bridge.model import Clock, utcnow

CHANNEL = "bridge_lanes"


@dataclass(frozen=True, slots=True)
class Tx:
    """An open transaction and its instant: everything written in it carries the same time."""

    conn: Connection
    now: datetime

    @property
    def postgres(self) -> bool:
        return self.conn.dialect.name == "postgresql"

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that knows `on_conflict_…`, which both databases say the same way."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)

    def tally(self, column: Column[str], *where: ColumnElement[bool]) -> dict[str, int]:
        """Value of a column → how many rows have it."""
        rows = self.conn.execute(select(column, func.count()).where(*where).group_by(column))
        return dict(rows.all())


class Ledger:
    """One per process. Threads share it; each transaction has its own connection."""

    def __init__(self, url: str, clock: Clock = utcnow) -> None:
        self.url = url
        self.clock = clock
        self.engine = _engine(url)
        self._turn = f"{self.engine.url.database}.turn" if self.is_sqlite else ""
        self.on_wake: Callable[[], None] = _nothing

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """A transaction that writes: committed when the block ends, rolled back if it raises."""
        with self._writers_turn(), self.engine.connect() as plain:
            conn = plain.execution_options(bridge_writes=True)
            with conn.begin():
                yield Tx(conn, self.clock())

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A transaction that only reads: a consistent view that holds nobody up."""
        with self.engine.connect() as conn, conn.begin():
            yield Tx(conn, self.clock())

    @contextmanager
    def only_one(self, name: str) -> Iterator[None]:
        """Hold a named lock across every thread, process and machine of this ledger."""
        if self.is_sqlite:
            with _file_lock(f"{self.engine.url.database}.{_safe(name)}.lock"):
                yield
            return
        with self.engine.connect() as conn, conn.begin():
            conn.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:n, 0))"), {"n": name})
            yield

    def compact(self) -> None:
        """Leave nothing of deleted rows where the database can do that. SQLite's file is written
        anew, its journal emptied; on PostgreSQL dead rows are cleared away, and what its own log
        and its backups keep is theirs."""
        with self._writers_turn():
            pooled = self.engine.raw_connection()  # VACUUM runs in no transaction
            try:
                raw: Any = pooled.driver_connection
                if self.is_sqlite:
                    raw.execute("VACUUM")
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                else:
                    raw.autocommit = True
                    raw.execute("VACUUM")
                    raw.autocommit = False
            finally:
                pooled.close()

    def ping(self) -> None:
        """Raises what the driver raises when the database cannot answer."""
        with self.engine.connect() as conn:
            conn.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _writers_turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        with _file_lock(self._turn):
            yield


def _nothing() -> None:
    return None


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name)


@contextmanager
def _file_lock(path: str) -> Iterator[None]:
    # A link that somebody left under this name is not followed to another file.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # closing gives the lock back, also when the process is killed


def _made_private(database: Path) -> None:
    """A new file is its owner's alone: it holds what customers wrote. SQLite gives its journals
    the file's own rights (https://sqlite.org/src/doc/trunk/src/os_unix.c, findCreateFileMode);
    a file that exists keeps the rights that its admin gave it."""
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return


def _engine(url: str) -> Engine:
    """`hide_parameters`: an error that is logged must not quote what somebody wrote."""
    if not url.startswith("sqlite"):
        return create_engine(
            url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True
        )
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=10, max_overflow=20, hide_parameters=True
    )
    database = engine.url.database
    if not database or database == ":memory:":
        raise ValueError(
            "the ledger must outlive the process: name a file, sqlite:///bridge.sqlite3"
        )
    _made_private(Path(database))

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        writes = conn.get_execution_options().get("bridge_writes")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
