"""When is an account too quiet? Judged by tables of rhythms, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from bridge.flow.rhythm import spoken, too_quiet
from bridge.model import DAY, HOUR, MINUTE

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
"""Midnight; the four weeks before it are the history."""


def rhythm(*hours: int, days: Iterable[int] = range(7), each: int = 2) -> Callable[[int], list]:
    """So many posts in each of these hours of these weekdays, for so many weeks."""
    return lambda weeks: sorted(
        MONDAY - week * 7 * DAY + day * DAY + hour * HOUR + minute * (HOUR / each)
        for week in range(1, weeks + 1)
        for day in days
        for hour in hours
        for minute in range(each)
    )


def judged(posts: list[datetime], now: datetime) -> str:
    """As the watch asks it: nothing after `now` is known."""
    known = [at for at in posts if at <= now]

    def count(spans):
        return tuple(sum(since < at <= until for at in known) for since, until in spans)

    return too_quiet(min(known, default=None), max(known, default=None), now, count)


DAYTIME = rhythm(*range(8, 20), each=3)
NIGHTS_TOO = rhythm(*range(24), each=2)
WEEKDAYS = rhythm(*range(8, 20), days=range(5), each=3)
RARE = rhythm(12, days=(0,), each=1)


@pytest.mark.parametrize(
    ("posts", "after", "alarm"),
    [
        # (rhythm over four weeks, how long after Monday's midnight, is it too quiet)
        (DAYTIME(4), 13 * HOUR, True),  # noon has passed, and nobody wrote
        (DAYTIME(4), 8 * HOUR, False),  # the day has only begun
        (DAYTIME(4), 9 * HOUR, False),  # three are expected: that may be chance
        (NIGHTS_TOO(4), 6 * HOUR, True),
        (NIGHTS_TOO(4), 2 * HOUR, False),
        (RARE(4), 6 * DAY, False),  # one a week: never enough to tell
        ([], 3 * DAY, False),
    ],
)
def test_the_table_of_rhythms(posts, after, alarm):
    """Silence counts by the hours in which somebody usually writes."""
    assert alarm is bool(judged(posts, MONDAY + after))


def test_a_weekend_is_no_silence():
    """Who is only written to on weekdays is not missed on a Sunday, but on Monday at noon."""
    friday_night = max(WEEKDAYS(4))
    assert "" == judged(WEEKDAYS(4), friday_night + 2 * DAY)
    assert "" != judged(WEEKDAYS(4), MONDAY + 13 * HOUR)


@pytest.mark.parametrize(("weeks", "alarm"), [(1, False), (2, False), (3, True), (4, True)])
def test_too_little_history_tells_nothing(weeks, alarm):
    """Two whole weeks of the same hours must be known."""
    assert alarm is bool(judged(DAYTIME(weeks), MONDAY + 14 * HOUR))


def test_one_viral_day_is_not_a_rhythm():
    """Five hundred posts on one Monday do not make the next Mondays look silent."""
    storm = [MONDAY - 14 * DAY + 10 * HOUR + each * timedelta(seconds=10) for each in range(500)]
    posts = sorted([*RARE(4), *storm])
    assert "" == judged(posts, MONDAY + 14 * HOUR)


def test_one_odd_week_does_not_silence_the_alarm():
    """A Monday without posts (a holiday) is outvoted by three ordinary ones."""
    holiday = (MONDAY - 14 * DAY).date()
    posts = [at for at in DAYTIME(4) if at.date() != holiday]
    assert "" != judged(posts, MONDAY + 14 * HOUR)


def test_an_hours_change_of_clocks_is_no_silence():
    """The first morning after the clocks went back: everybody comes an hour later in UTC."""
    assert "" == judged(rhythm(*range(8, 20), each=8)(4), MONDAY + 8.9 * HOUR)


def test_what_is_over_for_good_is_not_told_for_ever():
    """After four silent weeks there is no rhythm left to judge by."""
    assert "" == judged(DAYTIME(4), MONDAY + 28 * DAY)


def test_the_reason_is_in_peoples_words():
    """How much is usual, and for how long none came."""
    assert "usually 36 a day, none for 18 h" == judged(DAYTIME(4), MONDAY + 14 * HOUR)
    assert "usually 48 a day, none for 6 h" == judged(NIGHTS_TOO(4), MONDAY + 6 * HOUR)


def test_a_single_post_ends_it():
    """From then on the silence is counted anew."""
    assert "" == judged([*DAYTIME(4), MONDAY + 13 * HOUR], MONDAY + 14 * HOUR)


@pytest.mark.parametrize(
    ("span", "says"), [(45 * MINUTE, "45 min"), (3 * HOUR, "3 h"), (3 * DAY, "3 days")]
)
def test_spans_are_spoken(span, says):
    """In the unit that fits."""
    assert says == spoken(span)
