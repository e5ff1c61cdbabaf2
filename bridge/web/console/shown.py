"""How instants are written on the pages: in UTC, and how long ago where that says more."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup

from bridge.model import DAY, HOUR, MINUTE


def when(at: datetime | None) -> Markup:
    """`<time>` to the second, in UTC; a dash for never."""
    if at is None:
        return Markup("–")
    told = at.strftime("%Y-%m-%d %H:%M:%S")
    return Markup('<time datetime="{}" title="UTC">{}</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", told
    )


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago: "3 minutes ago"."""
    return f"{span(now - at)} ago" if at is not None else "never"


def span(length: timedelta) -> str:
    """The largest unit that fits, in words."""
    for unit, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        count = length // unit
        if count >= 1:
            return f"{count} {word}{'s' if count > 1 else ''}"
    count = max(0, int(length.total_seconds()))
    return f"{count} second{'s' if count != 1 else ''}"
