"""What X would charge, in millionths of a dollar.

Prices and the rule that one resource is charged once in a day of UTC:
https://docs.x.com/x-api/getting-started/pricing. Counted are the resources under `data`; whether X
also charges those under `includes` is not documented, nor is a price for uploads.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date

from bridge.model import Clock

READ = {"post": 5_000, "user": 10_000, "dm_event": 10_000}
OWNED = 1_000
CREATE = {
    "post": 15_000,
    "post with URL": 200_000,
    "post summoned": 10_000,
    "message": 15_000,
    "post deleted": 10_000,
}
EVENTS = {"dm.received": 10_000, "chat.received": 10_000, "block.block": 1_000}
POST_EVENTS = (
    "post.create",
    "post.mention.create",
    "post.reply.create",
    "post.quote.create",
    "post.repost.create",
)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the bill; `resource` is what it was for ("" for a write)."""

    day: date
    what: str
    resource: str
    price: int


class Costs:
    """The bill of the app. `credit` is what was paid in advance (None: more than enough); once it
    is used up every call is refused, https://docs.x.com/x-api/getting-started/pricing#credit-balance
    """

    def __init__(self, clock: Clock, credit: int | None = None) -> None:
        self.credit = credit
        self._clock = clock
        self._guard = threading.Lock()
        self._charges: list[Charge] = []
        self._seen: set[tuple[date, str]] = set()

    def read(self, kind: str, ids: list[str], *, owned: bool = False) -> None:
        price = OWNED if owned else READ[kind]
        for one in ids:
            self._charge(f"{kind} read", f"{kind}:{one}", price)

    def write(self, what: str) -> None:
        self._charge(what, "", CREATE[what])

    def event(self, kind: str, resource: str) -> None:
        """An event that was delivered; one that brings a post is charged as the post."""
        if kind in POST_EVENTS:
            self._charge(kind, f"post:{resource}", READ["post"])
        elif kind in EVENTS:
            self._charge(kind, f"{kind}:{resource}", EVENTS[kind])

    def spent(self) -> int:
        with self._guard:
            return sum(one.price for one in self._charges)

    def bill(self) -> Counter[str]:
        """How often each thing was charged."""
        with self._guard:
            return Counter(one.what for one in self._charges)

    def charges(self) -> tuple[Charge, ...]:
        with self._guard:
            return tuple(self._charges)

    def used_up(self) -> bool:
        return self.credit is not None and self.spent() >= self.credit

    def _charge(self, what: str, resource: str, price: int) -> None:
        today = self._clock().date()
        with self._guard:
            if resource and (today, resource) in self._seen:
                return
            if resource:
                self._seen.add((today, resource))
            self._charges.append(Charge(today, what, resource, price))
