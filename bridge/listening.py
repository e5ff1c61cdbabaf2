"""The bell that wakes idle workers: PostgreSQL's NOTIFY, or a pipe beside SQLite's file and a look
at its change counter.

A ring is only a hint. One that is lost costs a moment's delay, one that comes twice costs a look.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial

import psycopg
import structlog

from bridge.ledger import Ledger
from bridge.ledger.doorbell import Listener
from bridge.ledger.reaching import patience
from bridge.ledger.ringing import CHANNEL, PAUSE

log = structlog.get_logger()

LOOK_EVERY = 0.02
"""Seconds. It costs some microseconds; half of it is what a delivery waits for whose ring was
lost, or heard by a process that has no idle worker."""
LISTEN_FOR = 0.5
AFTER_A_LOSS = 1.0

Hear = Callable[[Callable[[], None], threading.Event], None]
"""Rings until it is over; it raises nothing."""


class Bell:
    """`count` only grows: whoever saw it before going to sleep misses no ring.

    A ring wakes one of those who wait. Whoever finds work rings for the next one before doing it,
    so that as many get up as there is work for, and not everybody for each piece of it.
    """

    def __init__(self, ledger: Ledger, hear: Hear | None = None) -> None:
        """`hear`: another way by which rings come, where the ledger tells them so."""
        self._ledger = ledger
        self._rung = threading.Condition()
        self._over = threading.Event()
        self.count = 0
        listen = self._look if ledger.is_sqlite else self._listen
        if hear is not None:
            listen = partial(hear, self.ring, self._over)
        self._ear = threading.Thread(target=listen, name="bell")

        self._looks = ledger.is_sqlite and hear is None
        self._door: Listener | None = None

    def start(self) -> None:
        if self._looks:
            self._ledger.on_wake = self.ring  # what this process commits need not be looked for
            self._door = self._ledger.listener()
        self._ear.start()

    def stop(self) -> None:
        self._over.set()
        if self._door is not None:
            self._door.end()
        self.ring_all()
        self._ear.join()
        if self._door is not None:
            self._door.close()

    def ring(self) -> None:
        with self._rung:
            self.count += 1
            self._rung.notify()

    def ring_all(self) -> None:
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
        database, door = self._ledger.engine.url.database, self._door
        assert database is not None
        assert door is not None
        with closing(sqlite3.connect(database, check_same_thread=False)) as conn:
            seen = None
            while not self._over.is_set():
                door.wait(LOOK_EVERY)
                try:
                    version = conn.execute("PRAGMA data_version").fetchone()
                except sqlite3.OperationalError:
                    log.warning("not listening: the database does not answer")
                    self._over.wait(AFTER_A_LOSS)
                    version = None
                if version != seen:
                    seen = version
                    self.ring()
                    self._over.wait(PAUSE)  # what is committed meanwhile is heard together

    def _listen(self) -> None:
        url = self._ledger.engine.url.set(drivername="postgresql")
        address = url.render_as_string(hide_password=False)
        while not self._over.is_set():
            try:
                with psycopg.connect(address, autocommit=True, **patience(url)) as conn:
                    conn.execute(f"LISTEN {CHANNEL}")
                    self.ring()  # what was said while nobody listened
                    while not self._over.is_set():
                        for _ in conn.notifies(timeout=LISTEN_FOR):
                            self.ring()
            except psycopg.OperationalError:
                log.warning("not listening: the database does not answer")
                self._over.wait(AFTER_A_LOSS)
                self.ring()
