"""The story on the stand-in for Mastodon, which is polled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.model import utcnow
from bridge.sandbox import mastodon
from bridge.sandbox.mastodon.shapes import permalink
from bridge.sandbox.scenery.scene import Scenery
from bridge.sandbox.server import serve
from bridge.sandbox.stage import Expected, Seen

BRAND = "bridge"


class TownCustomers:
    def __init__(self, town: mastodon.Town, url: str) -> None:
        self._town = town
        self._url = url
        self._names = {person.id: person.username for person in town.people()}

    def says(
        self, who: str, text: str, *, private: bool = False, answering: Seen | None = None
    ) -> Seen:
        reach, above = "direct" if private else "public", answering.id if answering else ""
        return self._seen(self._town.post(who, f"@{BRAND} {text}", reach, above))

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        return tuple(self._seen(one) for one in self._town.thread(post.id))

    def public(self) -> tuple[Seen, ...]:
        everything = (self._seen(one) for one in self._town.statuses())
        return tuple(one for one in everything if one.author == "brand" and not one.private)

    def own_notice(self, post: Seen) -> str:
        """Mastodon shows none."""
        return ""

    def unanswerable(self, text: str) -> Seen:
        """Dora's posts take no replies to begin with."""
        return self.says("dora", text)

    def refuse(self, post: Seen) -> None:
        """They never took any."""

    def _seen(self, status: mastodon.Status) -> Seen:
        author = self._names[status.author]
        return Seen(
            status.id,
            "brand" if author == BRAND else author,
            status.visibility not in ("public", "unlisted"),
            status.text,
            permalink(self._town, status, self._url),
        )


@contextmanager
def opened(domain: str = "sandbox.example") -> Iterator[Scenery]:
    town = mastodon.village(utcnow, domain=domain)
    town.set_policy(BRAND, mastodon.Policy(for_private_mentions=mastodon.Verdict.ACCEPT))
    with serve(mastodon.create_app(town, mastodon.new_faults())) as running:
        yield Scenery(
            Expected("mastodon"),
            TownCustomers(town, running.url),
            f"{running.url}/",
            {"url": running.url, "token": "env:MASTODON_TOKEN", "poll_seconds": 1},
            {"MASTODON_TOKEN": town.token_for(BRAND)},
        )
