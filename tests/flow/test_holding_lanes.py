"""Under which names a process holds lanes, and which of them it gives signs of life for."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from bridge import worker
from bridge.flow.lanes import Pause
from bridge.helpdesks.contract import Budget
from bridge.ledger import lanes
from bridge.ledger.lanes import Lease
from bridge.ledger.ranks import Rank
from bridge.worker import Crew


def test_what_could_not_be_given_back_runs_out(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database went away before a lane was given back: under the same name as the thread's next
    lane, it would be prolonged for as long as the process lives, and nobody would work on it."""
    crew = Crew(world.bridge, 1)
    held: list[tuple[str, bool]] = []

    def fails(_bridge: object, holder: str, _claimed: object, _seen: object) -> bool:
        held.append((holder, holder in crew._at_work.values()))
        if len(held) == 1:
            raise OperationalError("SELECT 1", {}, Exception("away"))
        return False

    monkeypatch.setattr(worker, "run_once", fails)
    with pytest.raises(OperationalError):
        crew._turn("thread")
    assert {} == crew._at_work
    assert crew._turn("thread") is False
    (first, first_lives), (second, second_lives) = held
    assert first != second
    assert (True, True) == (first_lives, second_lives)


def test_a_container_that_starts_again_holds_nothing_of_the_dead_one(world: Any) -> None:
    """It has the same host name, and often the same process number."""
    names = {thread.name for _ in range(2) for thread in Crew(world.bridge, 2)._threads}
    assert 4 == len(names)


def test_who_lost_the_lane_meanwhile_is_no_defect(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in the middle of a transaction, healed after another one had done the same work: what
    it writes is there already, and that is no fault of the statement."""
    with world.bridge.ledger.writing() as tx:
        lanes.wake(tx, "conversation:1")

    def late(bridge: Any, lease: Lease) -> Pause:
        world.clock.move(bridge.settings.lease_seconds + 1)
        with bridge.ledger.writing() as tx:
            assert lanes.take(tx, lease.lane, "another", timedelta(minutes=1)) is not None
        raise IntegrityError("INSERT", {}, Exception("already there"))

    monkeypatch.setattr(worker, "_lane_work", lambda _bridge, _lane: late)
    with capture_logs() as logs:
        assert worker.run_once(world.bridge, "one") is True
    assert ["lease lost"] == [line["event"] for line in logs if line["log_level"] != "info"]


def test_a_due_lane_that_nobody_can_have_yet_is_not_asked_for_without_a_pause(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes to it in a transaction that is not over: PostgreSQL passes over it."""
    crew = Crew(world.bridge, 1)
    asked: list[str] = []
    waited: list[float] = []

    def passed_over(_bridge: object, holder: str, _claimed: object, _seen: object) -> bool:
        asked.append(holder)
        if len(asked) > 1:
            crew._stop.set()
        return False

    monkeypatch.setattr(worker, "run_once", passed_over)
    monkeypatch.setattr(crew, "_look", lambda: (0.0, ()))
    monkeypatch.setattr(crew._bell, "wait", lambda _heard, most, _stop: waited.append(most))
    crew._serve("thread")
    assert [worker.BETWEEN_TRIES] * 2 == waited


def test_a_look_goes_by_the_limits_that_a_claim_goes_by(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a mapping with other fields was taken up, its helpdesk alone hears the answers: a look
    that asked the old one would find work for ever that no claim is given."""
    for lane in ("poll:acme", "reread:acme"):
        with world.bridge.ledger.writing() as tx:
            lanes.wake(tx, lane, at=world.clock() + timedelta(hours=1))
    while worker.run_once(world.bridge, "one"):
        pass
    with world.bridge.ledger.writing() as tx:
        lanes.wake(tx, "conversation:1", account="acme", rank=Rank.ORDINARY)
    crew = Crew(world.bridge, 1)
    assert 0.0 == crew._look()[0]
    known = copy(world.bridge.helpdesk)
    closed = Budget(closed_until=world.clock() + timedelta(seconds=30))
    monkeypatch.setattr(known, "budget", lambda: closed)
    crew._live.bridge = replace(world.bridge, helpdesk=known)
    assert not worker.run_once(crew._live.bridge, "one")
    assert crew._look()[0] > 0
