"""The X stand: the sandbox's network, and a webhook of ours that takes what it delivers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance import Fault, Stand, Written
from flask import Flask
from werkzeug.wrappers import Request, Response

from bridge.channels.contract import Raw, Surroundings
from bridge.channels.x import X, XOptions
from bridge.model import Person
from bridge.sandbox.server import serve
from bridge.sandbox.x import Delivery, create_app, new_faults, village
from bridge.settings import Secret

FAULTS = {
    Fault.SIGNED_OUT: ("401", {}),
    Fault.RATE_LIMITED: ("rate_limited", {"seconds": 30}),
    Fault.BROKEN: ("500", {}),
    Fault.LOST_BEFORE: ("drop_before_write", {}),
    Fault.LOST_AFTER: ("drop_after_write", {}),
}


class XStand(Stand):
    """`town` and `faults_on` are the sandbox's; `taken` is what was delivered, in order. `watch` is
    shown the sandbox's application before it is asked anything."""

    def __init__(self, watch: Callable[[Flask], None] = lambda app: None, **about: Any) -> None:
        self.time = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        self.town = village(self.now, **about)
        self.faults_on = new_faults()
        self._app = create_app(self.town, self.faults_on)
        watch(self._app)
        self.keys = self.town.keys_for("acme")
        ada = self.town.find("ada")
        self.customer = Person("x", ada.id, "ada", ada.name, followers=ada.followers)
        self.stranger = "ben"
        self.taken: list[bytes] = []
        self.url = ""

    def options(self, **more: Any) -> dict[str, Any]:
        app = self.town.app
        return {
            "url": self.url,
            "user_id": self.town.find("acme").id,
            "handle": "acme",
            "consumer_key": app.consumer_key,
            "consumer_secret": Secret(app.consumer_secret),
            "access_token": Secret(self.keys.token),
            "access_token_secret": Secret(self.keys.secret),
            "bearer_token": Secret(app.bearer),
            **more,
        }

    def open(self, *, meter: Any = None, tokens: Any = None, **options: Any) -> X:
        """A channel of its own on this stand; an option None is left out."""
        given = {
            name: value for name, value in self.options(**options).items() if value is not None
        }
        loaded: dict[str, Any] = XOptions().load(given)
        surroundings = Surroundings(
            clock=self.now,
            public_url=self.url,
            timeout=(20.0, 60.0),
            meter=meter,
            tokens=tokens,
        )
        return X("acme", loaded, surroundings)

    def now(self) -> datetime:
        return self.time

    def later(self, **by: float) -> None:
        self.time += timedelta(**by)

    # -------------------------------------------------------------- our own address

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.path != "/hooks/x/acme":
            return self._app(environ, start_response)
        if request.method == "GET":
            shaken = self.channel.shake(request.args)
            return Response(shaken.body, mimetype=shaken.content_type)(environ, start_response)
        self.channel.genuine(dict(request.headers), request.get_data())
        self.taken.append(request.get_data())
        return Response("{}", mimetype="application/json")(environ, start_response)

    # -------------------------------------------------------------- as the suite wants it

    channel: X

    def says(self, text: str, *, private: bool = False) -> str:
        self.later(seconds=10)
        if private:
            return f"dm:{self.town.dm('ada', text).id}"
        return self.town.post("ada", text, mention="acme").id

    def says_rubbish(self) -> None:
        self.later(seconds=10)
        me = self.town.find("acme").id
        event = {
            "event_uuid": "7",
            "filter": {"user_id": me},
            "event_type": "post.mention.create",
            "payload": {"id": "7", "text": None},
        }
        body = json.dumps({"data": event}).encode()
        [webhook] = self.town.hooks.webhooks()
        kind = "post.mention.create"
        self.town.hooks.put(Delivery("7", kind, "7", webhook.id, body, self.time))

    def arrivals(self) -> tuple[Raw, ...]:
        self.town.deliver()
        return tuple(raw for body in self.taken for raw in self.channel.apart(body))

    def takes_down(self, post_id: str) -> None:
        self.town.delete(post_id)

    def goes_wrong(self, fault: Fault) -> None:
        name, details = FAULTS[fault]
        self.faults_on.add(name, method="POST", path="/2/*", **details)

    def says_beneath_us(self, text: str) -> str:
        """A reply to a post of ours: hiding is for those."""
        ours = self.town.post("acme", f"Something new of ours, number {len(self.town.posts())}")
        self.later(seconds=10)
        return self.town.post("ada", text, in_reply_to=ours.id).id

    def acting_goes_wrong(self, fault: Fault) -> None:
        name, details = FAULTS[fault]
        self.faults_on.add(name, path="/2/*", **details)

    def looking_goes_wrong(self) -> None:
        problem = {"title": "Invalid Request", "detail": "One or more parameters was invalid."}
        body = json.dumps(problem)
        self.faults_on.add("403", method="GET", path="/2/*", status=400, body=body, times=None)

    def written(self) -> tuple[Written, ...]:
        me = self.town.find("acme").id
        posts = [
            (one.id, one.id, one.visible, self._readers(one), True)
            for one in self.town.posts()
            if one.author == me
        ]
        messages = [
            (one.id, f"dm:{one.id}", one.text, frozenset({self._name(one.recipient)}), False)
            for one in self.town.messages()
            if one.sender == me
        ]
        ours = sorted((*posts, *messages), key=lambda one: int(one[0]))
        return tuple(Written(*one[1:]) for one in ours)

    def _readers(self, post: Any) -> frozenset[str]:
        named = {one.username for one in self.town.named(post, explicitly=False)}
        return frozenset({*named, self._name(post.in_reply_to_user)})

    def _name(self, person_id: str) -> str:
        person = self.town.by_id(person_id)
        return person.username if person else ""


@contextmanager
def opened(**about: Any) -> Iterator[XStand]:
    """`about` is for the stand and the sandbox's village."""
    stand = XStand(**about)
    with serve(stand) as running:
        stand.url = stand.town.address = running.url
        stand.channel = stand.open()
        assert stand.channel.keep_hook() == ""
        yield stand


open_stand = opened
