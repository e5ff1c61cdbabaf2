"""A write made under a lease leaves while the lease holds, or not at all.

Between the last look at a lease and the first byte on the wire a process can be frozen for longer
than the lease: another worker takes over, looks, finds nothing and writes; then the first one
wakes, and its request would go out as well. So the age of that look is checked where the bytes
leave (`bridge.bounded`), after the connection stands, and a look that has grown old is taken anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from bridge.model import Clock


@dataclass(slots=True)
class _Departure:
    clock: Clock
    by: datetime
    look: Callable[[], datetime]


_now: ContextVar[_Departure | None] = ContextVar("departure", default=None)


@contextmanager
def departing(clock: Clock, by: datetime, look: Callable[[], datetime]) -> Iterator[None]:
    """What this thread sends in here leaves by an instant. From then on `look` is asked first: it
    names the next instant, or raises, and then nothing is sent."""
    before = _now.set(_Departure(clock, by, look))
    try:
        yield
    finally:
        _now.reset(before)


def may_leave() -> None:
    """Called right before bytes are handed to the system. Raises what `look` raises."""
    departure = _now.get()
    if departure is not None and departure.clock() >= departure.by:
        departure.by = departure.look()
