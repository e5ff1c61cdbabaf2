"""What the stands of a Facebook Page share: the sandbox's town, and an address of ours in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance import Fault, Stand, Written
from werkzeug.wrappers import Request, Response

from bridge.channels.contract import Raw, Surroundings
from bridge.model import Kind, Person, Reply
from bridge.sandbox.meta import Town
from bridge.sandbox.meta.hooks import Item
from bridge.settings import Secret

VERIFY = "open-sesame"
FAULTS = {
    Fault.SIGNED_OUT: ("401", {}),
    Fault.RATE_LIMITED: ("429", {"retry_after": 30}),
    Fault.BROKEN: ("500", {}),
    Fault.LOST_BEFORE: ("drop_before_write", {}),
    Fault.LOST_AFTER: ("drop_after_write", {}),
}


class PageStand(Stand):
    """A Page in the town, and the brand's channel on it. As a WSGI application it is the address
    that Meta calls; what arrives there waits in `bodies`."""

    kind: type[Any]

    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        self.town = Town(self.now)
        self.page = self.town.page("Acme")
        self.town.person("jane", "Jane Doe")
        self.town.person("kim", "Kim Lee")
        self.token = self.town.token_for(self.page)
        self.psid = self.page.inbox.id_of("jane")
        self.bodies: list[bytes] = []
        self.url = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.method == "GET":
            shaken = self.channel.shake(request.args.to_dict())  # type: ignore[attr-defined]
            return Response(shaken.body, content_type=shaken.content_type)(environ, start_response)
        body = request.get_data()
        self.channel.genuine(dict(request.headers), body)  # type: ignore[attr-defined]
        self.bodies.append(body)
        return Response("ok")(environ, start_response)

    def open(self, **options: Any) -> Any:
        """A channel of its own on this stand."""
        given = {
            "app_id": self.town.meta.id,
            "app_secret": Secret(self.town.meta.secret),
            "verify_token": Secret(VERIFY),
            "access_token": Secret(self.token),
            "page_id": self.page.id,
            "url": self.town.url,
            **options,
        }
        surroundings = Surroundings(
            clock=self.now, timeout=(20.0, 60.0), public_url=self.url, trusted_hosts=frozenset()
        )
        wanted = {name: value for name, value in given.items() if value is not None}
        return self.kind("acme", self.kind.Options().load(wanted), surroundings)

    def connect(self, hook_url: str) -> None:
        """All layers of the subscriptions are there, and lead to this stand."""
        self.url = hook_url
        self.channel = self.open()
        self.town.connect(self.page, f"{hook_url}/hooks/{self.kind.network}/acme", VERIFY)

    def now(self) -> datetime:
        return self.time

    def later(self, **by: float) -> None:
        self.time += timedelta(**by)

    # -------------------------------------------------------------- as the suite wants it

    def arrivals(self) -> tuple[Raw, ...]:
        self.town.deliver()
        channel: Any = self.channel
        return tuple(raw for body in self.bodies for raw in channel.apart(body))

    def goes_wrong(self, fault: Fault) -> None:
        name, details = FAULTS[fault]
        self.town.faults.add(name, method="POST", path="/v25.0/*", **details)

    def acting_goes_wrong(self, fault: Fault) -> None:
        name, details = FAULTS[fault]
        self.town.faults.add(name, path="/v25.0/*", **details)

    def looking_goes_wrong(self) -> None:
        self.town.faults.add("graph_error", method="GET", body="deprecated_tag", times=None)

    def answering(self, reply: Reply, kind: Kind | None, to: Person) -> Reply:
        """A reply as the flow makes it, which knows what it answers and when they last wrote."""
        heard = self.now() if kind is Kind.DM else None
        return replace(reply, answers=kind, to=to, answered_at=self.now(), heard_at=heard)

    def rubbish(self, place: str, payload: dict[str, Any]) -> None:
        """Something nobody can read, on its way to us."""
        field = "messages" if place == "messaging" else "feed"
        self.later(seconds=10)
        self.town.tell(Item("page", self.page.id, field, place, payload, self.now()))

    def messages(self, reader: Person) -> tuple[tuple[datetime, Written], ...]:
        """What the Page wrote privately, and when; `reader` is the customer as the suite knows
        them."""
        return tuple(
            (
                one.at,
                Written(
                    id=one.id,
                    text=one.text,
                    readers=frozenset({reader.handle if one.who == self.psid else one.who}),
                    open=False,
                ),
            )
            for one in self.page.inbox.said()
        )
