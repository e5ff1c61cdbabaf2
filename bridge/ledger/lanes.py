"""Lanes: whatever must happen in order happens in one lane, one step at a time.

A worker claims the next lane that is due, under a lease. Each claim raises the lane's epoch; every
write of the claimant checks it, so a worker that froze past its lease and woke again writes
nothing. A wake is never lost: one that arrives while the lane is running makes it due again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Text, Update, and_, bindparam, case, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from bridge.errors import LeaseLost
from bridge.ledger.made import Insert, inserting
from bridge.ledger.ranks import Head, Order, Rank, heads, line_prefix, oldest_first
from bridge.ledger.store import Tx
from bridge.ledger.tables import Instant, lanes


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one lane until another epoch begins. `line`: where it stood, "" where it
    was taken out of its turn."""

    lane: str
    account: str
    epoch: int
    woken: int
    failures: int
    holder: str
    line: str = ""


IN_USE = lanes.c.ready_at.is_not(None)
"""It waits, or was claimed: every conversation has a lane for ever, and most are at rest. As the
index over these says it."""


def _waking(new: Insert) -> Insert:
    new = new.values(
        key=bindparam("the_lane"),
        account=bindparam("the_account"),
        ready_at=bindparam("due"),
        woken=1,
        line=bindparam("the_line"),
    )
    # What waits for a network waits on, whoever wakes it.
    due = new.excluded.ready_at
    due_at = case((lanes.c.held_until > due, lanes.c.held_until), else_=due)
    here = bindparam("prefix", type_=Text).concat(lanes.c.account)
    keeps = and_(lanes.c.ready_at.is_not(None), lanes.c.line < here)
    return new.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "ready_at": case(
                (or_(lanes.c.ready_at.is_(None), lanes.c.ready_at > due_at), due_at),
                else_=lanes.c.ready_at,
            ),
            "line": case((keeps, lanes.c.line), else_=here),
            "woken": lanes.c.woken + 1,
        },
    )


WAKE = inserting(lanes, _waking)
"""With what `waking` gives it."""


def wake(
    tx: Tx,
    lane: str,
    *,
    account: str = "",
    at: datetime | None = None,
    rank: Rank = Rank.UPKEEP,
    opens: bool = False,
) -> None:
    """Make a lane due (now, or at an instant), creating it if it is new. One that waits already
    keeps its rank if that is the sooner one. `opens`: it is going to open a ticket."""
    given = waking(lane, account, at or tx.now, line_prefix(rank, opens=opens))
    tx.conn.execute(WAKE.on(tx), given)
    tx.woken.add(lane)


def waking(
    lane: str, account: str, due: datetime, prefix: str = line_prefix(Rank.UPKEEP, opens=False)
) -> dict[str, object]:
    """What `WAKE` is run with. `prefix`: how the line begins that it will stand in."""
    return {
        "the_lane": lane,
        "the_account": account,
        "due": due,
        "prefix": prefix,
        "the_line": prefix + account,
    }


def claim(
    tx: Tx,
    holder: str,
    lease_for: timedelta,
    order: Order = oldest_first,
    seen: tuple[Head, ...] = (),
) -> Lease | None:
    """Take the lane whose turn it is, or None. `order` says which line's turn it is; within a
    line it is the lane's that has been due for longest. `seen`: what a look has just shown; only
    if nothing of it is to be had any more, another look is taken here."""
    lease = _first_of(tx, seen, holder, lease_for, order)
    return lease or _first_of(tx, heads(tx), holder, lease_for, order)


def _first_of(
    tx: Tx, shown: tuple[Head, ...], holder: str, lease_for: timedelta, order: Order
) -> Lease | None:
    due = tuple(head for head in shown if head.at <= tx.now)
    for head in order(due):
        lease = _claim(tx, head.line, holder, lease_for)
        if lease is not None:
            return lease
    return None


