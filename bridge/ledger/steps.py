"""Steps: what a lane still has to do, in the order it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bridge.ledger import lanes
from bridge.ledger.made import inserting
from bridge.ledger.ranks import Rank
from bridge.ledger.store import Tx
from bridge.ledger.tables import lanes as lane_rows
from bridge.ledger.tables import revisions, steps

ARRIVES = frozenset(("post", "edit", "removal", "remark", "ours", "rating", "reply_by", "join"))
"""Kinds of steps that tell a ticket what happened elsewhere."""

WAITING, BEGUN, DONE, SET_ASIDE, DISMISSED = "waiting", "begun", "done", "set_aside", "dismissed"


IS_SET_ASIDE = steps.c.state == literal_column(f"'{SET_ASIDE}'")
"""As the index over these says it."""

IS_OPEN = steps.c.settled_at.is_(None)
"""It is still to be done, and found by an index over those alone."""


@dataclass(frozen=True, slots=True)
class Step:
    """`kind` names what to do, `about` to what (an id in the ledger)."""

    id: int
    lane: str
    kind: str
    about: str
    state: str
    tries: int
    because: str
    made_at: datetime


_ADD = inserting(
    steps,
    lambda new: new.on_conflict_do_nothing(index_elements=["lane", "kind", "about"]).returning(
        steps.c.id
    ),
)
_THIS = update(steps).where(steps.c.id == bindparam("the_step"))
_THIS_TRIED = _THIS.values(tries=steps.c.tries + 1)
_ONE = select(steps).where(steps.c.id == bindparam("the_step"))
_WAITING = (
    select(steps)
    .where(steps.c.lane == bindparam("the_lane"), IS_OPEN)
    .order_by(steps.c.id)
    .limit(bindparam("most", type_=Integer))
)


def _heading() -> Select[Any]:
    tells_a_version = or_(*(steps.c.kind == kind for kind in ("post", "edit", "ours")))
    version = cast(case((tells_a_version, steps.c.about)), BigInteger)
    return (
        select(steps, revisions.c.delivery_id)
        .outerjoin(revisions, revisions.c.id == version)
        .where(steps.c.lane == bindparam("the_lane"), IS_OPEN)
        .order_by(steps.c.id)
        .limit(1)
    )


_HEAD = _heading()


def add(
    tx: Tx,
    lane: str,
    kind: str,
    about: str,
    *,
    account: str = "",
    rank: Rank | None = None,
    opens: bool = False,
) -> bool:
    """Queue a step and wake its lane. False if the lane has had this very step already. `rank`
    None: what its kind has. `opens`: it is going to open a ticket."""
    lanes.wake(tx, lane, account=account, rank=rank_of(kind) if rank is None else rank, opens=opens)
    new = {"lane": lane, "kind": kind, "about": about, "made_at": tx.now}
    return tx.conn.execute(_ADD.on(tx), new).scalar_one_or_none() is not None


def rank_of(kind: str) -> Rank:
    """What agents wrote, and what they are to be told of it, goes before what only arrives; how
    many say the same can wait for both."""
    if kind == "storm":
        return Rank.BULK
    return Rank.ORDINARY if kind in ARRIVES else Rank.SOON


def add_unless_waiting(tx: Tx, lane: str, kind: str, what: str, *, account: str = "") -> None:
    """Queue a step that may be done any number of times, but need not wait twice. One that has
    begun does not count: it may have looked before what we were told of happened."""
    # First: it locks the lane, so that nobody counts beside.
    lanes.wake(tx, lane, account=account, rank=rank_of(kind))
    waiting = func.count(case((steps.c.state == WAITING, 1)))
    waits, times = tx.conn.execute(
        select(waiting, func.count()).where(*_about(lane, kind, what))
    ).one()
    if not waits:
        add(tx, lane, kind, f"{what}:{times + 1}", account=account)


def is_waiting(tx: Tx, lane: str, kind: str, what: str) -> bool:
    """Whether such a step about a subject is still to be done, or under way."""
    here = select(steps.c.id).where(*_about(lane, kind, what), steps.c.state.in_((WAITING, BEGUN)))
    return tx.conn.execute(here.limit(1)).first() is not None


def begin(tx: Tx, step_id: int) -> None:
    """From here on, news about the same subject needs a step of its own."""
    tx.conn.execute(_THIS, {"the_step": step_id, "state": BEGUN})


def one(tx: Tx, step_id: int) -> Step:
    return _step(tx.conn.execute(_ONE, {"the_step": step_id}).one())


def asked_at(tx: Tx, lane: str, kind: str, about: str) -> datetime | None:
    """When a step was queued, None if it never was."""
    at: datetime | None = tx.conn.execute(
        select(steps.c.made_at).where(
            steps.c.lane == lane, steps.c.kind == kind, steps.c.about == about
        )
    ).scalar_one_or_none()
    return at


def abouts(tx: Tx, lane: str, kind: str, what: str) -> tuple[str, ...]:
    """What a lane's steps of a kind are about, whether or not they are done, where that begins
    with `what` and a colon."""
    found = select(steps.c.about).where(*_about(lane, kind, what))
    return tuple(tx.conn.execute(found).scalars())


def _about(lane: str, kind: str, what: str) -> tuple[ColumnElement[bool], ...]:
    begins = steps.c.about.startswith(f"{what}:", autoescape=True)
    return steps.c.lane == lane, steps.c.kind == kind, begins


def waiting_replies(tx: Tx, account: str) -> tuple[int, ...]:
    """The ledger's ids of an account's replies that are not out yet."""
    mine = select(lane_rows.c.key).where(
        lane_rows.c.key == steps.c.lane, lane_rows.c.account == account
    )
    rows = tx.conn.execute(
        select(steps.c.about).where(IS_OPEN, steps.c.kind == "reply", mine.exists())
    ).scalars()
    return tuple(int(about.partition(":")[0]) for about in rows)


def waiting(tx: Tx, lane: str, most: int = 50) -> tuple[Step, ...]:
    """What a lane has to do next, in order."""
    rows = tx.conn.execute(_WAITING, {"the_lane": lane, "most": most})
    return tuple(_step(row) for row in rows)


def head(tx: Tx, lane: str) -> tuple[Step, int | None] | None:
    """What a lane has to do next, and the delivery that it goes back to, None for a step that no
    delivery began."""
    row = tx.conn.execute(_HEAD, {"the_lane": lane}).one_or_none()
    return (_step(row), row.delivery_id) if row is not None else None


def waits(tx: Tx, lane: str, kind: str) -> bool:
    """Whether such a step is still to be done in a lane."""
    found = select(steps.c.id).where(steps.c.lane == lane, steps.c.kind == kind, IS_OPEN)
    return tx.conn.execute(found.limit(1)).first() is not None


def newest(tx: Tx, lane: str, kind: str, what: str) -> str | None:
    """What the last step of a lane that is about this is about, `<what>:…`, None for no such."""
    found: str | None = tx.conn.execute(
        select(steps.c.about)
        .where(
            steps.c.lane == lane,
            steps.c.kind == kind,
            steps.c.about.startswith(f"{what}:", autoescape=True),
        )
        .order_by(steps.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found


def settle(tx: Tx, step_id: int, state: str, because: str = "") -> None:
    tx.conn.execute(
        _THIS_TRIED,
        {"the_step": step_id, "state": state, "because": because, "settled_at": tx.now},
    )


def named(tx: Tx, lane: str, kind: str, about: tuple[str, ...]) -> frozenset[int]:
    """The ids of a lane's steps of a kind that are about these."""
    here = select(steps.c.id).where(
        steps.c.lane == lane, steps.c.kind == kind, steps.c.about.in_(about)
    )
    return frozenset(tx.conn.execute(here).scalars())


