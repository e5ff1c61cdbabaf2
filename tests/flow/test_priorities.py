"""A helpdesk that is asked again and again while somebody types."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.errors import Gone
from bridge.flow.priorities import MOST, Priorities
from bridge.helpdesks.contract import TicketState


@dataclass
class Desk:
    asked: list[str] = field(default_factory=list)

    def state(self, ticket_id: str) -> TicketState:
        self.asked.append(ticket_id)
        if ticket_id == "gone":
            raise Gone("no such ticket")
        return TicketState(ticket_id, "open", priority="urgent")


class Here:
    def __init__(self) -> None:
        self.helpdesk = Desk()
        self.now = datetime(2026, 6, 1, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now


@pytest.fixture
def here() -> Any:
    return Here()


def test_each_ticket_is_asked_about_once_in_half_a_minute(here: Any) -> None:
    known = Priorities(here)
    assert ["urgent", "urgent", ""] == [known.of("35"), known.of("35"), known.of("gone")]
    assert ["35", "gone"] == here.helpdesk.asked
    here.now += timedelta(seconds=30)
    known.of("35")
    assert ["35", "gone", "35"] == here.helpdesk.asked


def test_what_is_remembered_is_bounded(here: Any) -> None:
    known = Priorities(here)
    for number in range(MOST + 1):
        known.of(str(number))
    known.of(str(MOST))
    assert MOST + 1 == len(here.helpdesk.asked)
    known.of("0")
    assert MOST + 2 == len(here.helpdesk.asked)