def _claiming() -> ReturningUpdate[tuple[str, str, int, int, int]]:
    now: BindParameter[datetime] = bindparam("now")
    line: BindParameter[str] = bindparam("the_line")
    free = or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < now)
    head = (
        select(lanes.c.key, lanes.c.line)
        .where(lanes.c.line >= line, lanes.c.ready_at <= now, free)
        .order_by(lanes.c.line, lanes.c.ready_at)  # as in `ranks.FIRST_OF_EACH`
        .limit(1)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    due = select(head.c.key).where(head.c.line == line).scalar_subquery()
    return (
        update(lanes)
        .where(lanes.c.key == due)
        .values(epoch=lanes.c.epoch + 1)
        .returning(lanes.c.key, lanes.c.account, lanes.c.epoch, lanes.c.woken, lanes.c.failures)
    )


_CLAIM = _claiming()


def _claim(tx: Tx, line: str, holder: str, lease_for: timedelta) -> Lease | None:
    given = {
        "now": tx.now,
        "the_line": line,
        "lease_until": tx.now + lease_for,
        "holder": holder,
        "held_until": None,
    }
    row = tx.conn.execute(_CLAIM, given).one_or_none()
    if row is None:
        return None
    return Lease(row.key, row.account, row.epoch, row.woken, row.failures, holder, line)


def take(
    tx: Tx, lane: str, holder: str, lease_for: timedelta, *, account: str = ""
) -> Lease | None:
    """Take one lane, due or not. None while somebody else holds it; a lane that is not there yet
    is made, so that nobody else can take it, and is its account's for ever."""
    tx.conn.execute(
        tx.insert(lanes)
        .values(key=lane, account=account, woken=0)
        .on_conflict_do_nothing(index_elements=["key"])
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


_FENCE = select(lanes.c.epoch).where(lanes.c.key == bindparam("the_lane")).with_for_update()


def fence(tx: Tx, lease: Lease) -> None:
    """Go on only while the lane is ours; locks the lane's row until the transaction ends.

    Raises `LeaseLost`.
    """
    epoch = tx.conn.execute(_FENCE, {"the_lane": lease.lane}).scalar_one_or_none()
    if epoch != lease.epoch:
        raise LeaseLost(f"lane {lease.lane} went on without {lease.holder}")


def stand_still(tx: Tx, lane: str) -> str:
    """Nobody settles anything in this lane until the transaction ends: locks its row, as every
    step of it does. Who has it in hand, "" for nobody."""
    row = tx.conn.execute(
        select(lanes.c.holder, lanes.c.lease_until).where(lanes.c.key == lane).with_for_update()
    ).one_or_none()
    held = row is not None and row.lease_until is not None and row.lease_until >= tx.now
    return row.holder if row is not None and held else ""


_KEEP = update(lanes).where(
    lanes.c.key == bindparam("the_lane"), lanes.c.epoch == bindparam("the_epoch")
)
_UNTIL = bindparam("until", type_=Instant)
_RENEW = _KEEP.values(
    lease_until=case((lanes.c.lease_until > _UNTIL, lanes.c.lease_until), else_=_UNTIL)
)
_REST = _KEEP.values(
    ready_at=case(
        # It was woken meanwhile.
        (lanes.c.woken != bindparam("woken_before"), bindparam("now", type_=Instant)),
        else_=bindparam("again_at", type_=Instant),
    ),
    # It opens no ticket any more.
    line=func.substr(lanes.c.line, 1, 1).concat("1").concat(lanes.c.account),
)


def renew(tx: Tx, lease: Lease, lease_for: timedelta) -> None:
    """The last look before something is sent: the lane is ours, and nobody else takes it before
    `lease_for` is over. Locks the lane's row until the transaction ends. Raises `LeaseLost`."""
    _keep(tx, lease, _RENEW, until=tx.now + lease_for)


def prolong(tx: Tx, holder: str, lease_for: timedelta) -> None:
    """A sign of life for what a holder holds. What it has let run out stays run out."""
    tx.conn.execute(
        update(lanes)
        .where(IN_USE, lanes.c.holder == holder, lanes.c.lease_until >= tx.now)
        .values(lease_until=tx.now + lease_for)
    )


def rest(tx: Tx, lease: Lease, again_at: datetime | None) -> None:
    """Done for now: due again at an instant, or when somebody wakes it."""
    given = {"woken_before": lease.woken, "now": tx.now, "again_at": again_at}
    _give_back(tx, lease, _REST, **given, held_until=None, failures=0, because="")


def finish(tx: Tx, lease: Lease) -> None:
    """As `rest`, where a look after `fence` in this very transaction showed that nothing is left to
    do: what woke the lane before was seen, and what wakes it afterwards has waited for us."""
    _give_back(tx, lease, ready_at=None, held_until=None, failures=0, because="")


def hold(tx: Tx, lease: Lease, until: datetime, because: str) -> None:
    """Not before an instant, whoever wakes it: the step at the head must wait."""
    _give_back(
        tx, lease, ready_at=until, held_until=until, failures=lease.failures + 1, because=because
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


_HELD = select(lanes.c.key).where(
    lanes.c.key == bindparam("the_lane"), lanes.c.held_until > bindparam("now")
)


def is_held(tx: Tx, lane: str) -> bool:
    """Whether the step at the head of a lane must wait."""
    return tx.conn.execute(_HELD, {"the_lane": lane, "now": tx.now}).first() is not None


def _give_back(tx: Tx, lease: Lease, keep: Update = _KEEP, **values: object) -> None:
    _keep(tx, lease, keep, lease_until=None, holder="", **values)


def _keep(tx: Tx, lease: Lease, keep: Update, **values: object) -> None:
    mine = {"the_lane": lease.lane, "the_epoch": lease.epoch, **values}
    if not tx.conn.execute(keep, mine).rowcount:
        raise LeaseLost(f"lane {lease.lane} went on without {lease.holder}")


def unhold(tx: Tx, account: str) -> int:
    """Everything of an account that was held may go on at once. How many lanes that were."""
    freed = (
        tx.conn.execute(
            update(lanes)
            .where(and_(IN_USE, lanes.c.account == account, lanes.c.held_until.is_not(None)))
            .values(held_until=None, ready_at=tx.now, woken=lanes.c.woken + 1)
            .returning(lanes.c.key)
        )
        .scalars()
        .all()
    )
    tx.woken.update(freed)
    return len(freed)


def is_there(tx: Tx, lane: str) -> bool:
    return tx.conn.execute(select(lanes.c.key).where(lanes.c.key == lane)).first() is not None


def release_now(tx: Tx, lane: str) -> None:
    """One held lane may go on at once (a person asked for it)."""
    tx.conn.execute(update(lanes).where(lanes.c.key == lane).values(held_until=None))
    wake(tx, lane, rank=Rank.SOON)


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
        ).where(IN_USE)
    ).one()
    return Backlog(row[0], row[1], row[2], row[3])
