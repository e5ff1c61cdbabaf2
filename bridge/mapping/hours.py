"""Weekly hours in a time zone of the IANA database (https://www.iana.org/time-zones)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`: minutes since midnight on a weekday (Monday 0)."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """`within` the spans, or outside them. Local time of `zone`, summer time included."""

    zone: str
    spans: tuple[Span, ...]
    within: bool

    def fit(self, now: datetime) -> bool:
        local = now.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        inside = any(
            span.day == local.weekday() and span.start <= minute < span.end for span in self.spans
        )
        return inside == self.within


def is_whole_week(listed: Iterable[Span]) -> bool:
    """Whether no minute of the week is left."""
    reached = 0
    for start, end in sorted(
        (span.day * _DAY_MINUTES + span.start, span.day * _DAY_MINUTES + span.end)
        for span in listed
    ):
        if start > reached:
            return False
        reached = max(reached, end)
    return reached == 7 * _DAY_MINUTES


def days(text: str) -> tuple[int, ...]:
    """`mon`, `mon-fri`, `fri-mon`, `daily`. Raises `ValueError` with the word not understood."""
    if text.strip().lower() == "daily":
        return tuple(range(7))
    first, dash, last = text.partition("-")
    start = _day(first)
    end = _day(last) if dash else start
    return tuple((start + step) % 7 for step in range((end - start) % 7 + 1))


def spans(on: Iterable[int], text: str) -> tuple[Span, ...]:
    """`09:00-17:30` on these days; `22:00-06:00` runs into the next day.

    Raises `ValueError` with what was not understood.
    """
    first, dash, last = text.partition("-")
    if not dash:
        raise ValueError(text)
    start, end = _minute(first), _minute(last)
    if start in (end, _DAY_MINUTES):
        raise ValueError(text)
    found: list[Span] = []
    for day in on:
        if start < end:
            found.append(Span(day, start, end))
        else:
            found.append(Span(day, start, _DAY_MINUTES))
            if end:
                found.append(Span((day + 1) % 7, 0, end))
    return tuple(found)


def _day(text: str) -> int:
    word = text.strip().lower()
    for names in (DAYS, _FULL):
        if word in names:
            return names.index(word)
    raise ValueError(text.strip())


def _minute(text: str) -> int:
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        raise ValueError(text.strip())
    hour, minute = int(match[1]), int(match[2])
    if minute > 59 or hour * 60 + minute > _DAY_MINUTES:
        raise ValueError(text.strip())
    return hour * 60 + minute
