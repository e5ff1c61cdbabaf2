"""What an account has cost: by day and by what it was for, in millionths of a dollar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from bridge.ledger.store import Tx
from bridge.ledger.tables import costs


@dataclass(frozen=True, slots=True)
class Cost:
    """`millionths` of a dollar for so many `times`."""

    account: str
    what: str
    times: int
    millionths: int


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


def by_account(tx: Tx, since: datetime) -> tuple[Cost, ...]:
    rows = tx.conn.execute(
        select(
            costs.c.account,
            costs.c.what,
            func.sum(costs.c.times).label("times"),
            func.sum(costs.c.millionths).label("millionths"),
        )
        .where(costs.c.day >= _day(since))
        .group_by(costs.c.account, costs.c.what)
        .order_by(costs.c.account, costs.c.what)
    )
    return tuple(Cost(row.account, row.what, int(row.times), int(row.millionths)) for row in rows)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")
