"""What every test may ask for: a clock of its own, and (`plugins_databases`) a ledger."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["plugins_databases", "plugins_zendesk", "plugins_console"]

# How long an example takes says something of the machine, and nothing of what is tried.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("unhurried", unhurried)
# In CI the same inputs every time: a change is judged by what it did. Elsewhere, and in
# `make fuzz`, they are new each time, and what they find becomes an example.
settings.register_profile("ci", unhurried, derandomize=True)
# `make orders`: where other profiles try one order of events, this one tries fifty.
settings.register_profile("long", unhurried, max_examples=5_000)
settings.load_profile("ci" if os.environ.get("CI") else "unhurried")

HERE = Path(__file__).resolve().parent
SPECS = HERE.parents[1] / "shared" / "specs"
IN_CI = bool(os.environ.get("CI"))


class Hands:
    """A clock that only moves when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hands:
    return Hands(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def specs() -> Path:
    """The official specifications and sample payloads, which are not part of this project."""
    if not SPECS.is_dir():
        if IN_CI:
            pytest.fail(f"the specifications are missing in CI: expected at {SPECS}")
        pytest.skip(f"the specifications are not here: expected at {SPECS}")
    return SPECS
