"""gunicorn's threads, each with an end to its patience.

gunicorn bounds how long it waits for the first byte of a request, and nothing after that: with as
many connections as there are threads, each sending a byte now and then, one stranger would keep
everybody else out. https://gunicorn.org/deploy/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from bridge.bounded import Patience
from bridge.connecting.stepwise import LONGEST

MOST_SECONDS = 30.0
"""For one request, from its first byte to the last one of the answer. Senders of webhooks give up
sooner. Of an answer in pieces: until it begins, and for the caller to take each."""
NEXT_PIECE = LONGEST + 20.0
"""Until an answer in pieces has its next one. A trial says itself that it waits no longer."""
MOST_STREAMED = 900.0
"""For the whole of an answer in pieces."""

Application = Callable[[Any, Callable[..., Any]], Iterable[bytes]]

_patience: ContextVar[Patience] = ContextVar("patience")


class Doorkeeper(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Ends a connection whose request is not done in time."""

    wsgi: Application

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = _in_pieces(self.wsgi)

    def handle(self, conn: TConn) -> Any:
        with Patience(MOST_SECONDS) as patience:
            patience.watch(conn.sock)
            before = _patience.set(patience)
            try:
                return super().handle(conn)
            finally:
                _patience.reset(before)


def _in_pieces(application: Application) -> Application:
    """What is known whole has its length in its head; what has none comes in pieces, each in its
    own time."""

    def answer(environ: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        names: set[str] = set()

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            names.update(name.lower() for name, _ in headers)
            return start(status, headers, *more)

        found = application(environ, started)
        return found if "content-length" in names else _timed(found, _patience.get())

    return answer


def _timed(pieces: Iterable[bytes], patience: Patience) -> Iterator[bytes]:
    ends = monotonic() + MOST_STREAMED

    def within(seconds: float) -> None:
        patience.anew(min(seconds, ends - monotonic()))

    try:
        within(NEXT_PIECE)
        for piece in pieces:
            within(MOST_SECONDS)
            yield piece
            within(NEXT_PIECE)
    finally:
        getattr(pieces, "close", lambda: None)()
