"""What an account has cost: by day and by what it was for, in millionths of a dollar."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from bridge.ledger.store import Tx
from bridge.ledger.tables import costs


def spend(tx: Tx, account: str, what: str, each: int, times: int = 1) -> None:
    """Add to today's count."""
    new = tx.insert(costs).values(
        account=account, day=_day(tx.now), what=what, times=times, millionths=each * times
    )
    tx.conn.execute(
        new.on_conflict_do_update(
            index_elements=["account", "day", "what"],
            set_={
                "times": costs.c.times + times,
                "millionths": costs.c.millionths + each * times,
            },
        )
    )


def spent(tx: Tx, account: str, since: datetime) -> int:
    """Millionths of a dollar since the day (in UTC) of an instant."""
    total: int = tx.conn.execute(
        select(func.coalesce(func.sum(costs.c.millionths), 0)).where(
            costs.c.account == account, costs.c.day >= _day(since)
        )
    ).scalar_one()
    return int(total)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")
