"""Things that go wrong on purpose, switched on by name, over HTTP or in code; and who asked what.

`POST /sandbox/faults` `{"fault": "429", "method": "PUT", "path": "/api/v2/tickets*", "times": 2}`
switches one on, `GET` lists those still waiting, `DELETE` clears them. `path` is a shell pattern
over the path without the query, a trailing `.json` ignored; `times` null means until cleared;
`skip` lets that many matching requests pass first. `GET /sandbox/requests` lists what was asked
(`?method=` and `?path=` narrow it), `DELETE` forgets it. Nothing under `/sandbox/` is recorded or
made to fail.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, validate
from werkzeug.wrappers import Request, Response

from bridge.sandbox.server import SERVER_KEY, Drop

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_WAIT = 60.0
RECORDED = 10_000

ANSWERED = {
    "429": 429,
    "429_without_wait": 429,
    "429_not_json": 429,
    "409": 409,
    "422_closed": 422,
    "401": 401,
    "403": 403,
    "404": 404,
    "500": 500,
    "503": 503,
    "504_after_write": 504,
}
AROUND = ("slow", "slow_after_write", "drop_before_write", "drop_after_write")
WEBHOOK = (
    "webhook_twice",
    "webhook_late",
    "webhook_never",
    "webhook_out_of_order",
    "webhook_unsigned",
)
KNOWN = (*ANSWERED, *AROUND, *WEBHOOK)

_BODIES: dict[str, dict[str, Any]] = {
    "409": {"error": "DatabaseConflict", "description": "Database collision"},
    "422_closed": {
        "error": "RecordInvalid",
        "description": "Record validation errors",
        "details": {"status": [{"description": "Status: closed prevents ticket update"}]},
    },
    "401": {"error": "invalid_token", "error_description": "The access token is not valid"},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that shall go wrong.

    `times` is how many more requests it hits (None: all), `skip` how many it lets pass first.
    `seconds` is how long a slow answer takes, or how late a webhook is; `retry_after` what a 429
    or 503 asks for; `status` and `body` replace the usual ones of an answered fault.
    """

    fault: str
    method: str = ""
    path: str = "*"
    times: int | None = 1
    skip: int = 0
    seconds: float = 3.0
    status: int | None = None
    retry_after: float | None = None
    body: str = ""

    def fits(self, method: str, path: str) -> bool:
        return (not self.method or self.method.upper() == method.upper()) and fnmatchcase(
            path.removesuffix(".json"), self.path.removesuffix(".json")
        )


