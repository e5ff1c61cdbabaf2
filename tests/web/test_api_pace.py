"""How fast a token may ask, by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.web.api.pace import Pace


def test_a_clock_that_is_put_back_keeps_nobody_out() -> None:
    """Who has asked for all of a minute waits; not until the clock is where it was."""
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    pace = Pace(60, lambda: now)
    for _ in range(60):
        pace.count("key")
    assert 1 == pace.wait("key")
    now -= timedelta(hours=1)
    assert 0 == pace.wait("key")
    for _ in range(60):
        pace.count("key")
    assert 1 == pace.wait("key")
