"""Any interleaving of workers, deaths, freezes, waits and wakes keeps the lanes' promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis.stateful import run_state_machine_as_test
from lanes_machine import Lanes
from orders import examples, longest

from bridge.ledger import Ledger, Tx, lanes, steps
from bridge.ledger import tables as t
from bridge.ledger.lanes import Lease


def _fence_nothing(_tx: Tx, _lease: Lease) -> None:
    return None


def _prolong_anything(tx: Tx, holder: str, lease_for: timedelta) -> None:
    until = tx.now + lease_for
    tx.conn.execute(t.lanes.update().where(t.lanes.c.holder == holder).values(lease_until=until))


def _rest_whoever_rang(tx: Tx, lease: Lease, again_at: datetime | None) -> None:
    lanes.fence(tx, lease)
    tx.conn.execute(
        t.lanes.update()
        .where(t.lanes.c.key == lease.lane)
        .values(lease_until=None, holder="", ready_at=again_at)
    )


def _begin_nothing(_tx: Tx, _step_id: int) -> None:
    return None


def _newest_first(tx: Tx, lane: str, most: int = 50) -> tuple[steps.Step, ...]:
    return WAITING(tx, lane)[::-1][:most]


def _unhold_nothing(_tx: Tx, _account: str) -> int:
    return 0


WAITING = steps.waiting
BROKEN: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "a stale lease writes": (lanes, "fence", _fence_nothing),
    "a lease that ran out comes back": (lanes, "prolong", _prolong_anything),
    "a wake during the work is lost": (lanes, "rest", _rest_whoever_rang),
    "a look that has begun counts as waiting": (steps, "begin", _begin_nothing),
    "the newest step comes first": (steps, "waiting", _newest_first),
    "what was held stays held": (lanes, "unhold", _unhold_nothing),
}


@pytest.mark.timeout(longest(900))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", sorted(BROKEN))
def test_the_machine_finds_what_is_broken(
    ledger: Ledger, clock: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Each promise is broken on purpose once: a machine that finds nothing proves nothing."""
    monkeypatch.setattr(*BROKEN[what])
    asked = examples(60, 30, phases=[Phase.generate], derandomize=True, database=None)
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(lambda: Lanes(ledger, clock), settings=asked)


@pytest.mark.timeout(longest(900))
def test_any_interleaving_keeps_the_lanes_promises(ledger: Ledger, clock: Any) -> None:
    """One holder at a time, nothing written by a stale lease, each step done once and in order,
    and nothing that waits is forgotten."""
    run_state_machine_as_test(lambda: Lanes(ledger, clock), settings=examples(25, 30))
