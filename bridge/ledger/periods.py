"""The period that a question of numbers is about, and the posts that fall into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from bridge.ledger.posts import GONE
from bridge.ledger.store import Tx
from bridge.ledger.tables import posts


@dataclass(frozen=True, slots=True)
class Period:
    """`since` is in it, `until` is not."""

    since: datetime
    until: datetime


def of_account(column: ColumnElement[str], account: str) -> tuple[ColumnElement[bool], ...]:
    """The condition for one account, none for "" (every one)."""
    return (column == account,) if account else ()


def theirs(tx: Tx, period: Period, account: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions for what others said in it."""
    # Named one by one, the accounts and the two states let the database use their index.
    names = [account] if account else heard_on(tx)
    return (
        posts.c.account.in_(names),
        posts.c.state.in_(("live", GONE)),
        posts.c.created_at >= period.since,
        posts.c.created_at < period.until,
        posts.c.by_us.is_(False),
        posts.c.kind != "",
    )


def heard_on(tx: Tx) -> list[str]:
    """Every account on which anything was heard. From one to the next in an index: DISTINCT would
    read every post."""
    found: list[str] = []
    least = select(func.min(posts.c.account))
    name: str | None = tx.conn.execute(least).scalar_one()
    while name is not None:
        found.append(name)
        name = tx.conn.execute(least.where(posts.c.account > name)).scalar_one()
    return found