class FaultSchema(Schema):
    """What may be posted to `/sandbox/faults`."""

    fault = fields.String(required=True)
    method = fields.String(load_default="")
    path = fields.String(load_default="*")
    times = fields.Integer(load_default=1, allow_none=True, validate=validate.Range(min=1))
    skip = fields.Integer(load_default=0, validate=validate.Range(min=0))
    seconds = fields.Float(load_default=3.0, validate=validate.Range(min=0, max=LONGEST_WAIT))
    status = fields.Integer(load_default=None, allow_none=True)
    retry_after = fields.Float(load_default=None, allow_none=True)
    body = fields.String(load_default="")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Fault:
        return Fault(**data)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it was received. Secrets in its headers are replaced by asterisks.

    `status` is what the application answered, None if it was never asked; `fault` is what was
    done to the request ("" if nothing). With a drop after the write, `status` is the answer that
    the client did not get.
    """

    number: int
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: str
    status: int | None
    fault: str = ""

    def json(self) -> Any:
        """The body as JSON. Raises `ValueError` if it is none."""
        return json.loads(self.body)


class Faults:
    """The faults of one stand-in and the record of what it was asked.

    `wrap` puts it in front of a WSGI application. `more` names further faults that the
    application itself understands and consumes with `take`.
    """

    def __init__(self, more: Iterable[str] = ()) -> None:
        self.known = (*KNOWN, *more)
        self._guard = threading.Lock()
        self._waiting: list[Fault] = []
        self._asked: deque[Asked] = deque(maxlen=RECORDED)
        self._count = 0
        self._pause = threading.Event()

    # ---------------------------------------------------------------- in code

    def add(self, fault: str, **details: Any) -> None:
        """Switch one on. Raises `ValueError` for a name nobody knows."""
        if fault not in self.known:
            raise ValueError(f"no fault is called {fault!r}; known are {', '.join(self.known)}")
        with self._guard:
            self._waiting.append(Fault(fault, **details))

    def clear(self) -> None:
        """Switch all off and let go of every answer that is being slow."""
        with self._guard:
            self._waiting.clear()
        self.release()

    def release(self) -> None:
        """Let every answer that is being slow go on at once."""
        with self._guard:
            held, self._pause = self._pause, threading.Event()
        held.set()

    def waiting(self) -> tuple[Fault, ...]:
        with self._guard:
            return tuple(self._waiting)

    def take(self, *names: str, method: str = "", path: str = "") -> Fault | None:
        """The first waiting fault of these names that fits, used up by one; None if none."""
        with self._guard:
            for at, fault in enumerate(self._waiting):
                if fault.fault not in names or not fault.fits(method, path):
                    continue
                if fault.skip:
                    self._waiting[at] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times is None:
                    return fault
                if fault.times > 1:
                    self._waiting[at] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[at]
                return fault
        return None

    def asked(self, method: str = "", path: str = "*") -> tuple[Asked, ...]:
        """What was asked, oldest first; `path` is a pattern as in a fault."""
        with self._guard:
            everything = tuple(self._asked)
        wanted = Fault("", method=method, path=path)
        return tuple(asked for asked in everything if wanted.fits(asked.method, asked.path))

    def forget(self) -> None:
        """Empty the record of requests."""
        with self._guard:
            self._asked.clear()

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """`app` with the faults and the record in front of it."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            request = Request(environ)
            body = environ["wsgi.input"].read()
            environ["wsgi.input"] = BytesIO(body)
            if request.path in ("/sandbox/faults", "/sandbox/requests"):
                return self._control(request)(environ, start_response)
            return self._answer(app, request, body)(environ, start_response)

        return answer

    # ---------------------------------------------------------------- what a request meets

    def _answer(self, app: WSGIApplication, request: Request, body: bytes) -> Response:
        fault = self.take(*ANSWERED, *AROUND, method=request.method, path=request.path)
        name = fault.fault if fault else ""
        # Taken before the application is asked: who saw the request arrive can let it go.
        with self._guard:
            pause = self._pause
        if fault and name == "slow":
            _wait(request, pause, fault.seconds)
        if fault and name == "drop_before_write":
            self._record(request, body, None, name)
            raise Drop("on purpose")
        if fault and name in ANSWERED and name != "504_after_write":
            response = answered(fault)
            self._record(request, body, response.status_code, name)
            return response
        response = Response.from_app(app, request.environ, buffered=True)
        self._record(request, body, response.status_code, name)
        if fault and name == "504_after_write":
            response.close()
            return answered(fault)
        if fault and name == "slow_after_write":
            _wait(request, pause, fault.seconds)
        if fault and name == "drop_after_write":
            response.close()
            raise Drop("on purpose")
        return response

    def _record(self, request: Request, body: bytes, status: int | None, fault: str) -> None:
        headers = tuple((name, _shown(name, value)) for name, value in request.headers.items())
        with self._guard:
            self._count += 1
            self._asked.append(
                Asked(
                    number=self._count,
                    method=request.method,
                    path=request.path,
                    query=request.query_string.decode("latin-1"),
                    headers=headers,
                    body=_shown_body(request.path, body),
                    status=status,
                    fault=fault,
                )
            )

    # ---------------------------------------------------------------- over HTTP

    def _control(self, request: Request) -> Response:
        if request.path == "/sandbox/requests":
            if request.method == "DELETE":
                self.forget()
            elif request.method != "GET":
                return _json({"error": "GET or DELETE"}, 405)
            asked = self.asked(request.args.get("method", ""), request.args.get("path", "*"))
            return _json({"requests": [asdict(one) for one in asked]})
        if request.method == "DELETE":
            self.clear()
        elif request.method == "POST":
            try:
                fault = FaultSchema().loads(request.get_data(as_text=True))
                self.add(**asdict(fault))
            except ValidationError as error:
                return _json({"error": error.messages}, 400)
            except ValueError as error:
                return _json({"error": str(error)}, 400)
        elif request.method != "GET":
            return _json({"error": "GET, POST or DELETE"}, 405)
        return _json({"faults": [asdict(one) for one in self.waiting()], "known": self.known})


def answered(fault: Fault) -> Response:
    """The answer of a fault that answers instead of the application."""
    status = fault.status or ANSWERED[fault.fault]
    if fault.fault == "429_not_json":
        response = Response(
            fault.body or "<html><body><h1>Too many requests</h1></body></html>",
            status,
            content_type="text/html",
        )
    else:
        usual = {"error": HTTPStatus(status).phrase.replace(" ", ""), "description": "on purpose"}
        text = fault.body or json.dumps(_BODIES.get(fault.fault, usual))
        response = Response(text, status, content_type="application/json; charset=utf-8")
    wait = fault.retry_after
    if wait is None and fault.fault in ("429", "429_not_json"):
        wait = 1.0
    if wait is not None:
        response.headers["Retry-After"] = f"{wait:g}"
    return response


def _wait(request: Request, pause: threading.Event, seconds: float) -> None:
    wait: Callable[[threading.Event, float], None] = request.environ[SERVER_KEY].wait
    wait(pause, min(seconds, LONGEST_WAIT))


def _json(data: Any, status: int = 200) -> Response:
    return Response(json.dumps(data, indent=1), status, content_type="application/json")


def _shown(name: str, value: str) -> str:
    secret = ("authorization", "cookie", "secret", "token", "api-key", "bridge-key")
    if any(word in name.lower() for word in secret):
        return "***"
    return value


def _shown_body(path: str, body: bytes) -> str:
    if path.startswith(("/oauth/", "/2/oauth2/")):
        return "***"
    return body.decode("utf-8", "replace")
