"""The Mastodon stand: the sandbox's network, with a screen in front of it that can twist things."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import requests
from conformance import Fault, Stand, Written
from werkzeug.wrappers import Request, Response

from bridge.channels.contract import Raw, Surroundings
from bridge.channels.mastodon import Mastodon, MastodonOptions
from bridge.channels.mastodon.reading import START
from bridge.model import Person
from bridge.sandbox.mastodon import Policy, Verdict, create_app, new_faults, village
from bridge.sandbox.server import serve
from bridge.settings import Secret
from bridge.text.html import to_text

EVERYBODY = Policy(*([Verdict.ACCEPT] * 5))
STATUSES = "/api/v1/statuses"
FAULTS = {
    Fault.SIGNED_OUT: ("401", {}),
    Fault.RATE_LIMITED: ("429", {"retry_after": 30}),
    Fault.BROKEN: ("500", {}),
    Fault.LOST_BEFORE: ("drop_before_write", {}),
    Fault.LOST_AFTER: ("drop_after_write", {}),
}

Answers = Callable[[str, Any], Any]
"""(path, JSON as the server answers it) → JSON as the channel gets it."""

Forms = Callable[[str, list[tuple[str, str]]], list[tuple[str, str]]]
"""(path, form as the channel sends it) → form as the server gets it."""


class MastodonStand(Stand):
    """`answers` and `forms` may be replaced by a test; `town` and `faults_on` are the sandbox's."""

    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        self.town = village(self.now)
        self.faults_on = new_faults()
        self.answers: Answers = lambda path, data: data
        self.forms: Forms = lambda path, form: form
        self._app = create_app(self.town, self.faults_on)
        self.town.set_policy("bridge", EVERYBODY)
        self.token = self.town.token_for("bridge")
        self.stranger = "ben@elsewhere.example"
        ada = self.town.find("ada")
        self.customer = Person(
            network="mastodon",
            id=f"{ada.id}@{self.town.domain}",
            handle=f"ada@{self.town.domain}",
            name=ada.name,
            followers=ada.followers,
        )
        self._rubbish: set[str] = set()

    def open(self, url: str, **options: Any) -> Mastodon:
        """A channel of its own on this stand."""
        given = {"url": url, "token": Secret(self.token), **options}
        loaded: dict[str, Any] = MastodonOptions().load(given)
        surroundings = Surroundings(clock=self.now, timeout=(20.0, 60.0))
        return Mastodon("acme", loaded, surroundings)

    def now(self) -> datetime:
        return self.time

    def later(self, **by: float) -> None:
        self.time += timedelta(**by)

    # -------------------------------------------------------------- the screen

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.mimetype == "application/x-www-form-urlencoded":
            form = self.forms(request.path, parse_qsl(request.get_data(as_text=True)))
            body = urlencode(form).encode()
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = _Input(body)
        response = Response.from_app(self._app, environ, buffered=True)
        if response.mimetype == "application/json":
            data = json.loads(response.get_data())
            twisted = self.answers(request.path, self._spoilt(request.path, data))
            response.set_data(json.dumps(twisted))
        return response(environ, start_response)

    def _spoilt(self, path: str, data: Any) -> Any:
        if path == "/api/v1/notifications" and isinstance(data, list):
            for one in data:
                if (one.get("status") or {}).get("id") in self._rubbish:
                    one["status"] = None
        return data

    # -------------------------------------------------------------- as the suite wants it

    def says(self, text: str, *, private: bool = False) -> str:
        self.later(seconds=10)
        visibility = "direct" if private else "public"
        return self.town.post("ada", f"@bridge {text}", visibility).id

    def says_rubbish(self) -> None:
        self._rubbish.add(self.says("nobody will read this"))

    def arrivals(self) -> tuple[Raw, ...]:
        found: list[Raw] = []
        batch = self.channel.read(START)
        while batch.items:
            found += batch.items
            batch = self.channel.read(batch.cursor)
        return tuple(found)

    def takes_down(self, post_id: str) -> None:
        self.town.delete(post_id)

    def goes_wrong(self, fault: Fault) -> None:
        name, details = FAULTS[fault]
        self.faults_on.add(name, method="POST", path=STATUSES, **details)

    def acting_goes_wrong(self, fault: Fault) -> None:
        name, details = FAULTS[fault]
        self.faults_on.add(name, path="/api/v1/*", **details)

    def looking_goes_wrong(self) -> None:
        self.faults_on.add("403", method="GET", path="/api/v1/*", status=400, times=None)

    def written(self) -> tuple[Written, ...]:
        brand = self.town.find("bridge")
        return tuple(
            Written(
                id=status.id,
                text=to_text(self._seen_by_us(status.id)["content"]),
                readers=frozenset(
                    person.acct if person.domain else f"{person.acct}@{self.town.domain}"
                    for person in map(self.town.by_id, status.reached)
                    if person
                ),
                open=self._seen_by_anybody(status.id),
            )
            for status in self.town.statuses()
            if status.author == brand.id
        )

    def _seen_by_us(self, status_id: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        with requests.get(f"{self.url}{STATUSES}/{status_id}", headers=headers, timeout=30) as got:
            return got.json()

    def _seen_by_anybody(self, status_id: str) -> bool:
        with requests.get(f"{self.url}{STATUSES}/{status_id}", timeout=30) as got:
            return got.ok


class _Input:
    """A request's body, read once."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        size = len(self._body) if size < 0 else size
        head, self._body = self._body[:size], self._body[size:]
        return head


@contextmanager
def open_stand() -> Iterator[MastodonStand]:
    stand = MastodonStand()
    with serve(stand) as running:
        stand.url = running.url
        stand.channel = stand.open(running.url)
        yield stand
