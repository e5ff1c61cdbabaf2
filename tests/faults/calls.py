"""Every HTTP request of the bridge, whoever makes it, and what can go wrong around it.

The seam is `http.client`, below every client library: what the helpdesk's client, the channels
and the downloads of files have in common. Who waits too long is told so at once, as the socket
would after its time-out.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from fnmatch import translate
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from faults.plan import Died, Plan, Point

from bridge.sandbox.faults import Faults

WAIT = 30
"""Seconds that a 429 asks for."""

ARMED: dict[str, tuple[str, dict[str, Any]]] = {
    "dropped before": ("drop_before_write", {}),
    "dropped after": ("drop_after_write", {}),
    "timeout": ("drop_before_write", {}),
    "429": ("429", {"retry_after": WAIT}),
    "500": ("500", {}),
    "504, done": ("504_after_write", {}),
    "401": ("401", {}),
}
"""What the stand-in is told to do with the request."""

FAULTS = (
    "killed before",
    "killed after",
    "dropped before",
    "dropped after",
    "timeout",
    "timeout, done",
    "timeout, done late",
    "429",
    "500",
    "504, done",
    "401",
    "frozen before",
    "frozen at the wire",
    "frozen after",
)

_ID = re.compile(
    r"(?<=/)(?!v\d+(?:/|$))[^/]*\d[^/]*|(?<=/token/)[^/]+|(?<=/content-store/)[^/]+"
    r"|(?<=/name/)[^/]+"
)
"""Numbers, and what is drawn by chance and may hold none."""


@dataclass
class FarSide:
    """A stand-in: what it is called in the table, and its faults."""

    name: str
    faults: Faults


@dataclass
class Seam:
    """`others` lets some time go by in which other workers take over and finish everything."""

    plan: Plan
    sides: dict[int, FarSide]
    others: Callable[[], None]
    _struck: dict[int, str] = field(default_factory=dict)
    _held: list[tuple[tuple[str, int], bytes]] = field(default_factory=list)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        put, send, answer = (
            HTTPConnection.putrequest,
            HTTPConnection.send,
            HTTPConnection.getresponse,
        )

        def putrequest(conn: HTTPConnection, method: str, url: str, **more: Any) -> None:
            self._struck.pop(id(conn), None)
            side = self.sides.get(conn.port)
            fault = side and self.plan.fault_at(Point("call", named(method, side.name, url)))
            if side and fault:
                self._struck[id(conn)] = fault
                self._before(fault, side, method, url)
            put(conn, method, url, **more)

        def sending(conn: HTTPConnection, data: Any) -> None:
            fault = self._struck.get(id(conn))
            if fault in ("timeout, done late", "frozen at the wire") and conn.sock is None:
                conn.connect()
            if fault == "timeout, done late":
                self._held.append(((conn.host, conn.port), bytes(data)))
                return
            if fault == "frozen at the wire":
                del self._struck[id(conn)]
                self.others()
            send(conn, data)

        def getresponse(conn: HTTPConnection) -> HTTPResponse:
            fault = self._struck.pop(id(conn), "")
            if fault == "timeout, done late":
                raise TimeoutError("timed out")
            try:
                response = answer(conn)
            except OSError:
                self._after(fault)
                raise
            self._after(fault)
            return response

        patch.setattr(HTTPConnection, "putrequest", putrequest)
        patch.setattr(HTTPConnection, "send", sending)
        patch.setattr(HTTPConnection, "getresponse", getresponse)

    def _before(self, fault: str, side: FarSide, method: str, url: str) -> None:
        if fault == "killed before":
            raise Died
        if fault == "frozen before":
            self.others()
        if fault in ARMED:
            side.faults.clear()  # where the flow itself has lost this answer, this comes instead
            name, details = ARMED[fault]
            path = unquote(urlsplit(url).path)
            side.faults.add(name, method=method, path=_literally(path), **details)

    def _after(self, fault: str) -> None:
        """The answer, or the loss of it, is in hand."""
        if fault in ("timeout", "timeout, done"):
            raise TimeoutError("timed out")
        if fault == "killed after":
            raise Died
        if fault == "frozen after":
            self.others()

    def arrive(self) -> None:
        """What was long under way reaches the far side after all; nobody hears the answer."""
        if not self._held:
            return
        where, data = self._held[0][0], b"".join(piece for _, piece in self._held)
        self._held.clear()
        with socket.create_connection(where, timeout=10) as sock:
            sock.sendall(data)
            with suppress(HTTPException, OSError), closing(HTTPResponse(sock)) as response:
                response.begin()
                response.read()


def named(method: str, side: str, url: str) -> str:
    """`PUT Zendesk /api/v2/tickets/*`: without host, query and ids."""
    path = urlsplit(url).path.removesuffix(".json")
    return f"{method} {side} {_ID.sub('*', path)}"


def fits(point: Point, fault: str) -> bool:
    """Whether this fault can befall this call at all."""
    if fault.startswith("frozen") and "/oauth/" in point.name:
        return False  # whoever renews the token holds a lock that all others wait for
    if fault in ("504, done", "timeout, done late", "frozen at the wire"):
        return not point.name.startswith("GET ")  # however late, nothing is done
    return fault != "401" or "/api/" in point.name  # others look at no sign-in


def _literally(path: str) -> str:
    """A shell pattern that matches this path alone."""
    pattern = re.sub(r"([*?\[])", r"[\1]", path)
    assert re.match(translate(pattern), path)
    return pattern
