"""Steps: what a lane still has to do, in the order it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, case, func, select, update

from bridge.ledger import lanes
from bridge.ledger.store import Tx
from bridge.ledger.tables import lanes as lane_rows
from bridge.ledger.tables import steps

WAITING, BEGUN, DONE, SET_ASIDE, DISMISSED = "waiting", "begun", "done", "set_aside", "dismissed"


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


def add(tx: Tx, lane: str, kind: str, about: str, *, account: str = "") -> bool:
    """Queue a step and wake its lane. False if the lane has had this very step already."""
    lanes.wake(tx, lane, account=account)
    added = tx.conn.execute(
        tx.insert(steps)
        .values(lane=lane, kind=kind, about=about, made_at=tx.now)
        .on_conflict_do_nothing(index_elements=["lane", "kind", "about"])
        .returning(steps.c.id)
    ).scalar_one_or_none()
    return added is not None


def add_unless_waiting(tx: Tx, lane: str, kind: str, what: str, *, account: str = "") -> None:
    """Queue a step that may be done any number of times, but need not wait twice. One that has
    begun does not count: it may have looked before what we were told of happened."""
    lanes.wake(tx, lane, account=account)  # first: it locks the lane, so that nobody counts beside
    waits, times = tx.conn.execute(
        select(func.count(case((steps.c.state == WAITING, 1))), func.count()).where(
            steps.c.lane == lane,
            steps.c.kind == kind,
            steps.c.about.startswith(f"{what}:", autoescape=True),
        )
    ).one()
    if not waits:
        add(tx, lane, kind, f"{what}:{times + 1}", account=account)


def begin(tx: Tx, step_id: int) -> None:
    """From here on, news about the same subject needs a step of its own."""
    tx.conn.execute(update(steps).where(steps.c.id == step_id).values(state=BEGUN))


def one(tx: Tx, step_id: int) -> Step:
    return _step(tx.conn.execute(select(steps).where(steps.c.id == step_id)).one())


def waiting_replies(tx: Tx, account: str) -> tuple[int, ...]:
    """The ledger's ids of an account's replies that are not out yet."""
    rows = tx.conn.execute(
        select(steps.c.about)
        .join(lane_rows, lane_rows.c.key == steps.c.lane)
        .where(
            steps.c.state.in_((WAITING, BEGUN)),
            steps.c.kind == "reply",
            lane_rows.c.account == account,
        )
    ).scalars()
    return tuple(int(about.partition(":")[0]) for about in rows)


def waiting(tx: Tx, lane: str, most: int = 50) -> tuple[Step, ...]:
    """What a lane has to do next, in order."""
    rows = tx.conn.execute(
        select(steps)
        .where(steps.c.lane == lane, steps.c.state.in_((WAITING, BEGUN)))
        .order_by(steps.c.id)
        .limit(most)
    )
    return tuple(_step(row) for row in rows)


def waits(tx: Tx, lane: str, kind: str) -> bool:
    """Whether such a step is still to be done in a lane."""
    found = select(steps.c.id).where(
        steps.c.lane == lane, steps.c.kind == kind, steps.c.state.in_((WAITING, BEGUN))
    )
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
        update(steps)
        .where(steps.c.id == step_id)
        .values(state=state, because=because, settled_at=tx.now, tries=steps.c.tries + 1)
    )


def tried(tx: Tx, step_id: int, because: str) -> None:
    """It did not work this time and stays at the head of its lane."""
    tx.conn.execute(
        update(steps).where(steps.c.id == step_id).values(tries=steps.c.tries + 1, because=because)
    )


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
        select(steps).where(steps.c.state == SET_ASIDE).order_by(steps.c.id.desc()).limit(most)
    )
    return tuple(_step(row) for row in rows)


def counts(tx: Tx) -> dict[str, int]:
    """State → how many."""
    return tx.tally(steps.c.state)


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