def forget(tx: Tx, lane: str) -> None:
    """All of a lane's, done or not: whom it was about was erased."""
    tx.conn.execute(delete(steps).where(steps.c.lane == lane))


def tried(tx: Tx, step_id: int, because: str) -> None:
    """It did not work this time and stays at the head of its lane."""
    tx.conn.execute(_THIS_TRIED, {"the_step": step_id, "because": because})


def again(tx: Tx, step_id: int) -> str | None:
    """A person asks for a set-aside step to be done after all. Its lane, None if there is none."""
    row = tx.conn.execute(
        update(steps)
        .where(steps.c.id == step_id, steps.c.state == SET_ASIDE)
        .values(state=WAITING, because="", settled_at=None)
        .returning(steps.c.lane)
    ).one_or_none()
    if row is None:
        return None
    lanes.release_now(tx, row.lane)
    lane: str = row.lane
    return lane


def dismiss(tx: Tx, step_id: int) -> str | None:
    """A person says that a set-aside step need not be done. Its lane, None if there is none."""
    lane: str | None = tx.conn.execute(
        update(steps)
        .where(steps.c.id == step_id, steps.c.state == SET_ASIDE)
        .values(state=DISMISSED, settled_at=tx.now)
        .returning(steps.c.lane)
    ).scalar_one_or_none()
    return lane


def set_aside(tx: Tx, most: int = 100) -> tuple[Step, ...]:
    """What waits for a person, newest first."""
    rows = tx.conn.execute(
        select(steps).where(IS_SET_ASIDE).order_by(steps.c.id.desc()).limit(most)
    )
    return tuple(_step(row) for row in rows)


def counts(tx: Tx) -> dict[str, int]:
    """State → how many. It reads all there are: `unsettled` tells what must be watched."""
    return tx.tally(steps.c.state)


def unsettled(tx: Tx) -> dict[str, int]:
    """How many wait, for the bridge and for a person; it reads those alone."""
    return tx.tally(steps.c.state, IS_OPEN) | tx.tally(steps.c.state, IS_SET_ASIDE)


def _step(row: Row[tuple[object, ...]]) -> Step:
    return Step(
        id=row.id,
        lane=row.lane,
        kind=row.kind,
        about=row.about,
        state=row.state,
        tries=row.tries,
        because=row.because,
        made_at=row.made_at,
    )
