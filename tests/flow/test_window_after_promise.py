"""A network's window is reminded of also where a promise that was made passes before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.ledger import deadlines
from bridge.model import Kind, Visibility

HOUR = 3600
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def nudges(world: Any) -> list[str]:
    return [note for note in world.notes() if "nearly over" in note or "soon takes no" in note]


@pytest.fixture
def windowed(hears: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Half an hour is promised, reminded of ten minutes before; the network takes answers a day
    long."""
    world = hears.world
    world.remap("rules:\n", "targets: {public: 1h, private: 30m, nudge: 10m}\nrules:\n")
    channel = world.bridge.channels["acme"]
    real = channel.limits()
    monkeypatch.setattr(channel, "limits", lambda: replace(real, reply_window=timedelta(hours=24)))
    return hears


def deadline(world: Any) -> Any:
    with world.bridge.ledger.reading() as tx:
        return deadlines.row(tx, 1)


def private(hears: Any, post_id: str) -> None:
    hears(
        hears.post(
            post_id, "hello", visibility=Visibility.PRIVATE, kind=Kind.DM, author=hears.person(5)
        )
    )


def test_of_the_window_it_is_reminded_after_the_promise_has_passed(windowed: Any) -> None:
    world = windowed.world
    private(windowed, "m1")
    for _ in range(22 * 4):
        world.later(900)
    (promise,) = nudges(world)
    assert "12:30 UTC" in promise
    assert NOON + timedelta(minutes=30) == deadline(world).reply_by
    for _ in range(3 * 4):
        world.later(900)
    assert 2 == len(nudges(world))
    assert "soon takes no more answers" in nudges(world)[-1]
    assert "2026-11-22 12:00 UTC" in nudges(world)[-1]


def test_a_window_that_opens_anew_is_reminded_of_anew(windowed: Any) -> None:
    """They wrote again after the reminder: what was promised for the first message is long over."""
    world = windowed.world
    private(windowed, "m1")
    world.later(1300)
    for _ in range(24):
        world.later(HOUR - 30)
    assert 2 == len(nudges(world))
    private(windowed, "m2")
    for _ in range(26):
        world.later(HOUR)
    assert 3 == len(nudges(world))
    assert "soon takes no more answers" in nudges(world)[-1]


def test_both_are_reminded_of_though_they_are_due_at_one_look(windowed: Any) -> None:
    """A message as the promise is as good as over moves only the window."""
    world = windowed.world
    private(windowed, "m1")
    world.clock.move(21 * 60)
    windowed.keep(
        windowed.post(
            "m2", "?", visibility=Visibility.PRIVATE, kind=Kind.DM, author=windowed.person(5)
        )
    )
    for _ in range(5):
        world.later(60)
    assert 1 == len(nudges(world))
    for _ in range(25):
        world.later(HOUR)
    assert 2 == len(nudges(world))
