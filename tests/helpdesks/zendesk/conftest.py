"""A scripted server on loopback: it answers what a test told it to, and remembers what came."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bridge.helpdesks.zendesk import StoredToken, Zendesk
from bridge.settings import Secret, ZendeskSettings

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    instead: str = ""


@dataclass
class Stub:
    """Answers in the order they were scripted; one too many requests is a 418."""

    address: str = ""
    seen: list[Seen] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def will(self, body: Any, status: int = 200, **headers: str) -> Stub:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.answers.append(Answer(status, raw, named))
        return self

    def will_drop(self) -> Stub:
        """Takes the request and closes the connection without a word."""
        self.answers.append(Answer(instead="drop"))
        return self

    def will_hang(self) -> Stub:
        """Takes the request and says nothing until the test is over."""
        self.answers.append(Answer(instead="hang"))
        return self

    def will_break_off(self) -> Stub:
        """Promises more bytes than it sends."""
        self.answers.append(Answer(body=b'{"ticket":', instead="break"))
        return self

    @property
    def paths(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.seen]


class _Answers(BaseHTTPRequestHandler):
    stub: Stub

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.stub.guard:
            self.stub.seen.append(Seen(self.command, self.path, dict(self.headers), body))
            answers = self.stub.answers
            answer = answers.pop(0) if answers else Answer(418, b'{"error":"nothing scripted"}')
        if answer.instead == "hang":
            self.stub.released.wait(30)
        if answer.instead in ("hang", "drop"):
            self.close_connection = True
            return
        more = 50 if answer.instead == "break" else 0
        self.send_response_only(answer.status)
        self.send_header("Content-Length", str(len(answer.body) + more))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def new_stub() -> Iterator[Callable[[], Stub]]:
    servers: list[tuple[ThreadingHTTPServer, threading.Thread, Stub]] = []

    def start() -> Stub:
        stub = Stub()
        handler = type("Bound", (_Answers,), {"stub": stub})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        stub.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread, stub))
        return stub

    yield start
    for server, thread, stub in servers:
        stub.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def stub(new_stub: Callable[[], Stub]) -> Stub:
    return new_stub()


class MemoryTokens:
    """A `TokenStore` for one process."""

    def __init__(self) -> None:
        self.rows: dict[str, StoredToken] = {}
        self.lock = threading.RLock()

    def only_one(self, name: str) -> AbstractContextManager[Any]:
        return self.lock

    def get(self, name: str) -> StoredToken | None:
        return self.rows.get(name)

    def put(self, name: str, token: StoredToken) -> None:
        self.rows[name] = token


@dataclass
class Watch:
    """A clock that a test owns."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def store() -> MemoryTokens:
    return MemoryTokens()


@pytest.fixture
def new_desk(watch: Watch, store: MemoryTokens) -> Iterator[Callable[..., Zendesk]]:
    desks: list[Zendesk] = []

    def build(address: str, **other: Any) -> Zendesk:
        timeout = other.pop("timeout", (20.0, 60.0))
        fields = other.pop("fields", (("network", 31), ("permalink", 32), ("reply_as", 33)))
        public_url = other.pop("public_url", "")
        trusted_hosts = other.pop("trusted_hosts", frozenset())
        person_fields = other.pop("person_fields", frozenset())
        known = {"oauth_token": Secret("static-token-value"), "webhook_secret": Secret("hook")}
        settings = ZendeskSettings(url=address, **(known | other))
        desk = Zendesk(
            settings,
            clock=watch,
            fields=fields,
            tokens=store,
            timeout=timeout,
            public_url=public_url,
            trusted_hosts=trusted_hosts,
            person_fields=person_fields,
        )
        desks.append(desk)
        return desk

    yield build
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(stub: Stub, new_desk: Callable[..., Zendesk]) -> Zendesk:
    return new_desk(stub.address)


@pytest.fixture
def managed(stub: Stub, new_desk: Callable[..., Zendesk]) -> Callable[[], Zendesk]:
    """Desks that fetch their own tokens."""

    def build() -> Zendesk:
        return new_desk(
            stub.address,
            oauth_token=Secret(""),
            client_id="bridge-client",
            client_secret=Secret("client-secret-value"),
        )

    return build


@pytest.fixture
def done() -> Callable[..., dict[str, Any]]:
    """What Zendesk answers to a write (shape: TicketUpdateResponse of its contract)."""

    def build(ticket: int = 35, comment: int = 900, **more: Any) -> dict[str, Any]:
        event = {"id": comment, "type": "Comment", "public": True, "body": "hi"}
        return {
            "ticket": {"id": ticket, "status": "open", "tags": [], **more},
            "audit": {"id": 800, "ticket_id": ticket, "events": [event], "metadata": {}},
        }

    return build
