"""Opening the database: SQLite (WAL, synchronous FULL) or PostgreSQL, the same to everyone above.

On SQLite writers take turns by file locks (`bridge.ledger.turns`), because behind the busy handler
they starve one another for seconds. A write that woke a lane is told to `on_wake` once it is
committed: idle workers hear of it, on PostgreSQL by NOTIFY, on SQLite at a pipe beside the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from bridge.errors import Misconfigured
from bridge.ledger.doorbell import Doorbell, Listener
from bridge.ledger.reaching import ask_the_rested, patience, settle
from bridge.ledger.ringing import Notifying, Ringer
from bridge.ledger.turns import Turns, locked
from bridge.model import Clock, utcnow


@dataclass(frozen=True, slots=True)
class Tx:
    """An open transaction and its instant: everything written in it carries the same time. `woken`
    are the lanes that it makes due."""

    conn: Connection
    now: datetime
    woken: set[str] = field(default_factory=set)

    @property
    def postgres(self) -> bool:
        return self.conn.dialect.name == "postgresql"

    def wait_at_most(self, seconds: float) -> None:
        """Raises what the driver raises rather than wait longer for a lock that another
        transaction has. On SQLite whoever writes has the only one."""
        if self.postgres:
            self.conn.exec_driver_sql(f"SET LOCAL lock_timeout = {int(seconds * 1000)}")

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An insert that knows `on_conflict_…`, which both databases say the same way."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)

    def tally(self, column: Column[str], *where: ColumnElement[bool]) -> dict[str, int]:
        """Value of a column → how many rows have it."""
        rows = self.conn.execute(select(column, func.count()).where(*where).group_by(column))
        return dict(rows.all())


class Ledger:
    """One per process. Threads share it; each transaction has its own connection.

    `on_wake` is called after each commit that woke a lane, in the thread that committed. It is a
    hint to idle workers and may be replaced; it must return at once and raise nothing, because the
    commit stands. Workers look by themselves every few seconds, so a hint may be lost.
    """

    def __init__(self, url: str, clock: Clock = utcnow) -> None:
        self.url = url
        self.clock = clock
        self.engine = _engine(url)
        self._turns = Turns(f"{self.engine.url.database}.turn") if self.is_sqlite else None
        self._bell: Doorbell | Ringer = (
            Doorbell(self._door) if self.is_sqlite else Ringer(Notifying(self.engine.url))
        )
        self.on_wake: Callable[[], None] = self._bell.ring

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def ring_by(self, ringer: Ringer) -> None:
        """Wake-ups are told by this one from now on; it is closed with the ledger."""
        self._bell.close()
        self._bell, self.on_wake = ringer, ringer.ring

    def listener(self) -> Listener:
        """SQLite: hears what other processes commit, where they ring by a pipe."""
        return Listener(self._door)

    @contextmanager
    def writing(self, *, urgent: bool = False) -> Iterator[Tx]:
        """A transaction that writes: committed when the block ends, rolled back if it raises.
        `urgent`: somebody waits for an answer; on SQLite it has the next turn."""
        with self._writers_turn(urgent=urgent), self.engine.connect() as plain:
            conn = plain.execution_options(bridge_writes=True)
            with conn.begin():
                tx = Tx(conn, self.clock())
                yield tx
        if tx.woken:
            self.on_wake()

    @contextmanager
    def at_once(self) -> Iterator[Tx]:
        """PostgreSQL: each statement is a transaction of its own, committed when it has been
        answered: one way there and back, where `writing` takes three and those of what is said."""
        with self.engine.connect() as plain:
            tx = Tx(plain.execution_options(isolation_level="AUTOCOMMIT"), self.clock())
            yield tx
        if tx.woken:
            self.on_wake()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """Only reads, and holds nobody up. On PostgreSQL each statement sees what is committed by
        then, as it does in any transaction there (READ COMMITTED), and there is none to be begun
        and ended; on SQLite all of them see the same."""
        if self.is_sqlite:
            with self.engine.connect() as conn, conn.begin():
                yield Tx(conn, self.clock())
            return
        with self.at_once() as tx:
            yield tx

    @contextmanager
    def only_one(self, name: str) -> Iterator[None]:
        """Hold a named lock across every thread, process and machine of this ledger."""
        if self.is_sqlite:
            with locked(f"{self.engine.url.database}.{_safe(name)}.lock"):
                yield
            return
        with self.engine.connect() as conn, conn.begin():
            # What it is held for may take long, and is not done in this transaction.
            conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            conn.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:n, 0))"), {"n": name})
            yield

    def compact(self) -> None:
        """Leave nothing of deleted rows where the database can do that. SQLite's file is written
        anew, its journal emptied; on PostgreSQL dead rows are cleared away, and what its own log
        and its backups keep is theirs."""
        if not self.is_sqlite:
            with self.at_once() as tx:  # VACUUM runs in no transaction
                tx.conn.execute(text("VACUUM"))
            return
        with self._writers_turn():
            pooled = self.engine.raw_connection()
            try:
                raw: Any = pooled.driver_connection
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                pooled.close()

    def ping(self) -> None:
        """Raises what the driver raises when the database cannot answer."""
        with self.engine.connect() as conn:
            conn.execute(text("SELECT 1"))

    def close(self) -> None:
        self._bell.close()
        self.engine.dispose()

    @property
    def _door(self) -> str:
        """Hidden: a command that copies all files of the ledger's name would wait at a pipe."""
        database = Path(self.engine.url.database or "")
        return str(database.with_name(f".{database.name}.bell"))

    def _writers_turn(self, *, urgent: bool = False) -> AbstractContextManager[None]:
        return self._turns.one(urgent=urgent) if self._turns else nullcontext()


