"""Every transaction that writes, named after the function that opens it, and what can go wrong.

`Died` just before and just after COMMIT; the connection to the database lost before the COMMIT
was carried out, and after it; a worker that freezes right before the transaction begins.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from faults.plan import Died, Plan, Point
from sqlalchemy.exc import OperationalError

from bridge.ledger import Ledger, Tx

FAULTS = ("killed before", "killed after", "dropped before", "dropped after", "frozen before")

WAITED_FOR = "opening.LedgerTokens.put"
"""Under a lock that all others wait for: nobody goes on while its holder is frozen."""


class Lost(OperationalError):
    """The connection to the database is gone."""

    def __init__(self) -> None:
        super().__init__("COMMIT", None, OSError("the connection is gone"))


@dataclass
class Seam:
    """`others` lets some time go by in which other workers take over and finish everything."""

    plan: Plan
    others: Callable[[], None]

    def install(self, patch: pytest.MonkeyPatch) -> None:
        whole = Ledger.writing

        @contextmanager
        def writing(ledger: Ledger, **how: bool) -> Iterator[Tx]:
            name = _opened_by()
            fault = self.plan.fault_at(Point("commit", name)) if name else ""
            if fault == "frozen before":
                self.others()
            with whole(ledger, **how) as tx:
                yield tx
                if fault == "killed before":
                    raise Died
                if fault == "dropped before":
                    raise Lost
            if fault == "killed after":
                raise Died
            if fault == "dropped after":
                raise Lost

        patch.setattr(Ledger, "writing", writing)


def fits(point: Point, fault: str) -> bool:
    return not (fault.startswith("frozen") and point.name == WAITED_FOR)


def _opened_by() -> str:
    """`once._settle`; "" for what a test writes by itself."""
    frame = sys._getframe(1)
    while frame.f_globals["__name__"] in (__name__, "contextlib"):
        assert frame.f_back is not None
        frame = frame.f_back
    module = frame.f_globals["__name__"]
    if not module.startswith("bridge.") or module.startswith("bridge.sandbox"):
        return ""
    short = module.removeprefix("bridge.").removeprefix("flow.")
    name = frame.f_code.co_qualname.replace(".<locals>", "")
    return f"{short}.{name}"
