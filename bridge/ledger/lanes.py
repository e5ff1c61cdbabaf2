"""Lanes: whatever must happen in order happens in one lane, one step at a time.

A worker claims the next lane that is due, under a lease. Each claim raises the lane's epoch; every
write of the claimant checks it, so a worker that froze past its lease and woke again writes
nothing. A wake is never lost: one that arrives while the lane is running makes it due again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select, text, update

from bridge.errors import LeaseLost
from bridge.ledger.store import CHANNEL, Tx
from bridge.ledger.tables import lanes


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one lane until another epoch begins."""

    lane: str
    account: str
    epoch: int
    woken: int
    failures: int
    holder: str


def wake(tx: Tx, lane: str, *, account: str = "", at: datetime | None = None) -> None:
    """Make a lane due (now, or at an instant), creating it if it is new."""
    due = at or tx.now
    new = tx.insert(lanes).values(key=lane, account=account, ready_at=due, woken=1)
    earlier = or_(lanes.c.ready_at.is_(None), lanes.c.ready_at > due)
    tx.conn.execute(
        new.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "ready_at": case((earlier, due), else_=lanes.c.ready_at),
                "woken": lanes.c.woken + 1,
            },
        )
    )
    if tx.postgres:
        tx.conn.execute(text(f"NOTIFY {CHANNEL}"))


