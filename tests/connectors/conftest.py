"""What every test of a connector may ask for: surroundings whose waits take no time, records to
write, and a look-up over records in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from connectors.samples import ADA, ADA_THERE, HELLO, LINK, NOON, TALK, Known

from bridge.connectors.budget import Budget
from bridge.connectors.contract import Around
from bridge.records import RECORDS, Change, Record, Resource


@dataclass
class Waits:
    """`around.wait`: remembers the seconds, and moves the clock by them."""

    clock: Any
    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.clock.move(seconds)


@pytest.fixture
def waits(clock: Any) -> Waits:
    return Waits(clock)


@pytest.fixture
def around(clock: Any, waits: Waits) -> Around:
    return Around(
        clock, waits, Budget(0, 60.0, clock, waits), record_url=LINK, timeout=(20.0, 60.0)
    )


@pytest.fixture
def change() -> Callable[..., Change]:
    """A record as a row of the feed, each with the next number."""
    count = iter(range(1, 10_000))

    def made(record: Record) -> Change:
        number = next(count)
        kind = next(each for each, shape in RECORDS.items() if isinstance(record, shape))
        return Change(number, NOON + timedelta(seconds=number), Resource(kind), record)

    return made


@pytest.fixture
def known() -> Known:
    """Ada, her identity, their conversation and her first post."""
    return Known(ADA, ADA_THERE, TALK, HELLO)
