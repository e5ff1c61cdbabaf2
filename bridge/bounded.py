"""Answers of other people's servers, read with a limit on their size and on the time they take.

A read timeout bounds only the silence between two bytes, and `requests` unpacks a compressed
answer whole: a server that is broken, or hostile, could hold a worker for days or fill its memory
with a few kilobytes. https://requests.readthedocs.io/en/latest/user/quickstart/#timeouts
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
import structlog
import urllib3
import urllib3.connection
from requests.adapters import HTTPAdapter

from bridge.alarm_clock import CLOCK
from bridge.departing import may_leave

MOST_BYTES = 16 * 1024 * 1024
"""Of one answer, unpacked. A thread of 4,096 posts (Mastodon's most) is the longest there is."""
MOST_SECONDS = 60.0
"""From the connection to the last byte."""
SLOWEST = 64 * 1024
"""Bytes a second at which a request may still be sent: a large file is given its time."""
_PIECE = 64 * 1024

log = structlog.get_logger(__name__)


class Patience:
    """Ends connections at a deadline, whatever they are waiting for then: a server that sends one
    byte every few seconds never runs into a read timeout. Works on twins of the sockets because
    wrapping one in TLS takes the first away."""

    def __init__(self, seconds: float) -> None:
        self._twins: list[socket.socket] = []
        self._guard = threading.Lock()
        self._seconds = seconds
        self._alarm = 0
        self._left = False
        self.over = False

    def watch(self, sock: socket.socket) -> None:
        """This connection, too, ends at the deadline."""
        with self._guard:
            twin = sock.dup()
            self._twins.append(twin)
            if self.over:
                _shut(twin)

    def anew(self, seconds: float) -> None:
        """The deadline is so far away from now. What is over stays so."""
        CLOCK.take_back(self._alarm)
        self._alarm = CLOCK.put(seconds, self._end)

    def _end(self) -> None:
        with self._guard:
            if self._left:
                return
            self.over = True
            for twin in self._twins:
                _shut(twin)

    def __enter__(self) -> Patience:
        self._alarm = CLOCK.put(self._seconds, self._end)
        return self

    def __exit__(self, *_: object) -> None:
        CLOCK.take_back(self._alarm)
        with self._guard:
            self._left = True
            for twin in self._twins:
                twin.close()


def _shut(twin: socket.socket) -> None:
    try:
        twin.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already closed by the far side: that is what was wanted


_now: ContextVar[Patience | None] = ContextVar("patience", default=None)


class _Watched:
    """A connection that ends with the patience of whoever uses it. The twin is made before TLS,
    which leaves no socket that could be doubled."""

    _plain: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]  # urllib3's, see below
        self._let_go()
        self._plain = sock.dup()
        self._under_watch()
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._under_watch()
        super().request(*args, **kwargs)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined]  # urllib3's
            self.connect()  # type: ignore[attr-defined]
        may_leave()
        super().send(data)  # type: ignore[misc]

    def close(self) -> None:
        self._let_go()
        super().close()  # type: ignore[misc]

    def _under_watch(self) -> None:
        patience = _now.get()
        if patience is not None and self._plain is not None:
            patience.watch(self._plain)

    def _let_go(self) -> None:
        if self._plain is not None:
            self._plain.close()
            self._plain = None


class _Plain(_Watched, urllib3.connection.HTTPConnection):
    pass


class _Secure(_Watched, urllib3.connection.HTTPSConnection):
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


class Bounded(HTTPAdapter):
    """Never repeats a request. Reads every answer to its end at once, within the limits.

    What is too long, too slow or broken off in its body becomes an answer without a body: its
    status still counts (429 is 429), and nobody takes half of its words for the whole. Where no
    status came in time it is a `requests.ConnectionError`, as with every lost connection.
    """

    def __init__(self, most: int = MOST_BYTES, seconds: float = MOST_SECONDS) -> None:
        self._most = most
        self._seconds = seconds
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        to_send = len(request.body) if isinstance(request.body, (bytes, str)) else 0
        with _patient(self._seconds + to_send / SLOWEST) as patience:
            response = super().send(request, *args, **kwargs)
            try:
                content = _read(response, self._most)
            except (urllib3.exceptions.HTTPError, OSError) as broken:
                content = _unread(response, type(broken).__name__)
            if patience.over:
                content = _unread(response, "too slow")
        # What `Response.content` would have done, and everything in requests looks there.
        response._content = content
        response._content_consumed = True  # type: ignore[attr-defined]
        return response


@contextmanager
def _patient(seconds: float) -> Iterator[Patience]:
    with Patience(seconds) as patience:
        before = _now.set(patience)
        try:
            yield patience
        finally:
            _now.reset(before)


def _read(response: requests.Response, most: int) -> bytes:
    content = bytearray()
    for piece in response.raw.stream(_PIECE, decode_content=True):
        content += piece
        if len(content) > most:
            return _unread(response, f"more than {most:,} bytes")
    return bytes(content)


def _unread(response: requests.Response, because: str) -> bytes:
    response.raw.close()
    log.warning("an answer was not read to its end", status=response.status_code, because=because)
    return b""
