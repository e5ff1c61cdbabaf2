"""Fields that all of Meta's payloads are made of.

What an item cannot be without is checked strictly; what only adorns it is taken if it is right.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from bridge.channels.fields import (
    Count,
    EachIfRight,
    IfRight,
    Link,
    OpaqueId,
    Words,
    is_link,
    what_is_wrong,
)

__all__ = [
    "Count",
    "EachIfRight",
    "Entity",
    "IfRight",
    "Instant",
    "Link",
    "OpaqueId",
    "Truth",
    "Words",
    "is_link",
    "what_is_wrong",
]

_MILLISECONDS_FROM = 10**11
"""As seconds, this is the year 5138; as milliseconds, 1973."""


class Entity(Schema):
    """Meta adds fields all the time: unknown ones are let through."""

    class Meta:
        unknown = EXCLUDE


class Instant(fields.Field[datetime]):
    """Unix seconds (comments), milliseconds (messages), or `2018-03-07T00:46:11+0000` (reads)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        wrong = ValidationError("is no instant")
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        try:
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
                return datetime.fromtimestamp(seconds, UTC)
            if isinstance(value, str):
                at = datetime.fromisoformat(value)
                return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError, OSError) as odd:
            raise wrong from odd
        raise wrong


class Truth(fields.Field[bool]):
    """A yes or no; Meta writes 1 and 0 here and there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        if value is True or value is False or value in (0, 1):
            return bool(value)
        raise ValidationError("is neither true nor false")
