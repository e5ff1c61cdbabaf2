"""Whether an account is too quiet, judged by its own rhythm. Pure functions.

Compared is the silent time with the very same hours of the weeks before: nights, weekends and
opening hours need no settings. Where those hours brought enough posts week after week, and now
none came, something is wrong that no error told of.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from bridge.model import DAY, HOUR, MINUTE

WEEK = 7 * DAY
WEEKS = 4
FEWEST_WEEKS = 2
EXPECTED = 6
"""Posts that should have come. With fewer, silence is chance: if six come on average, none at all
comes once in four hundred times."""
SLACK = HOUR
"""Clocks are set forward and back, and people keep their hours: an hour less at either end must
be enough to tell."""

Span = tuple[datetime, datetime]
Count = Callable[[tuple[Span, ...]], tuple[int, ...]]


def too_quiet(first: datetime | None, last: datetime | None, until: datetime, count: Count) -> str:
    """Why an account is believed to be cut off, "" while it is not.

    `first` and `last` are when the first and the last post known came, `until` how far is known
    that nothing came. `count` tells how many posts each span had.
    """
    if first is None or last is None:
        return ""
    silent = until - last
    if silent <= SLACK or silent > WEEKS * WEEK:
        return ""
    nearest = ceil(silent / WEEK)  # the same hours, but none of them in the silence itself
    weeks = [number * WEEK for number in range(nearest, nearest + WEEKS)]
    known = [back for back in weeks if last - back >= first]
    if len(known) < FEWEST_WEEKS:
        return ""
    later = count(tuple((last - back + SLACK, until - back) for back in known))
    earlier = count(tuple((last - back, until - back - SLACK) for back in known))
    each_week = sorted(map(min, later, earlier))
    # One odd week (a holiday, an outage) does not silence the alarm where there are others.
    expected = each_week[0] if len(known) == FEWEST_WEEKS else each_week[1]
    if expected < EXPECTED:
        return ""
    (total,) = count(((last - len(known) * WEEK, last),))
    return f"usually {_rate(total, len(known) * WEEK)}, none for {spoken(silent)}"


def _rate(total: int, span: timedelta) -> str:
    """40 a day, or 12 an hour where that is the more telling number."""
    a_day = total / (span / DAY)
    return f"{a_day / 24:.0f} an hour" if a_day >= 240 else f"{a_day:.0f} a day"


def spoken(span: timedelta) -> str:
    """Minutes, hours or days, whichever fits."""
    if span < 2 * HOUR:
        return f"{span / MINUTE:.0f} min"
    return f"{span / HOUR:.0f} h" if span < 2 * DAY else f"{span / DAY:.0f} days"
