"""How often each call may be made: https://docs.x.com/x-api/fundamentals/rate-limits

A window begins with its first call. Limits are per person where a person signed the call, and per
app where only the app did.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.model import Clock

QUARTER = timedelta(minutes=15)
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """`person` and `app` are per 15 minutes, the others per 24 hours; None: no such limit."""

    method: str
    path: re.Pattern[str]
    person: int | None = None
    app: int | None = None
    person_a_day: int | None = None
    app_a_day: int | None = None


def _limit(line: str, **limits: int) -> Limit:
    method, path = line.split(" ", 1)
    return Limit(method, re.compile(path.replace("*", "[^/]+")), **limits)


LIMITS = (
    _limit("GET /2/tweets/search/recent", person=300, app=450),
    _limit("GET /2/tweets/*", person=900, app=450),
    _limit("GET /2/tweets", person=5000, app=3500),
    _limit("POST /2/tweets", person=100, app_a_day=10_000),
    _limit("DELETE /2/tweets/*", person=50),
    _limit("GET /2/users/me", person=75),
    _limit("GET /2/users/by/username/*", person=900, app=300),
    _limit("GET /2/users/*/tweets", person=900, app=10_000),
    _limit("GET /2/users/*/mentions", person=300, app=450),
    _limit("GET /2/users/*", person=900, app=300),
    _limit("GET /2/users", person=900, app=300),
    _limit("GET /2/dm_events", person=15),
    _limit("GET /2/dm_conversations/with/*/dm_events", person=15),
    _limit("POST /2/dm_conversations/with/*/messages", person=15, person_a_day=1440),
    _limit("POST /2/media/upload", person=500, app_a_day=50_000),
)
OTHERS = Limit("", re.compile(".*"), person=450, app=450)


@dataclass(frozen=True, slots=True)
class Standing:
    """How much is left, and when it starts again."""

    limit: int
    remaining: int
    reset: datetime
    over: bool

    def headers(self) -> dict[str, str]:
        return {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(int(self.reset.timestamp())),
        }


@dataclass(slots=True)
class _Window:
    ends_at: datetime
    used: int = 0


class Turnstile:
    """Counts calls. A call that is refused for being one too many is not counted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._windows: dict[tuple[str, str, timedelta], _Window] = {}

    def count(self, method: str, path: str, person: str) -> Standing:
        """`person` is an id, "" for the app itself."""
        limit = next(
            (one for one in LIMITS if one.method == method and one.path.fullmatch(path)), OTHERS
        )
        quarter = (limit.person if person else limit.app) or OTHERS.app or 0
        spans = [(person or "app", QUARTER, quarter)]
        if person and limit.person_a_day:
            spans.append((person, DAY, limit.person_a_day))
        if limit.app_a_day:
            spans.append(("app", DAY, limit.app_a_day))
        name = f"{method} {limit.path.pattern}" if limit is not OTHERS else f"{method} {path}"
        with self._guard:
            found = [(self._window(name, who, span), allowed) for who, span, allowed in spans]
            full = [(window, allowed) for window, allowed in found if window.used >= allowed]
            if not full:
                for window, _ in found:
                    window.used += 1
            window, allowed = max(full, key=lambda one: one[0].ends_at) if full else found[0]
            return Standing(allowed, max(allowed - window.used, 0), window.ends_at, bool(full))

    def _window(self, name: str, who: str, span: timedelta) -> _Window:
        now = self._clock()
        window = self._windows.get((name, who, span))
        if window is None or window.ends_at <= now:
            window = self._windows[name, who, span] = _Window(now + span)
        return window
