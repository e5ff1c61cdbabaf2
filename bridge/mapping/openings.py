"""Opening hours as instants: when it is open, when it opens next, what open time adds up to.

Hours are written in local time, so everything is counted in stretches of time in which the zone's
distance from UTC is the same: in spring an hour of a span may be missing, in autumn it comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.mapping.hours import Span

SEARCHED = timedelta(days=400)
"""How far an opening is looked for: a year of holidays, and some more."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when it is closed where no opening was found within `SEARCHED`."""

_LOOKED_BACK = (timedelta(days=2), timedelta(days=10), timedelta(days=60), SEARCHED)
_STEP = timedelta(hours=6)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day, or that day of every year (`year` None)."""

    year: int | None
    month: int
    day: int

    def is_on(self, on: date) -> bool:
        return (on.month, on.day) == (self.month, self.day) and self.year in (None, on.year)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Local time of `zone`, summer time included; closed on holidays, from midnight to midnight."""

    zone: str
    spans: tuple[Span, ...]
    holidays: tuple[Holiday, ...] = ()

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.zone))
        if self._is_holiday(local.date()):
            return False
        minute = local.hour * 60 + local.minute
        return any(
            span.day == local.weekday() and span.start <= minute < span.end for span in self.spans
        )

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next, after `at`: while it is open, the time after it has closed. None
        where that is further away than `SEARCHED`."""
        for opens, _ in self._open(at - _SECOND, at + SEARCHED):
            if opens > at:
                return opens
        return None

    def closed_since(self, at: datetime) -> datetime | None:
        """When it closed last, which names the closed period; None while it is open."""
        if self.is_open(at):
            return None
        for back in _LOOKED_BACK:
            ends = [closes for _, closes in self._open(at - back, at)]
            if ends:
                return ends[-1]
        return LONG_AGO

    def after(self, at: datetime, open_for: timedelta) -> datetime | None:
        """The first instant by which it will have been open for so long since `at`. None where
        that is further away than `SEARCHED`."""
        left = open_for
        if left <= timedelta():
            return at.astimezone(UTC)
        for opens, closes in self._open(at, at + SEARCHED):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        return None

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much of the time between two instants it is open."""
        open_times = self._open(since, until)
        return sum((closes - opens for opens, closes in open_times), timedelta())

    def _is_holiday(self, on: date) -> bool:
        return any(holiday.is_on(on) for holiday in self.holidays)

    def _open(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From when to when it is open, in UTC, in order. What goes on past midnight is one."""
        standing: tuple[datetime, datetime] | None = None
        for opens, closes in self._pieces(since.astimezone(UTC), until.astimezone(UTC)):
            if standing is not None and opens <= standing[1]:
                standing = (standing[0], max(standing[1], closes))
                continue
            if standing is not None:
                yield standing
            standing = (opens, closes)
        if standing is not None:
            yield standing

    def _pieces(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        for begins, ends, offset in _stretches(ZoneInfo(self.zone), since, until):
            day = (begins + offset).date()
            while datetime.combine(day, time(), UTC) < ends + offset:
                midnight = datetime.combine(day, time(), UTC) - offset
                for start, end in () if self._is_holiday(day) else self._minutes(day.weekday()):
                    opens = max(midnight + timedelta(minutes=start), begins)
                    closes = min(midnight + timedelta(minutes=end), ends)
                    if opens < closes:
                        yield opens, closes
                day += timedelta(days=1)

    def _minutes(self, day: int) -> list[tuple[int, int]]:
        return sorted((span.start, span.end) for span in self.spans if span.day == day)


def _stretches(
    zone: ZoneInfo, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """From when to when the zone is so far from UTC. No zone changes twice within `_STEP`."""
    begins, at, offset = since, since, _offset(zone, since)
    while at < until:
        later = min(at + _STEP, until)
        if _offset(zone, later) != offset:
            later = _change(zone, at, later)
            yield begins, later, offset
            begins, offset = later, _offset(zone, later)
        at = later
    if begins < until:
        yield begins, until, offset


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first whole second at which the zone's distance from UTC is another one."""
    offset = _offset(zone, before)
    first = before.replace(microsecond=0)
    low, high = 0, int((after - first).total_seconds()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, first + middle * _SECOND) == offset:
            low = middle
        else:
            high = middle
    return first + high * _SECOND


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
