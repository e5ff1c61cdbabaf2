"""What X charges, and what an account has cost this month.

Prices: https://docs.x.com/x-api/getting-started/pricing (22 August 2026). They count resources
under `data`; whether X also charges those under `includes` is not said, nor is a price for
mentions, replies and quotes as events (https://docs.x.com/x-api/activity/introduction#post-events
says that each is billed as a post). What is counted here is therefore about what X will charge;
X's own console has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from bridge.channels.contract import Meter
from bridge.model import Clock

DOLLAR = 1_000_000
"""All prices are in millionths of a dollar."""

READS = {"post": 5_000, "user": 10_000, "message": 10_000}
OWNED_READ = 1_000
"""A post out of our own posts or mentions, where the account owns the app."""

POST, POST_WITH_LINK, POST_SUMMONED, MESSAGE = 15_000, 200_000, 10_000, 15_000
EVENTS = {
    "post.create": 5_000,
    "post.mention.create": 5_000,
    "post.reply.create": 5_000,
    "post.quote.create": 5_000,
    "post.repost.create": 5_000,
    "dm.received": 10_000,
    "chat.received": 10_000,
}
"""What is not listed is not billed."""


@dataclass(slots=True)
class Spending:
    """The bill of one account. `budget` is in millionths of a dollar for a calendar month (UTC),
    None for no limit. X charges a resource once in a day of UTC, so what was counted today is
    remembered; losing this memory only counts something twice."""

    account: str
    clock: Clock
    meter: Meter | None
    budget: int | None = None
    owned: bool = False
    _day: date | None = None
    _today: set[str] = field(default_factory=set)

    def read(self, what: str, ids: Iterable[str], *, own: bool = False) -> None:
        """Resources that came in an answer; `own`: out of the account's own posts or mentions."""
        each = OWNED_READ if own and self.owned else READS[what]
        self._count(f"{what} read", each, [f"{what}:{one}" for one in ids])

    def event(self, kind: str, what_id: str) -> None:
        """A delivery to our webhook. One that brings a post is charged as the post."""
        if kind not in EVENTS or not what_id:
            return
        name = f"post:{what_id}" if kind.startswith("post.") else f"{kind}:{what_id}"
        self._count(f"{kind} received", EVENTS[kind], [name])

    def sent(self, what: str, each: int) -> None:
        self._spend(what, each, 1)

    def this_month(self) -> int:
        if self.meter is None:
            return 0
        return self.meter.spent(self.account, self.month())

    def month(self) -> datetime:
        """Its first instant."""
        return self.clock().replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def used_up(self) -> bool:
        """Whether reading must stop. Sending goes on: a customer waits for it."""
        return self.budget is not None and self.this_month() >= self.budget

    def _count(self, what: str, each: int, names: list[str]) -> None:
        today = self.clock().date()
        if today != self._day:
            self._day, self._today = today, set()
        new = set(names) - self._today
        self._today |= new
        if new:
            self._spend(what, each, len(new))

    def _spend(self, what: str, each: int, times: int) -> None:
        if self.meter is not None:
            self.meter.spend(self.account, what, each, times)


def dollars(millionths: int) -> str:
    """`$1.25`; cents are not enough below one."""
    amount = millionths / DOLLAR
    return f"${amount:,.2f}" if amount >= 1 or not millionths else f"${amount:.3f}"
