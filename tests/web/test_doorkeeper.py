"""The real web server, held against callers who send slowly or too much."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bridge.web.server import LONGEST_FIELD, LONGEST_LINE, MOST_FIELDS, command

SMALL = """
from threading import Event

from bridge.web import doorkeeper

doorkeeper.MOST_SECONDS = {seconds}
doorkeeper.MOST_STREAMED = {streamed}


def trial():
    yield b"the first finding"
    Event().wait({seconds} + 1)
    yield b"the verdict"


def endless(piece):
    while True:
        Event().wait(0.05)
        yield piece


PIECES = {{"/trial": trial, "/long": lambda: endless(b"x"), "/wide": lambda: endless(b"x" * 2**22)}}


def application():
    def answer(environ, start):
        environ["wsgi.input"].read()
        streamed = PIECES.get(environ["PATH_INFO"])
        start("200 OK", [] if streamed else [("Content-Length", "2")])
        return streamed() if streamed else [b"ok"]

    return answer
"""

Call = Callable[[bytes], socket.socket]
Serving = Callable[..., Call]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """Starts a web server with one thread, whose patience is so long, and calls it."""
    started: list[subprocess.Popen[bytes]] = []
    sockets: list[socket.socket] = []

    def start(seconds: float, streamed: float = 60.0) -> Call:
        small = SMALL.format(seconds=seconds, streamed=streamed)
        (tmp_path / "small.py").write_text(small, encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        line = [*command("127.0.0.1", port, 1, 1)[:-1], "small:application()"]
        environ = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
        started.append(subprocess.Popen(line, cwd=tmp_path, env=environ, stderr=subprocess.DEVNULL))

        def call(head: bytes) -> socket.socket:
            pause = threading.Event()
            while True:
                assert started[0].poll() is None, "the server did not start"
                with suppress(ConnectionRefusedError):
                    line = socket.create_connection(("127.0.0.1", port), 60)
                    break
                pause.wait(0.05)
            sockets.append(line)
            line.sendall(head)
            return line

        return call

    yield start
    for line in sockets:
        line.close()
    for server in started:
        server.terminate()
        server.wait()


WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
NO_END = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
NO_HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nX-Half: "


@pytest.mark.parametrize("slow", [NO_END, NO_HEAD])
def test_slow_caller(serving: Serving, slow: bytes) -> None:
    """Who never ends what they send loses the connection, and whoever waits behind is served."""
    call = serving(3.0)
    call(slow)

    assert call(WHOLE).recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * LONGEST_LINE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * LONGEST_FIELD + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-More: a\r\n" * MOST_FIELDS + b"\r\n",
    ],
)
def test_large_heads(serving: Serving, head: bytes) -> None:
    """A request line, a header or a list of headers beyond the limits is refused, 4xx."""
    assert serving(30)(head).recv(100).startswith(b"HTTP/1.1 4")


def asks(path: str) -> bytes:
    return WHOLE.replace(b"/", path.encode(), 1)


def everything(line: socket.socket) -> bytes:
    heard = b""
    with suppress(ConnectionResetError):
        while piece := line.recv(65536):
            heard += piece
    return heard


def test_an_answer_in_pieces_is_given_its_time(serving: Serving) -> None:
    """A trial tells its verdict last, long after a webhook's sender would have given up."""
    heard = everything(serving(3.0)(asks("/trial")))
    assert b"the first finding" in heard
    assert heard.endswith(b"the verdict\r\n0\r\n\r\n")


def test_who_takes_no_piece_loses_the_connection(serving: Serving) -> None:
    call = serving(3.0)
    call(asks("/wide"))
    assert call(WHOLE).recv(100).startswith(b"HTTP/1.1 200")


def test_no_answer_in_pieces_is_endless(serving: Serving) -> None:
    call = serving(30.0, streamed=3.0)
    assert everything(call(asks("/long"))).startswith(b"HTTP/1.1 200")
    assert call(WHOLE).recv(100).startswith(b"HTTP/1.1 200")
