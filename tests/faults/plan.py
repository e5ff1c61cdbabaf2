"""What is to go wrong where: the points that a flow passes, and the one that is struck.

A point is a place where the process touches the outside. Nobody lists them: each of the three
seams (calls, commits, webhooks) tells the plan of every point that is passed, so a new one is
found by itself.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


class Died(BaseException):
    """The process is gone: nothing after this line of it was carried out."""


@dataclass(frozen=True, order=True)
class Point:
    """`kind` is call, commit or webhook; `name` says which, without the ids in it."""

    kind: str
    name: str


@dataclass(frozen=True)
class Strike:
    """This fault, the `nth` time (from 0) that this point is passed."""

    point: Point
    fault: str
    nth: int = 0


@dataclass
class Plan:
    """Watches while a flow runs; says once that it is time to strike."""

    strike: Strike | None = None
    watching: bool = False
    struck: bool = False
    passed: list[Point] = field(default_factory=list)
    _thread: int = field(default_factory=threading.get_ident)

    def fault_at(self, point: Point) -> str:
        """The fault that strikes here and now, "" for none. Stand-ins have threads of their own;
        only what the bridge does is looked at."""
        if not self.watching or threading.get_ident() != self._thread:
            return ""
        self.passed.append(point)
        if self.struck or self.strike is None or point != self.strike.point:
            return ""
        if self.passed.count(point) <= self.strike.nth:
            return ""
        self.struck = True
        return self.strike.fault
