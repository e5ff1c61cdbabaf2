"""What all stand-ins of CRMs share: a Flask app over real HTTP on loopback, what it was asked, and
faults that are switched on by name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request

from bridge.sandbox.server import Drop, Running, serve


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    authorization: str
    raw: bytes = b""


@dataclass
class Fault:
    """The next `times` calls whose path holds `where` are answered so, instead of being carried
    out. `after`: carried out first, and only then answered so (`status` 0: not at all)."""

    where: str
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    after: bool = False


class Stand:
    """Subclass it: add routes to `self.app` in `__init__`. `calls` is what it was asked."""

    def __init__(self) -> None:
        self.app = Flask(type(self).__name__)
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.url = ""
        self._guard = threading.RLock()
        self.app.before_request(self._before)
        self.app.after_request(self._after)

    def goes_wrong(self, where: str, status: int, body: Any = None, **more: Any) -> Fault:
        """`status` 0: the connection is closed without an answer."""
        fault = Fault(where, status, body, **more)
        self.faults.append(fault)
        return fault

    def asked(self, method: str, where: str = "") -> list[Call]:
        return [call for call in self.calls if call.method == method and where in call.path]

    @contextmanager
    def running(self) -> Iterator[Stand]:
        with serve(self.app) as running:
            self.url = running.url
            yield self

    def _before(self) -> Response | None:
        raw = request.get_data()
        call = Call(
            request.method,
            request.path,
            request.args.to_dict(),
            request.get_json(silent=True),
            request.headers.get("Authorization", ""),
            raw,
        )
        with self._guard:
            self.calls.append(call)
            fault = self._fault(after=False)
        return self._answer(fault) if fault else None

    def _after(self, response: Response) -> Response:
        with self._guard:
            fault = self._fault(after=True)
        return self._answer(fault) if fault else response

    def _fault(self, *, after: bool) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.after is after and fault.where in request.path:
                fault.times -= 1
                return fault
        return None

    def _answer(self, fault: Fault) -> Response:
        if not fault.status:
            raise Drop
        response = jsonify(fault.body) if fault.body is not None else Response()
        response.status_code = fault.status
        response.headers.update(fault.headers)
        return response


__all__ = ["Call", "Fault", "Running", "Stand"]
