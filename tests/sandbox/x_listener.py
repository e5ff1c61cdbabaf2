"""Our own address, as far as the stand-in for X calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from bridge.sandbox.x.courier import SIGNATURE, signature

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@dataclass
class Listener:
    """Answers the check with `secret`, or as `answer` says, and keeps what it is told."""

    secret: str
    url: str = ""
    answer: Callable[[], Response] | None = None
    taken: int = 200
    bodies: list[bytes] = field(default_factory=list)
    signed: list[bool] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start_response)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.bodies]

    def kinds(self) -> list[str]:
        return [one["data"]["event_type"] for one in self.events() if "data" in one]

    def _respond(self, request: Request) -> Response:
        if request.method == "POST":
            self.bodies.append(request.get_data())
            expected = signature(self.secret, request.get_data())
            self.signed.append(request.headers.get(SIGNATURE) == expected)
            return Response(status=self.taken)
        if self.answer is not None:
            return self.answer()
        token = signature(self.secret, request.args["crc_token"].encode())
        return Response(json.dumps({"response_token": token}), content_type="application/json")
