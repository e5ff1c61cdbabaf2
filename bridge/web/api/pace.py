"""How fast a token may ask: so many times a minute in this process, evenly.

In memory, because whoever comes too often must cost nothing. Who is refused is not counted: an
early retry gets the same answer once more, and waits no longer for it.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from bridge.model import Clock

_TICK = timedelta(microseconds=1)
_ONE = 60_000_000
"""A request, in whole numbers: each microsecond earns `per_minute` of it."""


class Pace:
    """One for each app; threads share it. A key's first minute may come all at once."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[str, tuple[int, datetime]] = {}

    def wait(self, key: str) -> int:
        """In how many whole seconds this one may ask again; 0 for now."""
        with self._lock:
            missing = _ONE - self._now_left(key, self._clock())
        return max(-(-missing // (self._per_minute * 1_000_000)), 0)

    def count(self, key: str) -> None:
        """One more of a key that is known: strangers must not fill the memory."""
        with self._lock:
            now = self._clock()
            self._left[key] = (self._now_left(key, now) - _ONE, now)

    def _now_left(self, key: str, now: datetime) -> int:
        most = self._per_minute * _ONE
        left, at = self._left.get(key, (most, now))
        if now < at:  # the clock was put back: nobody waits until it has caught up
            return most
        return min(left + (now - at) // _TICK * self._per_minute, most)
