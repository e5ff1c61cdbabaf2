"""The website's stand: the sandbox's website, and a channel bound to it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance import Fault, Stand, Written

from bridge.channels.contract import Raw, Surroundings
from bridge.channels.site import Site, SiteOptions
from bridge.model import Person
from bridge.sandbox.server import serve
from bridge.sandbox.site import REPLIES, create_app, new_website
from bridge.settings import Secret

SECRET = Secret("whsec_" + base64.b64encode(b"in" * 16).decode())
REPLY_SECRET = Secret("whsec_" + base64.b64encode(b"ou" * 16).decode())
FAULTS = {
    Fault.SIGNED_OUT: ("401", {}),
    Fault.RATE_LIMITED: ("429", {"retry_after": 30}),
    Fault.BROKEN: ("500", {}),
    Fault.LOST_BEFORE: ("drop_before_write", {}),
    Fault.LOST_AFTER: ("drop_after_write", {}),
}


class SiteStand(Stand):
    """What is written on `website` waits in its courier's log, as the bridge would get it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        self.website = new_website(self.now, SECRET, REPLY_SECRET)
        self.ada, self.ben = self.website.customers[:2]
        self.customer = Person(
            network="site", id=f"shop/{self.ada.id}", handle=self.ada.handle, name=self.ada.name
        )
        self.stranger = self.ben.handle

    def open(self, url: str, **options: Any) -> Site:
        """A channel of its own on this stand."""
        given = {
            "secret": SECRET,
            "reply_url": url + REPLIES,
            "reply_secret": REPLY_SECRET,
            **options,
        }
        surroundings = Surroundings(
            clock=self.now, timeout=(20.0, 60.0), trusted_hosts=frozenset({"127.0.0.1"})
        )
        return Site("shop", SiteOptions().load(given), surroundings)

    def now(self) -> datetime:
        return self.time

    def says(self, text: str, *, private: bool = False) -> str:
        self.time += timedelta(seconds=10)
        return self.website.write(self.ada.id, text, private=private).id

    def says_rubbish(self) -> None:
        self.website.courier.post("message.created", self.now(), {"id": "x", "author": 7})

    def arrivals(self) -> tuple[Raw, ...]:
        return tuple(Raw(one.webhook_id, one.body) for one in self.website.courier.posted())

    def takes_down(self, post_id: str) -> None:
        self.website.delete(post_id)

    def goes_wrong(self, fault: Fault) -> None:
        name, details = FAULTS[fault]
        self.website.faults.add(name, path=REPLIES, **details)

    def written(self) -> tuple[Written, ...]:
        return tuple(
            Written(
                one.id,
                one.text,
                frozenset(who.handle for who in self.website.customers if who.id == one.to),
                open=self.website.may_read(self.ben.id, one),
            )
            for one in self.website.replies()
        )


@contextmanager
def open_stand() -> Iterator[SiteStand]:
    stand = SiteStand()
    with serve(create_app(stand.website)) as running:
        stand.website.url = running.url
        stand.channel = stand.open(running.url)
        yield stand