def ledger_at(url: str, clock: Clock = utcnow) -> Ledger:
    """The ledger at BRIDGE_DATABASE_URL. Raises `Misconfigured` where that can lead to none."""
    try:
        return Ledger(url, clock)
    except (ValueError, OSError, ArgumentError) as wrong:
        raise Misconfigured(f"BRIDGE_DATABASE_URL does not lead to a database: {wrong}") from wrong


def is_deadlock(failure: DBAPIError) -> bool:
    """Whether two transactions waited for one another, and this one was ended for it
    (https://www.postgresql.org/docs/current/errcodes-appendix.html, 40P01)."""
    return getattr(failure.orig, "sqlstate", None) == "40P01"


def may_succeed_anew(failure: DBAPIError) -> bool:
    """Whether it failed because its connection was lost, or because another transaction had a lock
    for longer than it was to wait (55P03), and not because the database is away."""
    return failure.connection_invalidated or getattr(failure.orig, "sqlstate", None) == "55P03"


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name)


def _require_a_name(url: URL) -> None:
    """Without one libpq takes the user's own name, which may be another ledger, or an empty one
    (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-DBNAME)."""
    if not url.database and not url.query.keys() & {"dbname", "service"}:
        raise ValueError("it names no database: write postgresql://user:password@host/name")


def _made_private(database: Path) -> None:
    """A new file is its owner's alone: it holds what customers wrote. SQLite gives its journals
    the file's own rights (https://sqlite.org/src/doc/trunk/src/os_unix.c, findCreateFileMode);
    a file that exists keeps the rights that its admin gave it."""
    folder = database.absolute().parent
    if not folder.is_dir():
        raise ValueError(
            f"there is no folder {folder}. Correct the address, or make the folder first: a slip "
            "of the pen must not begin a new, empty ledger"
        )
    try:
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return


def _engine(url: str) -> Engine:
    """`hide_parameters`: an error that is logged must not quote what somebody wrote."""
    if not url.startswith("sqlite"):
        _require_a_name(make_url(url))
        engine = create_engine(
            url,
            pool_size=10,
            max_overflow=20,
            hide_parameters=True,
            connect_args=patience(make_url(url)),
        )
        event.listen(engine, "connect", lambda raw, _record: settle(raw))
        ask_the_rested(engine)
        return engine
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
