"""How a process waits to be told to stop, so that it is not told in vain.

Python runs a signal's handler between two of its own instructions. A signal that arrives after the
last of them before a wait on a lock (`Event.wait`, `SimpleQueue.get`), or that the kernel gives to
another thread, ends no such wait: the handler runs when something else does. A byte on a pipe is
written while the signal arrives, and stays there for whoever waits later
(https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd).
"""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from queue import Empty, SimpleQueue
from time import monotonic
from types import FrameType
from typing import Generic, TypeVar

T = TypeVar("T")

STOPS = (signal.SIGTERM, signal.SIGINT)
"""By which a process is told to stop: a service manager's, and Ctrl-C."""

_MOST = 4096


class Inbox(Generic[T]):
    """What the main thread waits for. Signals' handlers and any thread may put something in."""

    def __init__(self) -> None:
        # A SimpleQueue, because its `put` may be called from a signal handler.
        self._items: SimpleQueue[T] = SimpleQueue()

    def put(self, item: T) -> None:
        """Returns at once."""
        self._items.put(item)
        with suppress(BlockingIOError):  # full: whoever waits has enough to hear
            os.write(_pipe()[1], b".")

    def get(self, most: float | None = None) -> T:
        """The oldest item; within `hearing` a signal's handler runs meanwhile. Raises `Empty` after
        `most` seconds, and what a handler raises."""
        ends = None if most is None else monotonic() + most
        with selectors.DefaultSelector() as waiting:
            waiting.register(_pipe()[0], selectors.EVENT_READ)
            while True:
                with suppress(Empty):
                    return self._items.get_nowait()
                left = None if ends is None else ends - monotonic()
                if not waiting.select(left):
                    raise Empty
                with suppress(BlockingIOError):
                    os.read(_pipe()[0], _MOST)


@contextmanager
def hearing(handle: Callable[[int], None]) -> Iterator[None]:
    """Within, `handle` is called with the number of each signal that tells the process to stop, in
    the main thread, which waits by an `Inbox`. Afterwards all is as before."""

    def handler(number: int, _frame: FrameType | None) -> None:
        handle(number)

    rung = signal.set_wakeup_fd(_pipe()[1], warn_on_full_buffer=False)
    before = {number: signal.signal(number, handler) for number in STOPS}
    try:
        yield
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)
        signal.set_wakeup_fd(rung)


def at_once_next_time(number: int) -> None:
    """The next signal of this number ends the process where it stands."""
    signal.signal(number, signal.SIG_DFL)


@cache
def _pipe() -> tuple[int, int]:
    """This process's, as long as it lives: a thread may put something in when nobody waits any
    more, and a closed pipe's number is soon another file's."""
    hears, rings = os.pipe()
    os.set_blocking(hears, False)
    os.set_blocking(rings, False)
    return hears, rings
