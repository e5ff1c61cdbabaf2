"""What all machines that try any order of events share."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

from bridge.ledger import Ledger
from bridge.ledger import tables as t


def empty(ledger: Ledger) -> None:
    """As if it had just been made."""
    with ledger.writing() as tx:
        for table in reversed(t.metadata.sorted_tables):
            tx.conn.execute(table.delete())


def examples(usual: int, steps: int, **how: Any) -> settings:
    """So many, and in proportion where a profile asks for more than Hypothesis's 100."""
    return settings(
        max_examples=max(1, usual * settings().max_examples // 100),
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **how,
    )


def longest(seconds: int) -> int:
    """A test's time, in the same proportion."""
    return max(seconds, seconds * settings().max_examples // 100)
