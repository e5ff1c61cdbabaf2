"""What a count of messages says became of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bench import dropped
from bench.service import Message

FOUR = tuple(Message(f"M{one}", one) for one in range(4))


@pytest.mark.parametrize(
    ("stood", "told", "says"),
    [
        ({0: 1, 1: 1, 2: 1, 3: 1}, {0, 1, 2, 3}, "all 4 once"),
        ({0: 1, 1: 2, 2: 1}, {0, 1, 2, 3}, "1 lost, 1 doubled of 4"),
        ({0: 1, 1: 1, 2: 1}, {0, 1, 2}, "0 lost, 0 doubled, 1 never taken of 4"),
        ({0: 1, 1: 1, 2: 1, 3: 1}, {0}, "all 4 once"),
    ],
)
def test_lost_is_what_was_taken_and_stands_nowhere(
    monkeypatch: pytest.MonkeyPatch, stood: dict[int, int], told: set[int], says: str
) -> None:
    monkeypatch.setattr(dropped, "QUIET_FOR", 0.0)
    there = {f"M{one}": ("a place",) * times for one, times in stood.items()}
    desk = SimpleNamespace(stood=lambda: there)
    rival: Any = SimpleNamespace(desk=desk, goes_on=0.0)
    assert says == dropped._came(rival, FOUR, {f"M{one}" for one in told}).says()
