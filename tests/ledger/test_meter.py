"""What accounts cost is counted beside the work, and never in its way."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.ledger import Ledger
from bridge.opening import LedgerMeter


def test_what_cannot_be_counted_stops_nothing(ledger: Ledger) -> None:
    """A delivery is still kept and a sent message still has its receipt when the bill cannot be
    written."""
    meter = LedgerMeter(ledger)
    with ledger.writing() as tx:
        tx.conn.exec_driver_sql("ALTER TABLE costs RENAME TO elsewhere")
    meter.spend("acme", "post", 5_000)
    with ledger.writing() as tx:
        tx.conn.exec_driver_sql("ALTER TABLE elsewhere RENAME TO costs")
    meter.spend("acme", "post", 5_000)
    assert 5_000 == meter.spent("acme", datetime(2020, 1, 1, tzinfo=UTC))
