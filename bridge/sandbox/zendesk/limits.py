"""The helpdesk's rate limits, over a sliding window of the injected clock.

https://developer.zendesk.com/api-reference/introduction/rate-limits
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model import Clock
from bridge.sandbox.zendesk.records import Refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the account may do; None switches a limit off.

    `account`, `updates`, `exports` and `webhooks` are per minute, `per_ticket` is updates by one
    user of one ticket in ten minutes. The defaults are those of a Suite Enterprise Plus account.
    """

    account: int | None = 2500
    updates: int | None = 100
    exports: int | None = 30
    webhooks: int | None = 100
    per_ticket: int | None = 30


@dataclass(frozen=True, slots=True)
class Left:
    """How one budget stands after a call: for the response headers."""

    total: int
    remaining: int
    resets: int


class Budget:
    """At most `total` calls per `window` for each key."""

    def __init__(self, name: str, total: int | None, window: timedelta, clock: Clock) -> None:
        self.name = name
        self.total = total
        self._window = window
        self._clock = clock
        self._calls: dict[Hashable, deque[datetime]] = defaultdict(deque)

    def take(self, key: Hashable = "") -> Left | None:
        """Use one call. Raises `Refusal` (429, with the seconds to wait) when none is left."""
        if self.total is None:
            return None
        now = self._clock()
        calls = self._calls[key]
        while calls and calls[0] <= now - self._window:
            calls.popleft()
        if len(calls) >= self.total:
            wait = max(1, math.ceil((calls[0] + self._window - now).total_seconds()))
            raise Refusal(
                429,
                "TooManyRequests",
                f"Rate limit for {self.name} exceeded, please wait before making more requests",
                wait=wait,
            )
        calls.append(now)
        resets = math.ceil((calls[0] + self._window - now).total_seconds())
        return Left(self.total, self.total - len(calls), resets)


class Budgets:
    """All budgets of one account."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        minute = timedelta(minutes=1)
        self.account = Budget("the account", limits.account, minute, clock)
        self.updates = Budget("ticket updates", limits.updates, minute, clock)
        self.exports = Budget("incremental exports", limits.exports, minute, clock)
        self.webhooks = Budget("webhooks", limits.webhooks, minute, clock)
        self.per_ticket = Budget(
            "updates of this ticket", limits.per_ticket, timedelta(minutes=10), clock
        )