def claim(tx: Tx, holder: str, lease_for: timedelta) -> Lease | None:
    """Take the lane that has been due for longest, or None."""
    free = or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < tx.now)
    open_ = or_(lanes.c.held_until.is_(None), lanes.c.held_until <= tx.now)
    due = (
        select(lanes.c.key)
        .where(lanes.c.ready_at <= tx.now, open_, free)
        .order_by(lanes.c.ready_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = tx.conn.execute(
        update(lanes)
        .where(lanes.c.key == due)
        .values(
            epoch=lanes.c.epoch + 1,
            lease_until=tx.now + lease_for,
            holder=holder,
            held_until=None,
        )
        .returning(lanes.c.key, lanes.c.account, lanes.c.epoch, lanes.c.woken, lanes.c.failures)
    ).one_or_none()
    if row is None:
        return None
    return Lease(row.key, row.account, row.epoch, row.woken, row.failures, holder)


def take(tx: Tx, lane: str, holder: str, lease_for: timedelta) -> Lease | None:
    """Take one lane, due or not. None while somebody else holds it; a lane that is not there yet
    is made, so that nobody else can take it."""
    tx.conn.execute(
        tx.insert(lanes).values(key=lane, woken=0).on_conflict_do_nothing(index_elements=["key"])
    )
    row = tx.conn.execute(
        update(lanes)
        .where(
            lanes.c.key == lane,
            or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < tx.now),
        )
        .values(epoch=lanes.c.epoch + 1, lease_until=tx.now + lease_for, holder=holder)
        .returning(lanes.c.key, lanes.c.account, lanes.c.epoch, lanes.c.woken, lanes.c.failures)
    ).one_or_none()
    if row is None:
        return None
    return Lease(row.key, row.account, row.epoch, row.woken, row.failures, holder)


def fence(tx: Tx, lease: Lease) -> None:
    """Go on only while the lane is ours; locks the lane's row until the transaction ends.

    Raises `LeaseLost`.
    """
    epoch = tx.conn.execute(
        select(lanes.c.epoch).where(lanes.c.key == lease.lane).with_for_update()
    ).scalar_one_or_none()
    if epoch != lease.epoch:
        raise LeaseLost(f"lane {lease.lane} went on without {lease.holder}")


def renew(tx: Tx, lease: Lease, lease_for: timedelta) -> None:
    """The last look before something is sent: the lane is ours, and nobody else takes it before
    `lease_for` is over. Locks the lane's row until the transaction ends. Raises `LeaseLost`."""
    until = tx.now + lease_for
    later = case((lanes.c.lease_until > until, lanes.c.lease_until), else_=until)
    _keep(tx, lease, lease_until=later)


def prolong(tx: Tx, holder: str, lease_for: timedelta) -> None:
    """A sign of life for what a holder holds. What it has let run out stays run out."""
    tx.conn.execute(
        update(lanes)
        .where(lanes.c.holder == holder, lanes.c.lease_until >= tx.now)
        .values(lease_until=tx.now + lease_for)
    )


def rest(tx: Tx, lease: Lease, again_at: datetime | None) -> None:
    """Done for now: due again at an instant, or when somebody wakes it."""
    woken_meanwhile = lanes.c.woken != lease.woken
    due = case((woken_meanwhile, tx.now), else_=again_at)
    _give_back(tx, lease, ready_at=due, held_until=None, failures=0, because="")


def hold(tx: Tx, lease: Lease, until: datetime, because: str) -> None:
    """Not before an instant, whoever wakes it: the step at the head must wait."""
    _give_back(
        tx, lease, ready_at=tx.now, held_until=until, failures=lease.failures + 1, because=because
    )


def put_back(tx: Tx, lease: Lease) -> None:
    """As it was when it was taken: due when it was, held as long."""
    _give_back(tx, lease)


def failing(tx: Tx, lane: str) -> tuple[int, str]:
    """How often in a row a lane was held, and why the last time."""
    row = tx.conn.execute(
        select(lanes.c.failures, lanes.c.because).where(lanes.c.key == lane)
    ).one_or_none()
    return (row.failures, row.because) if row else (0, "")


def is_held(tx: Tx, lane: str) -> bool:
    """Whether the step at the head of a lane must wait."""
    held = select(lanes.c.key).where(lanes.c.key == lane, lanes.c.held_until > tx.now)
    return tx.conn.execute(held).first() is not None


def _give_back(tx: Tx, lease: Lease, **values: object) -> None:
    _keep(tx, lease, lease_until=None, holder="", **values)


def _keep(tx: Tx, lease: Lease, **values: object) -> None:
    kept = tx.conn.execute(
        update(lanes)
        .where(lanes.c.key == lease.lane, lanes.c.epoch == lease.epoch)
        .values(**values)
    ).rowcount
    if not kept:
        raise LeaseLost(f"lane {lease.lane} went on without {lease.holder}")


def unhold(tx: Tx, account: str) -> int:
    """Everything of an account that was held may go on at once. How many lanes that were."""
    count = tx.conn.execute(
        update(lanes)
        .where(and_(lanes.c.account == account, lanes.c.held_until.is_not(None)))
        .values(held_until=None, ready_at=tx.now, woken=lanes.c.woken + 1)
    ).rowcount
    if tx.postgres and count:
        tx.conn.execute(text(f"NOTIFY {CHANNEL}"))
    return count


def is_there(tx: Tx, lane: str) -> bool:
    return tx.conn.execute(select(lanes.c.key).where(lanes.c.key == lane)).first() is not None


def release_now(tx: Tx, lane: str) -> None:
    """One held lane may go on at once (a person asked for it)."""
    tx.conn.execute(update(lanes).where(lanes.c.key == lane).values(held_until=None))
    wake(tx, lane)


def next_due(tx: Tx) -> datetime | None:
    """When a lane that nobody holds is due next; None when none is."""
    at = case((lanes.c.held_until > lanes.c.ready_at, lanes.c.held_until), else_=lanes.c.ready_at)
    soonest: datetime | None = tx.conn.execute(
        select(func.min(at)).where(lanes.c.ready_at.is_not(None), lanes.c.lease_until.is_(None))
    ).scalar_one()
    return soonest


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many lanes are due and in nobody's hands, held back, and being worked on; `oldest` is
    since when the first of the due ones waits."""

    due: int
    held: int
    running: int
    oldest: datetime | None


def backlog(tx: Tx) -> Backlog:
    """The queue's depth, for people and metrics."""
    running = and_(lanes.c.lease_until.is_not(None), lanes.c.lease_until >= tx.now)
    held = and_(~running, lanes.c.held_until > tx.now)
    waits = and_(
        lanes.c.ready_at <= tx.now,
        or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < tx.now),
        or_(lanes.c.held_until.is_(None), lanes.c.held_until <= tx.now),
    )
    row = tx.conn.execute(
        select(
            func.count(case((waits, 1))),
            func.count(case((held, 1))),
            func.count(case((running, 1))),
            func.min(case((waits, lanes.c.ready_at))),
        )
    ).one()
    return Backlog(row[0], row[1], row[2], row[3])
