"""How often somebody tried to get in and failed, for all processes together.

A try counts before it is judged, so that a hundred at the same time are a hundred. `since` is the
instant of the latest one. Keys are hashes: nothing here tells who tried.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from bridge.ledger.admin_tables import attempts
from bridge.ledger.store import Tx
from bridge.model import DAY, HOUR

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = HOUR
FORGOTTEN_AFTER = DAY


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` tries cost nothing; each further one doubles the wait before the next."""

    key: str
    free: int


def limit(kind: str, who: str, free: int) -> Limit:
    told = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()
    return Limit(f"{kind}:{told}", free)


def wait_after(times: int, free: int) -> timedelta:
    """How long to wait after so many tries."""
    over = times - free
    if over < 0:
        return timedelta()
    wait: timedelta = FIRST_WAIT * 2 ** min(over, 20)
    return min(wait, LONGEST_WAIT)


def begin(tx: Tx, *limits: Limit) -> datetime | None:
    """Count one try against every limit, unless one of them forbids it: then when to come back,
    and nothing is counted."""
    tx.conn.execute(delete(attempts).where(attempts.c.since < tx.now - FORGOTTEN_AFTER))
    found = {each.key: _locked(tx, each.key) for each in sorted(limits, key=lambda one: one.key)}
    until = max(
        (
            since + wait_after(times, each.free)
            for each in limits
            for times, since in [found[each.key]]
        ),
        default=tx.now,
    )
    if until > tx.now:
        return until
    for each in limits:
        tx.conn.execute(
            update(attempts)
            .where(attempts.c.key == each.key)
            .values(times=attempts.c.times + 1, since=tx.now)
        )
    return None


def succeeded(tx: Tx, *limits: Limit) -> None:
    """They got in: what came before is forgotten."""
    tx.conn.execute(delete(attempts).where(attempts.c.key.in_([each.key for each in limits])))


def taken_back(tx: Tx, *limits: Limit) -> None:
    """They got in: this one try does not count. What others tried from there does."""
    tx.conn.execute(
        update(attempts)
        .where(attempts.c.key.in_([each.key for each in limits]), attempts.c.times > 0)
        .values(times=attempts.c.times - 1)
    )


def _locked(tx: Tx, key: str) -> tuple[int, datetime]:
    tx.conn.execute(
        tx.insert(attempts)
        .values(key=key, since=tx.now, times=0)
        .on_conflict_do_nothing(index_elements=["key"])
    )
    row = tx.conn.execute(select(attempts).where(attempts.c.key == key).with_for_update()).one()
    return row.times, row.since
