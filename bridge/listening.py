"""The bell that wakes idle workers: PostgreSQL's NOTIFY, or a look at SQLite's change counter.

A ring is only a hint. One that is lost costs a moment's delay, one that comes twice costs a look.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import psycopg
import structlog

from bridge.ledger import Ledger
from bridge.ledger.store import CHANNEL

log = structlog.get_logger()

LOOK_EVERY = 0.05
LISTEN_FOR = 0.5
AFTER_A_LOSS = 1.0


class Bell:
    """`count` only grows: whoever saw it before going to sleep misses no ring."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rung = threading.Condition()
        self._over = threading.Event()
        self.count = 0
        listen = self._look if ledger.is_sqlite else self._listen
        self._ear = threading.Thread(target=listen, name="bell")

    def start(self) -> None:
        self._ear.start()

    def stop(self) -> None:
        self._over.set()
        self.ring()
        self._ear.join()

    def ring(self) -> None:
        with self._rung:
            self.count += 1
            self._rung.notify_all()

    def wait(self, heard: int, most: float, stop: threading.Event) -> None:
        """Until it rings again after `heard`, or `most` seconds, or `stop`."""
        with self._rung:
            self._rung.wait_for(lambda: self.count != heard or stop.is_set(), timeout=most)

    def _look(self) -> None:
        """`PRAGMA data_version` changes when another connection has committed
        (https://www.sqlite.org/pragma.html#pragma_data_version)."""
        database = self._ledger.engine.url.database
        assert database is not None
        with closing(sqlite3.connect(database, check_same_thread=False)) as conn:
            seen = None
            while not self._over.wait(LOOK_EVERY):
                try:
                    version = conn.execute("PRAGMA data_version").fetchone()
                except sqlite3.OperationalError:
                    log.warning("not listening: the database does not answer")
                    self._over.wait(AFTER_A_LOSS)
                    version = None
                if version != seen:
                    seen = version
                    self.ring()

    def _listen(self) -> None:
        url = self._ledger.engine.url.set(drivername="postgresql")
        address = url.render_as_string(hide_password=False)
        while not self._over.is_set():
            try:
                with psycopg.connect(address, autocommit=True) as conn:
                    conn.execute(f"LISTEN {CHANNEL}")
                    self.ring()  # what was said while nobody listened
                    while not self._over.is_set():
                        for _ in conn.notifies(timeout=LISTEN_FOR):
                            self.ring()
            except psycopg.OperationalError:
                log.warning("not listening: the database does not answer")
                self._over.wait(AFTER_A_LOSS)
                self.ring()
