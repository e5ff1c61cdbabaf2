"""gunicorn's threads, each with an end to its patience.

gunicorn bounds how long it waits for the first byte of a request, and nothing after that: with as
many connections as there are threads, each sending a byte now and then, one stranger would keep
everybody else out. https://gunicorn.org/deploy/
"""

from __future__ import annotations

from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from bridge.bounded import Patience

MOST_SECONDS = 30.0
"""For one request, from its first byte to the last one of the answer. Senders of webhooks give up
sooner."""


class Doorkeeper(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Ends a connection whose request is not done in time."""

    def handle(self, conn: TConn) -> Any:
        with Patience(MOST_SECONDS) as patience:
            patience.watch(conn.sock)
            return super().handle(conn)
