"""The story on the stand-in for X, which calls the bridge: at an address that the bridge registers
by itself, once its web process can prove that it is ours.

Self-serve customers may answer in public only where they are mentioned or quoted; the plan in the
mapping says so, so a ticket tells beforehand what cannot be answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bridge.model import utcnow
from bridge.sandbox import x
from bridge.sandbox.scenery.scene import Scenery
from bridge.sandbox.server import serve
from bridge.sandbox.stage import Expected, Seen

EXPECTED = Expected(
    "x",
    warned="X lets a program answer in public only where",
    not_sent="X lets a program answer in public only where",
    to_do="privately from here with #dm",
)
NEEDED = frozenset({"post.mention.create", "post.reply.create", "dm.received"})


class TownCustomers:
    def __init__(self, town: x.Town, before: x.Post) -> None:
        """`before` is what the brand had posted before anything began."""
        self._town = town
        self._before = before
        self._brand = town.find(town.brand).id

    def says(
        self, who: str, text: str, *, private: bool = False, answering: Seen | None = None
    ) -> Seen:
        """Private messages between two are one thread: they name nothing that they answer."""
        if private:
            return self._letter(self._town.dm(who, text), who)
        return self._post(self._town.post(who, text, mention=self._town.brand))

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        town = self._town
        posts = [] if post.private else town.thread(post.id)
        seen = [(one.created_at, self._post(one)) for one in posts if one != self._before]
        since = self._at(post)
        seen += [
            (one.created_at, self._letter(one, post.author))
            for one in town.between(post.author, town.brand)
            if one.created_at >= since
        ]
        return tuple(one for _, one in sorted(seen, key=lambda pair: pair[0]))

    def public(self) -> tuple[Seen, ...]:
        everything = self._town.posts()
        mine = (one for one in everything if one.author == self._brand and one != self._before)
        return tuple(self._post(one) for one in mine)

    def own_notice(self, post: Seen) -> str:
        """X shows none."""
        return ""

    def unanswerable(self, text: str) -> Seen:
        """An answer to the brand that does not mention it: X itself puts the name before it, and
        that does not count."""
        return self._post(self._town.post("dora", text, in_reply_to=self._before.id))

    def refuse(self, post: Seen) -> None:
        """It was never allowed."""

    def _at(self, post: Seen) -> datetime:
        found = self._town.at(post.id)
        if found is not None:
            return found.created_at
        return next(one.created_at for one in self._town.messages() if one.id == post.id)

    def _post(self, one: x.Post) -> Seen:
        author = self._town.find_id(one.author).username
        link = f"https://x.com/{author}/status/{one.id}"
        return Seen(one.id, self._name(one.author, author), False, one.visible, link)

    def _letter(self, one: x.Message, who: str) -> Seen:
        return Seen(one.id, self._name(one.sender, who), True, one.text)

    def _name(self, author: str, who: str) -> str:
        return "brand" if author == self._brand else who


@contextmanager
def opened() -> Iterator[Scenery]:
    town = x.village(utcnow)
    with serve(x.create_app(town, x.new_faults())) as running:
        town.address = running.url
        before = town.post(town.brand, "We are here to help, every day from nine to five.")
        keys, app = town.keys_for(town.brand), town.app

        def is_connected() -> bool:
            told = {one.kind for one in town.hooks.subscriptions() if one.webhook_id}
            return NEEDED <= told

        town.courier.start()
        try:
            yield Scenery(
                EXPECTED,
                TownCustomers(town, before),
                f"{running.url}/",
                {
                    "url": running.url,
                    "user_id": town.find(town.brand).id,
                    "handle": town.brand,
                    "consumer_key": app.consumer_key,
                    "consumer_secret": "env:X_CONSUMER_SECRET",
                    "access_token": "env:X_ACCESS_TOKEN",
                    "access_token_secret": "env:X_ACCESS_TOKEN_SECRET",
                    "bearer_token": "env:X_BEARER_TOKEN",
                },
                {
                    "X_CONSUMER_SECRET": app.consumer_secret,
                    "X_ACCESS_TOKEN": keys.token,
                    "X_ACCESS_TOKEN_SECRET": keys.secret,
                    "X_BEARER_TOKEN": app.bearer,
                },
                connect=_nothing_to_do,
                is_connected=is_connected,
            )
        finally:
            town.courier.stop()


def _nothing_to_do(_bridge_url: str) -> None:
    """The bridge registers the address itself; it only must be there before anybody asks."""
