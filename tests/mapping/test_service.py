"""Opening hours against a slow count of minutes, and what may be promised and said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.mapping import Mapping
from bridge.mapping.hours import Span
from bridge.mapping.openings import LONG_AGO, SEARCHED, Holiday, OpeningHours
from bridge.mapping.service import Targets
from bridge.model import Visibility

MINUTE = timedelta(minutes=1)
DAYS = 3
"""How far the slow count goes; the quick one must agree within that."""

ZONES = (
    "Europe/Berlin",
    "America/Havana",  # its clocks change at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Asia/Kathmandu",
    "Africa/Cairo",
    "UTC",
)
CHANGES = (
    datetime(2026, 3, 28, 20, 0, tzinfo=UTC),
    datetime(2026, 10, 24, 20, 0, tzinfo=UTC),
    datetime(2026, 3, 7, 22, 0, tzinfo=UTC),
    datetime(2026, 10, 31, 22, 0, tzinfo=UTC),
    datetime(2026, 4, 4, 10, 0, tzinfo=UTC),
    datetime(2026, 10, 3, 10, 0, tzinfo=UTC),
    datetime(2026, 4, 23, 18, 0, tzinfo=UTC),
    datetime(2026, 12, 24, 10, 0, tzinfo=UTC),
    datetime(2027, 12, 31, 10, 0, tzinfo=UTC),
)
"""Shortly before clocks change, or before holidays."""


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    found = []
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 1439))
        found.append(Span(draw(st.integers(0, 6)), start, draw(st.integers(start + 1, 1440))))
    return tuple(found)


holidays = st.lists(
    st.sampled_from(
        (
            Holiday(None, 12, 25),
            Holiday(2026, 12, 26),
            Holiday(2026, 3, 29),
            Holiday(2027, 3, 29),
            Holiday(None, 1, 1),
            Holiday(2026, 10, 25),
            Holiday(2026, 11, 1),
        )
    ),
    max_size=4,
).map(tuple)
hours = st.builds(OpeningHours, st.sampled_from(ZONES), spans(), holidays)
instants = st.builds(
    lambda at, minutes: at + minutes * MINUTE, st.sampled_from(CHANGES), st.integers(0, 24 * 60)
)


def slow(openings: OpeningHours, at: datetime) -> bool:
    """Whether the minute that begins at `at` is open, by the wall clock alone."""
    wall = at.astimezone(ZoneInfo(openings.zone)).replace(tzinfo=None)
    for holiday in openings.holidays:
        years = (wall.year,) if holiday.year is None else (holiday.year,)
        if wall.date() in {date(year, holiday.month, holiday.day) for year in years}:
            return False
    minute = (wall - wall.replace(hour=0, minute=0, second=0, microsecond=0)) // MINUTE
    return any(
        each.day == wall.weekday() and minute in range(each.start, each.end)
        for each in openings.spans
    )


def minutes(openings: OpeningHours, at: datetime) -> list[tuple[datetime, bool]]:
    return [(at + n * MINUTE, slow(openings, at + n * MINUTE)) for n in range(DAYS * 24 * 60)]


unhurried = settings(deadline=None, max_examples=60)
BERLIN = OpeningHours("Europe/Berlin", tuple(Span(day, 540, 1020) for day in range(5)))
NIGHTS = OpeningHours(
    "Europe/Berlin",
    tuple(s for day in range(7) for s in (Span(day, 1320, 1440), Span((day + 1) % 7, 0, 360))),
    (Holiday(None, 12, 25),),
)


@unhurried
@given(hours, instants)
@example(NIGHTS, datetime(2026, 12, 24, 21, 30, tzinfo=UTC))
@example(NIGHTS, datetime(2026, 3, 28, 22, 0, tzinfo=UTC))
def test_the_next_opening_is_the_first_minute_that_is_open_after_one_that_is_not(
    openings: OpeningHours, at: datetime
) -> None:
    counted = minutes(openings, at)
    expected = next(
        (then for (_, before), (then, now) in pairwise(counted) if now and not before),
        None,
    )
    found = openings.next_opening(at)
    assert openings.is_open(at) == counted[0][1]
    if expected is None:
        assert found is None or found >= counted[-1][0]
    else:
        assert found == expected


@unhurried
@given(hours, instants)
@example(NIGHTS, datetime(2026, 12, 25, 4, 0, tzinfo=UTC))
@example(NIGHTS, datetime(2026, 10, 25, 8, 0, tzinfo=UTC))
def test_a_closed_period_begins_where_the_last_open_minute_ends(
    openings: OpeningHours, at: datetime
) -> None:
    found = openings.closed_since(at)
    if slow(openings, at):
        assert found is None
        return
    back = at - MINUTE
    while back > at - timedelta(days=DAYS) and not slow(openings, back):
        back -= MINUTE
    if back > at - timedelta(days=DAYS):
        assert found == back + MINUTE
    else:
        assert found is not None
        assert found <= back + MINUTE


@unhurried
@given(hours, instants, st.integers(0, 20 * 60))
@example(BERLIN, datetime(2026, 3, 27, 15, 30, tzinfo=UTC), 60)
@example(NIGHTS, datetime(2026, 10, 24, 23, 0, tzinfo=UTC), 6 * 60)
def test_open_time_is_counted_minute_by_minute(
    openings: OpeningHours, at: datetime, wanted: int
) -> None:
    found = openings.after(at, wanted * MINUTE)
    if not wanted:
        assert found == at
        return
    left = wanted
    for then, is_open in minutes(openings, at):
        left -= is_open
        if not left:
            assert found == then + MINUTE
            return
    assert found is None or found > at + timedelta(days=DAYS)


@unhurried
@given(hours, instants, st.integers(0, DAYS * 24 * 60 - 1))
@example(NIGHTS, datetime(2026, 12, 24, 12, 0, tzinfo=UTC), 2 * 24 * 60)
def test_the_open_time_in_between_is_counted_minute_by_minute(
    openings: OpeningHours, at: datetime, wanted: int
) -> None:
    counted = sum(is_open for _, is_open in minutes(openings, at)[:wanted])
    assert openings.between(at, at + wanted * MINUTE) == counted * MINUTE


@unhurried
@given(hours, instants, st.integers(0, 59))
def test_everybody_who_writes_in_one_closed_period_writes_in_the_same_one(
    openings: OpeningHours, at: datetime, seconds: int
) -> None:
    """Its name does not depend on when in it somebody asks."""
    name, opens = openings.closed_since(at), openings.next_opening(at)
    if name is None or opens is None:
        return
    for later in (at + timedelta(seconds=seconds), at + (opens - at) / 2, opens - MINUTE):
        if later >= at:
            assert openings.closed_since(later) == name
    assert openings.closed_since(opens) is None


def test_a_year_of_holidays_is_looked_through_and_no_further() -> None:
    """Nobody waits for an opening that never comes."""
    never = OpeningHours("Europe/Berlin", (Span(0, 540, 600),), (Holiday(None, 11, 23),))
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert never.next_opening(at) == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    days = (date(2028, 1, 1) + timedelta(days=n) for n in range(366))
    shut = OpeningHours(
        "Europe/Berlin",
        (Span(0, 540, 600),),
        tuple(Holiday(None, day.month, day.day) for day in days),
    )
    assert shut.next_opening(at) is None
    assert shut.after(at, MINUTE) is None
    assert shut.closed_since(at) == LONG_AGO == shut.closed_since(at + SEARCHED)


def test_spring_takes_an_hour_and_autumn_gives_one() -> None:
    """Two hours of a night shift: the clock goes from 2 to 3, and in autumn from 3 back to 2."""
    night = OpeningHours("Europe/Berlin", (Span(6, 60, 240),))
    spring = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)  # 1:00 in Berlin
    assert night.after(spring, 2 * 60 * MINUTE) == spring + timedelta(hours=2)
    assert night.after(spring, 121 * MINUTE) == datetime(2026, 4, 4, 23, 1, tzinfo=UTC)
    autumn = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # 1:00 in Berlin
    assert night.after(autumn, 4 * 60 * MINUTE) == autumn + timedelta(hours=4)


# ------------------------------------------------------------------ what admins write

HOURS = 'hours: {zone: Europe/Berlin, open: {mon-fri: "09:00-17:00"}, holidays: ["12-25"]}\n'


def told(problems_of: Any, text: str, tail: str) -> str:
    return "\n".join(str(problem) for problem in problems_of(text + tail))


def test_all_of_it_can_be_written(
    load_text: Callable[[str], Mapping], head: str, tail: str
) -> None:
    """For all accounts; what is counted in opening hours and what is said come out as written."""
    service = load_text(
        head
        + HOURS
        + "away: {en: 'We are back [[opening]], [[first_name|dear customer]].'}\n"
        + "acknowledge: {en: 'Thanks for writing to [[account]].'}\n"
        + "targets: {public: 2h, private: 30m, nudge: 10m}\n"
        + "csat: {ask: {en: 'How was it? 1 to 5.'}, thanks: {en: Thank you.}, after: 1h}\n"
        + tail
    ).service("acme")
    assert service.hours == OpeningHours(
        "Europe/Berlin", tuple(Span(day, 540, 1020) for day in range(5)), (Holiday(None, 12, 25),)
    )
    assert service.targets == Targets(
        timedelta(hours=2), timedelta(minutes=30), timedelta(minutes=10)
    )
    assert service.targets is not None
    assert service.targets.of(Visibility.PRIVATE) == timedelta(minutes=30)
    assert service.away is not None
    assert service.csat is not None
    assert service.csat.after == timedelta(hours=1)


@pytest.mark.parametrize("day", ["0000-12-24", "2026-02-29", "12-32", "24.12."])
def test_a_holiday_is_a_day(problems_of: Any, head: str, tail: str, day: str) -> None:
    """One of the year 0 would be a slip for every year, and never come."""
    assert "must be a day" in told(problems_of, head + HOURS.replace("12-25", day), tail)


def test_an_away_message_needs_hours(problems_of: Any, head: str, tail: str) -> None:
    """Else nobody could say when the account is away."""
    assert "needs `hours`" in told(problems_of, head + "away: {en: We are away.}\n", tail)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("away: {en: 'Dear [[frist_name|you]]'}\n", 'did you mean "first_name"?'),
        ("acknowledge: {en: 'Dear [[first_name]]'}\n", "[[first_name|"),
        ("away: {en: 'Yours, [[agent]]'}\n", "nobody"),
        ("csat: {ask: {en: 'Dear [[customer]]'}}\n", '"customer"'),
        ("acknowledge: {en: 'Dear [[name'}\n", "[[name"),
    ],
)
def test_a_placeholder_that_nobody_could_fill_is_a_mistake(
    problems_of: Any, head: str, tail: str, wrong: str, says: str
) -> None:
    """With its place and the nearest word that there is."""
    told_ = told(problems_of, head + HOURS + wrong, tail)
    assert says in told_
    assert ":4:" in told_


def test_the_next_opening_can_only_be_told_where_there_are_hours(
    problems_of: Any, load_text: Callable[[str], Mapping], head: str, tail: str
) -> None:
    """Or where the text says what stands there instead."""
    text = "acknowledge: {en: 'We are there [[opening]]'}\n"
    assert "hours" in told(problems_of, head + text, tail)
    load_text(head + text.replace("[[opening]]", "[[opening|soon]]") + tail)
    load_text(head + HOURS + text + tail)
