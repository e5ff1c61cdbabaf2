"""Telling the listening workers that a lane was woken, by PostgreSQL's NOTIFY or another way.

Not in the transaction that woke it: PostgreSQL lets only one transaction that notifies commit at a
time, in the whole database, each waiting for the disk
(https://github.com/postgres/postgres/blob/REL_17_STABLE/src/backend/commands/async.c,
PreCommit_Notify). One ring of a process's own is enough for everything that it committed before.
"""

from __future__ import annotations

import threading
from typing import Protocol

import psycopg
import structlog
from sqlalchemy import URL

from bridge.ledger.reaching import patience

log = structlog.get_logger()

CHANNEL = "bridge_lanes"

PAUSE = 0.01
"""Seconds between two rings: what is committed meanwhile is told together."""
CONNECTS_WITHIN = 5
"""Seconds."""


class Line(Protocol):
    """A way by which a ring goes. Only one thread uses it."""

    def tell(self) -> None:
        """Raises `ConnectionError` when it could not be told; the next one begins anew."""

    def hang_up(self) -> None: ...


class Notifying:
    """PostgreSQL's NOTIFY, over a connection of its own."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql")
        self._patience = patience(url) | {"connect_timeout": CONNECTS_WITHIN}
        self._conn: psycopg.Connection[tuple[object, ...]] | None = None

    def tell(self) -> None:
        try:
            if self._conn is None:
                address = self._url.render_as_string(hide_password=False)
                self._conn = psycopg.connect(address, autocommit=True, **self._patience)
            self._conn.execute(f"NOTIFY {CHANNEL}")
        except psycopg.Error as lost:
            self.hang_up()
            raise ConnectionError(type(lost).__name__) from lost

    def hang_up(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None


class Ringer:
    """One per process; a thread of its own, from the first ring on.

    A ring is a hint: one that cannot be sent is dropped, and the workers find out by themselves.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._news = threading.Condition()
        self._asked = False
        self._over = False
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        """Returns at once. Several in a moment are one."""
        with self._news:
            self._asked = True
            self._news.notify_all()
            if self._thread is None:
                # Nobody waits for a hint: a process may end without it.
                self._thread = threading.Thread(target=self._serve, name="ringer", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """What was asked for before is still sent. A later ring begins anew."""
        with self._news:
            thread, self._over = self._thread, True
            self._news.notify_all()
        if thread is not None:
            thread.join(2 * CONNECTS_WITHIN)
        with self._news:
            self._thread, self._over = None, False

    def _serve(self) -> None:
        try:
            self._send_all()
        except BaseException:
            with self._news:  # a defect: the next ring begins anew, with another thread
                self._thread = None
            raise

    def _send_all(self) -> None:
        try:
            while self._is_asked():
                self._send()
                with self._news:
                    self._news.wait_for(lambda: self._over, PAUSE)
        finally:
            self._line.hang_up()

    def _is_asked(self) -> bool:
        """Waits for the next ring that is asked for; False when it is over and none is."""
        with self._news:
            self._news.wait_for(lambda: self._asked or self._over)
            asked, self._asked = self._asked, False
        return asked

    def _send(self) -> None:
        try:
            self._line.tell()
        except ConnectionError as lost:
            log.info("a ring was lost", error=str(lost))
