"""How many calls a CRM may still be asked, kept by whoever makes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bridge.model import Clock


class Budget:
    """At most `calls` within any `window` seconds (0: any number). One per target and process."""

    def __init__(
        self, calls: int, window: float, clock: Clock, wait: Callable[[float], None]
    ) -> None:
        self._calls = calls
        self._window = timedelta(seconds=window)
        self._clock = clock
        self._wait = wait
        self._made: deque[datetime] = deque()

    def take(self) -> None:
        """Before each call: waits until there is room for it."""
        if not self._calls:
            return
        self._forget()
        if len(self._made) >= self._calls:
            self._wait((self._made[0] + self._window - self._clock()).total_seconds())
            self._forget()
            if len(self._made) >= self._calls:  # the clock stood still: the wait counts
                self._made.popleft()
        self._made.append(self._clock())

    def _forget(self) -> None:
        before = self._clock() - self._window
        while self._made and self._made[0] <= before:
            self._made.popleft()
