"""The time zones that this machine knows."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> frozenset[str]:
    """Names of the IANA database. Empty where neither the system nor `tzdata` brings it."""
    return frozenset(available_timezones())
