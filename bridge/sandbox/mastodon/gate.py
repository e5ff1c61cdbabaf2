"""What stands before every API call: who asks, whether they may, and how often they did.

- Errors: https://docs.joinmastodon.org/entities/Error/
- Limits and their headers: https://docs.joinmastodon.org/api/rate-limits/
- Oddities are those measured on other servers that speak Mastodon's API.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import request

from bridge.model import Clock
from bridge.sandbox.faults import Faults
from bridge.sandbox.mastodon.people import Person, Refusal
from bridge.sandbox.mastodon.posts import Draft, Leniency, Limits
from bridge.sandbox.mastodon.town import Town

ODDITIES = (
    "ignores_idempotency_key",
    "direct_shown_as_private",
    "no_v2_instance",
    "no_link_header",
    "accepts_overlong",
    "reply_to_deleted_200",
    "requires_user_agent",
    "policy_missing",
    "batch_statuses_missing",
)
MORE = (*ODDITIES, "refuse_replies", "rate_limited", "media_processes_later")


def new_faults() -> Faults:
    """Everything that can go wrong here; an oddity stays with `add(name, times=None)`."""
    return Faults(more=MORE)


@dataclass(frozen=True, slots=True)
class Standing:
    """How much is left, and when it starts again."""

    limit: int
    remaining: int
    reset: datetime
    over: bool

    def headers(self) -> dict[str, str]:
        reset = self.reset.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": reset,
        }


class Meter:
    """Counts in fixed windows of the clock, per asker and kind of call."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._rules = {
            "all": (limits.requests, limits.requests_in),
            "uploads": (limits.uploads, limits.rare_in),
            "deletes": (limits.deletes, limits.rare_in),
        }

    def count(self, who: str, kind: str) -> Standing:
        limit, period = self._rules[kind]
        seconds = period.total_seconds()
        window = int(self._clock().timestamp() // seconds)
        with self._guard:
            self._counts[who, kind, window] += 1
            used = self._counts[who, kind, window]
        reset = datetime.fromtimestamp((window + 1) * seconds, UTC)
        return Standing(limit, max(limit - used, 0), reset, used > limit)


class Gate:
    """Asked at the start of each call; every "no" is a `Refusal`."""

    def __init__(self, town: Town, faults: Faults) -> None:
        self.town = town
        self.faults = faults
        self._meter = Meter(town.clock, town.limits)

    def odd(self, name: str) -> bool:
        """Whether a fault or oddity of this name holds for the present request."""
        return self.faults.take(name, method=request.method, path=request.path) is not None

    def standing(self) -> Standing:
        """The tightest limit that applies; to be refused with 429 when it is over."""
        forced = self.faults.take("rate_limited", method=request.method, path=request.path)
        if forced:
            reset = self.town.clock() + timedelta(seconds=forced.seconds)
            return Standing(self.town.limits.requests, 0, reset, over=True)
        who = _bearer() or request.remote_addr or ""
        found = [self._meter.count(who, "all")]
        if request.method == "POST" and request.path.endswith("/media"):
            found.append(self._meter.count(who, "uploads"))
        if request.method == "DELETE":
            found.append(self._meter.count(who, "deletes"))
        return min(found, key=lambda one: (not one.over, one.remaining))

    def check_agent(self) -> None:
        if self.odd("requires_user_agent") and not request.headers.get("User-Agent"):
            raise Refusal(418, "I'm a teapot: no user agent sent with request")

    def viewer(self, scope: str) -> Person | None:
        """Who asks, None for a stranger. A token that is sent must be good, even where none is
        needed."""
        sent = _bearer()
        if not sent:
            return None
        token = self.town.token(sent)
        person = self.town.by_id(token.person_id) if token else None
        if token is None or person is None:
            raise Refusal(401, "The access token is invalid")
        if token.revoked:
            raise Refusal(401, "The access token was revoked")
        if scope and not token.covers(scope):
            raise Refusal(403, "This action is outside the authorized scopes")
        return person

    def member(self, scope: str) -> Person:
        """Who asks; strangers are refused."""
        person = self.viewer(scope)
        if person is None:
            raise Refusal(401, "The access token is invalid")
        return person

    def direct_as(self) -> str:
        return "private" if self.odd("direct_shown_as_private") else "direct"

    def leniency(self, draft: Draft) -> Leniency:
        return Leniency(
            any_length=self.odd("accepts_overlong"),
            missing_parent=self.odd("reply_to_deleted_200"),
            forgets_keys=self.odd("ignores_idempotency_key"),
            refuses_replies=bool(draft.in_reply_to) and self.odd("refuse_replies"),
        )


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
