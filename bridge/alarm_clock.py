"""One thread of this process that rings at deadlines.

A `threading.Timer` is a thread for each deadline, though nearly none is ever reached: it cost more
than a tenth of the processor time of a request that the web server takes in.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from itertools import count
from math import inf
from time import monotonic

Ring = Callable[[], None]


class AlarmClock:
    """Threads share it. The thread starts with the first deadline, and anew in a forked child."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[int, tuple[float, Ring]] = {}
        self._looks_at = inf
        self._thread: threading.Thread | None = None

    def put(self, seconds: float, ring: Ring) -> int:
        """Call `ring` when so many seconds are over, from a thread of its own; it must be quick.
        A number to take it back by."""
        due = monotonic() + seconds
        with self._changed:
            number = next(self._numbers)
            self._waiting[number] = (due, ring)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="alarm", daemon=True)
                self._looks_at = due
                self._thread.start()
            elif due < self._looks_at:
                self._changed.notify()
        return number

    def take_back(self, number: int) -> None:
        """It does not ring, unless it is ringing already. Nobody is woken for that: the thread
        finds nothing when it looks the next time."""
        with self._changed:
            self._waiting.pop(number, None)

    def _serve(self) -> None:
        while True:
            for ring in self._next():
                ring()

    def _next(self) -> list[Ring]:
        """What is due, once something is; or nothing, to look again."""
        with self._changed:
            self._looks_at = min((due for due, _ in self._waiting.values()), default=inf)
            left = self._looks_at - monotonic()
            if left > 0:
                self._changed.wait(None if left == inf else left)
            now = monotonic()
            due = [number for number, (at, _) in self._waiting.items() if at <= now]
            return [self._waiting.pop(number)[1] for number in due]


CLOCK = AlarmClock()
"""This process's."""
