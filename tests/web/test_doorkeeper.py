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
from bridge.web import doorkeeper

doorkeeper.MOST_SECONDS = {seconds}


def application():
    def answer(environ, start):
        environ["wsgi.input"].read()
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    return answer
"""

Call = Callable[[bytes], socket.socket]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[float], Call]]:
    """Starts a web server with one thread, whose patience is so long, and calls it."""
    started: list[subprocess.Popen[bytes]] = []
    sockets: list[socket.socket] = []

    def start(seconds: float) -> Call:
        (tmp_path / "small.py").write_text(SMALL.format(seconds=seconds), encoding="utf-8")
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
def test_slow_caller(serving: Callable[[float], Call], slow: bytes) -> None:
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
def test_large_heads(serving: Callable[[float], Call], head: bytes) -> None:
    """A request line, a header or a list of headers beyond the limits is refused, 4xx."""
    assert serving(30)(head).recv(100).startswith(b"HTTP/1.1 4")
