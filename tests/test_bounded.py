"""Servers that answer without an end, too slowly, or with a bomb: real ones, on loopback."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import requests

from bridge import bounded
from bridge.bounded import Bounded
from bridge.channels.contract import Surroundings
from bridge.channels.mastodon.calls import Calls, ServerTrouble
from bridge.errors import NobodyKnows, Unreachable
from bridge.helpdesks.zendesk import client
from bridge.helpdesks.zendesk.client import Line
from bridge.helpdesks.zendesk.limits import Heard
from bridge.helpdesks.zendesk.tokens import Tokens
from bridge.model import utcnow
from bridge.settings import Secret, ZendeskSettings
from bridge.tokens import StoredToken

TIMEOUT = (5.0, 60.0)
Say = Callable[[bytes], None]
Behaviour = Callable[[Say], None]


class Hostile:
    """Answers each request by doing `behaviour`, until the caller goes away."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = lambda say: say(b"HTTP/1.1 204 No Content\r\n\r\n")
        self.calls = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self._take(self._open)

    def _take(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        self._threads.append(thread)
        thread.start()

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._door.accept()
                self._take(lambda line=line: self._serve(line))  # type: ignore[misc]

    def _serve(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            while line.recv(65536):
                self.calls += 1
                self.behaviour(line.sendall)

    def drip(self, say: Say) -> None:
        """One byte after the other, as long as anybody listens."""
        while not self._over.wait(0.01):
            say(b" ")

    def close(self) -> None:
        self._over.set()
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    server = Hostile()
    yield server
    server.close()


def get(server: Hostile, most: int = 100_000, seconds: float = 60.0) -> tuple[int, bytes]:
    with requests.Session() as session:
        session.mount("http://", Bounded(most, seconds))
        response = session.get(server.url, timeout=TIMEOUT)
        return response.status_code, response.content


def endless(say: Say) -> None:
    say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        say(b"1," * 5_000)


def bomb(say: Say) -> None:
    packed = gzip.compress(b"[" + b"1," * 40_000_000, 9)
    assert len(packed) < 200_000
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    say(head.encode() + packed)


class HandClock:
    """The deadline of the request under way is over when a test says so."""

    def put(self, seconds: float, ring: Callable[[], None]) -> int:
        self.ring = ring
        return 1

    def take_back(self, number: int) -> None:
        assert 1 == number


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    clock = HandClock()
    monkeypatch.setattr(bounded, "CLOCK", clock)
    return clock


def slowly(server: Hostile, clock: HandClock, head: bytes) -> Behaviour:
    """The time is over after these bytes, although more of them keep coming."""

    def behave(say: Say) -> None:
        say(head)
        clock.ring()
        server.drip(say)

    return behave


def test_endless_body(hostile: Hostile) -> None:
    """An answer without an end is cut off and counts as one without a body."""
    hostile.behaviour = endless

    assert (200, b"") == get(hostile)


def test_bomb(hostile: Hostile) -> None:
    """A few kilobytes that unpack to many megabytes are not unpacked to their end."""
    hostile.behaviour = bomb

    assert (200, b"") == get(hostile, most=1_000_000)


def test_packed_within_limits(hostile: Hostile) -> None:
    """An honest compressed answer is read as ever."""
    packed = gzip.compress(b'{"fine": true}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    hostile.behaviour = lambda say: say(head.encode() + packed)

    assert (200, b'{"fine": true}') == get(hostile)


def test_no_gzip_at_all(hostile: Hostile) -> None:
    """A body that is not what its header says is an answer without a body, not a crash."""
    hostile.behaviour = lambda say: say(
        b"HTTP/1.1 500 Oh\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"
    )

    assert (500, b"") == get(hostile)


def test_lying_length(hostile: Hostile) -> None:
    """Half of an announced body is not taken for the whole."""

    def half(say: Say) -> None:
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{}")
        raise OSError

    hostile.behaviour = half

    assert (200, b"") == get(hostile)


def test_slow_body(hostile: Hostile, clock: HandClock) -> None:
    """A body that drips is given up at the deadline; what its status says still counts."""
    head = b"HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\n\r\n"
    hostile.behaviour = slowly(hostile, clock, head)

    assert (429, b"") == get(hostile)


def test_slow_head(hostile: Hostile, clock: HandClock) -> None:
    """Headers that drip end at the deadline, although bytes keep coming; the status was said."""
    hostile.behaviour = slowly(hostile, clock, b"HTTP/1.1 200 OK\r\nX-Odd: ")

    assert (200, b"") == get(hostile)


def test_kept_connection_is_watched(hostile: Hostile, clock: HandClock) -> None:
    """The deadline holds on a connection that is used for the second time, too."""
    with requests.Session() as session:
        session.mount("http://", Bounded())
        session.get(hostile.url, timeout=TIMEOUT)
        hostile.behaviour = slowly(hostile, clock, b"")

        with pytest.raises(requests.ConnectionError):
            session.get(hostile.url, timeout=TIMEOUT)

    assert 2 == hostile.calls


def test_mastodon_read_and_write(hostile: Hostile) -> None:
    """A read without an end is tried again; a write without an end is one nobody knows about."""
    hostile.behaviour = endless
    calls = Calls(hostile.url, Secret("t"), Surroundings(utcnow, timeout=TIMEOUT))

    with pytest.raises(ServerTrouble):
        calls.get("/api/v1/notifications")
    with pytest.raises(NobodyKnows):
        calls.write("POST", "/api/v1/statuses", form=(("status", "hello"),))


def test_zendesk(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without an end to a write of Zendesk's is one nobody knows about."""
    monkeypatch.setattr(client, "MOST_BYTES", 100_000)
    hostile.behaviour = endless

    with Line(hostile.url, utcnow, TIMEOUT, Heard()) as line:
        line.call.once = True
        with pytest.raises(NobodyKnows):
            line.request("POST", "https://helpdesk.invalid/api/v2/tickets.json", json={})


class NoTokens:
    """Nothing is kept."""

    def only_one(self, name: str) -> threading.Lock:
        return threading.Lock()

    def get(self, name: str) -> StoredToken | None:
        return None

    def put(self, name: str, token: StoredToken) -> None:
        raise AssertionError("no token was given")


def test_token_address(hostile: Hostile) -> None:
    """An answer without an end is no token."""
    hostile.behaviour = endless
    settings = ZendeskSettings(hostile.url, client_id="us", client_secret=Secret("s" * 20))

    with pytest.raises(Unreachable):
        Tokens(settings, utcnow, NoTokens(), TIMEOUT).current()
