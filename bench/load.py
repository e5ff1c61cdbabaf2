"""Requests at one address, over kept connections, as fast as they are answered or at a set rate.

Written over bare sockets: a client library costs more processor time for a request than what is
measured, and this machine's cores are shared. It runs in a process of its own for the same reason.

A latency counts from when a request was due, not from when a late client got round to it: else a
stall of the server would be seen as one slow request, where a hundred had to wait
(https://github.com/giltene/wrk2, "coordinated omission").
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from urllib.parse import urlsplit

from bench.chapter import percentile

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it: `seconds` in all, each request's `waits` in seconds, and how many were
    answered with something else than 200. `began` is when the first one was due, in seconds since
    1970."""

    seconds: float
    waits: tuple[float, ...]
    refused: int
    began: float = 0.0

    @property
    def rate(self) -> float:
        """Requests answered with 200 in a second."""
        return (len(self.waits) - self.refused) / self.seconds

    def at(self, part: float) -> float:
        """A percentile of the waits, in milliseconds."""
        return percentile(self.waits, part) * 1000


def request_bytes(url: str, headers: dict[str, str], body: bytes) -> bytes:
    """A POST as it goes over the wire."""
    parts = urlsplit(url)
    head = [f"POST {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    head += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode() + body


def load(url: str, requests: Sequence[bytes], connections: int, rate: float = 0.0) -> Loaded:
    """Send all of them over so many connections, `rate` of them in a second (0: each connection
    sends its next as soon as the last was answered). Raises `OSError` where nobody answers."""
    return _elsewhere().submit(_load, url, list(requests), connections, rate).result()


@cache
def _elsewhere() -> ProcessPoolExecutor:
    """One process for all of it: dozens of new ones would take a sixth of a chapter's time."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _load(url: str, requests: list[bytes], connections: int, rate: float) -> Loaded:
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    waits = [0.0] * len(requests)
    refused = [0] * connections
    failures: list[OSError] = []
    doors = [socket.create_connection(address, PATIENCE) for _ in range(connections)]
    began, on_the_clock = time.perf_counter(), time.time()

    def send(which: int) -> None:
        door = doors[which]
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for number in range(which, len(requests), connections):
                due = began + number / rate if rate else time.perf_counter()
                early = due - time.perf_counter()
                if early > 0:
                    time.sleep(early)
                door.sendall(requests[number])
                status = _answered(door)
                waits[number] = time.perf_counter() - due
                refused[which] += status != 200
        except OSError as lost:
            failures.append(lost)

    threads = [threading.Thread(target=send, args=(which,)) for which in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    for door in doors:
        door.close()
    if failures:
        raise failures[0]
    return Loaded(seconds, tuple(waits), sum(refused), on_the_clock)


def _answered(door: socket.socket) -> int:
    """Read one whole answer; its status. Raises `ConnectionError` where it breaks off."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += _more(door)
    head, _, rest = seen.partition(b"\r\n\r\n")
    length = next(_lengths(head), 0)
    while len(rest) < length:
        rest += _more(door)
    return int(head[9:12])


def _more(door: socket.socket) -> bytes:
    got = door.recv(65536)
    if not got:
        raise ConnectionError("the server hung up in the middle of an answer")
    return got


def _lengths(head: bytes) -> Iterator[int]:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            yield int(value)
