"""The numbers as tables: each of what was solved, by account, by network and by hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bridge.flow.measuring import Resolution
from bridge.flow.number_tables import tables
from bridge.flow.numbers import Days, Numbers
from bridge.mapping import Account, Mapping
from bridge.model import HOUR, MINUTE

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MAPPING = Mapping(
    accounts={
        name: Account(name, network, "en", {})
        for name, network in (("acme", "mastodon"), ("shop", "site"), ("toots", "mastodon"))
    },
    fields=(),
    rules=(),
    text="",
    digest="",
)


def solved(account: str, began: datetime, minutes: int) -> Resolution:
    return Resolution(account, began, began + timedelta(minutes=minutes))


def test_what_was_solved_is_told_by_account_network_and_hour() -> None:
    numbers = Numbers(
        days=Days(date(2026, 6, 1), date(2026, 6, 1), "UTC"),
        now=NOON,
        mapping=MAPPING,
        heard=(),
        spells=(),
        resolutions=(
            solved("acme", NOON, 10),
            solved("toots", NOON, 30),
            solved("shop", NOON - timedelta(hours=3), 60),
        ),
        failures=(),
        held={},
        rated=(),
        spent=(),
        badges={},
    )
    found = {table.name: table.rows for table in tables(numbers)}
    assert [("acme", 10 * MINUTE), ("shop", HOUR), ("toots", 30 * MINUTE)] == [
        (row[0], row[3]) for row in found["resolution"]
    ]
    assert [("Mastodon", 2, 10 * MINUTE, 30 * MINUTE), ("Website", 1, HOUR, HOUR)] == list(
        found["resolution-networks"]
    )
    assert [("09:00", 1), ("12:00", 2)] == [row[:2] for row in found["resolution-hours"]]
