"""Targets: which CRMs are kept up, how far each has come, and what became of each row.

Nothing that somebody wrote is kept here: a row that is tried again is read from the API again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy import Row as SqlRow

from bridge.ledger.crm_tables import changes, target_rows, targets
from bridge.ledger.portions import portions
from bridge.ledger.store import Tx

AT_A_TIME = 500
ASKED = "asked"
"""The code of a row whose answer has not come, or was lost."""


class Standing(StrEnum):
    """How a target stands. LOADING: everything there is, for the first time. HELD: until a person
    has mended what `because` says."""

    NEW = "new"
    LOADING = "loading"
    FOLLOWING = "following"
    HELD = "held"


class State(StrEnum):
    """What became of a row. AGAIN: tried again at `due_at`; PERSON: not before a person says so;
    UNSEEN: written once, and not told again since the feed had to be read from the beginning."""

    WRITTEN = "written"
    REMOVED = "removed"
    LEFT_OUT = "left_out"
    AGAIN = "again"
    PERSON = "person"
    UNSEEN = "unseen"


FAILED = (State.AGAIN, State.PERSON)


@dataclass(frozen=True, slots=True)
class Target:
    """`options` as they were given: plain values, and `env:NAME` for secrets."""

    name: str
    crm: str
    options: dict[str, Any]
    cursor: str
    state: Standing
    because: str
    made_at: datetime
    synced_at: datetime | None


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one row just now."""

    object_id: str
    change_id: int
    state: State
    remote_id: str = ""
    code: str = ""
    because: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    object_id: str
    change_id: int
    state: State
    remote_id: str
    code: str
    because: str
    tries: int
    due_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by what became of them."""

    by_state: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, state: State) -> int:
        return self.by_state.get(state, 0)


def add(tx: Tx, name: str, crm: str, options: dict[str, Any]) -> bool:
    """False where there is one of that name."""
    made = tx.conn.execute(
        tx.insert(targets)
        .values(
            name=name,
            crm=crm,
            options=json.dumps(options, sort_keys=True),
            state=Standing.NEW,
            made_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(targets.c.name)
    )
    return made.scalar_one_or_none() is not None


def drop(tx: Tx, name: str) -> None:
    """It is kept up no more; what is in the CRM stays there."""
    tx.conn.execute(delete(target_rows).where(target_rows.c.target == name))
    tx.conn.execute(delete(targets).where(targets.c.name == name))


def every(tx: Tx) -> tuple[Target, ...]:
    """By name."""
    return tuple(_target(row) for row in tx.conn.execute(select(targets).order_by(targets.c.name)))


def one(tx: Tx, name: str) -> Target | None:
    row = tx.conn.execute(select(targets).where(targets.c.name == name)).one_or_none()
    return _target(row) if row else None


def stand(tx: Tx, name: str, state: Standing, because: str = "") -> None:
    tx.conn.execute(
        update(targets).where(targets.c.name == name).values(state=state, because=because)
    )


def advance(tx: Tx, name: str, cursor: str) -> None:
    """Everything up to here is written, or kept as a row that is tried again."""
    tx.conn.execute(
        update(targets).where(targets.c.name == name).values(cursor=cursor, synced_at=tx.now)
    )


def restart(tx: Tx, name: str) -> None:
    """The feed is read from the beginning, where a change's number may mean something else; what is
    not told in it any more, and is or may be over there, will be known by that it stays UNSEEN."""
    advance(tx, name, "")
    there = and_(target_rows.c.remote_id != "", target_rows.c.state != State.REMOVED)
    written = or_(target_rows.c.state == State.WRITTEN, there)
    tx.conn.execute(
        update(target_rows)
        .where(target_rows.c.target == name)
        .values(change_id=0, state=case((written, State.UNSEEN), else_=target_rows.c.state))
    )


def put_down(tx: Tx, name: str, became: Sequence[Became]) -> None:
    """What became of rows; a failed one counts its tries until it is written. One that failed keeps
    the id that it has over there."""
    if not became:
        return
    new = tx.insert(target_rows)
    came = new.excluded
    changed = {column: came[column] for column in ("change_id", "state", "code", "because", "at")}
    statement = new.on_conflict_do_update(
        index_elements=["target", "object_id"],
        set_={
            **changed,
            "due_at": came.due_at,
            "tries": case((came.tries > 0, target_rows.c.tries + 1), else_=0),
            "remote_id": case(
                (came.state == State.REMOVED, came.remote_id),
                (came.remote_id == "", target_rows.c.remote_id),
                else_=came.remote_id,
            ),
        },
    )
    values = [
        {**asdict(each), "target": name, "tries": int(each.state in FAILED), "at": tx.now}
        for each in became
    ]
    tx.conn.execute(statement, values)


def mark(tx: Tx, name: str, object_id: str, remote_id: str) -> None:
    """A row is about to be asked for. One that nobody knew of is due until it is put down."""
    new = tx.insert(target_rows).values(
        target=name,
        object_id=object_id,
        change_id=0,
        remote_id=remote_id,
        state=State.AGAIN,
        code=ASKED,
        because="it was asked for, and not answered",
        due_at=tx.now,
        at=tx.now,
    )
    tx.conn.execute(
        new.on_conflict_do_update(
            index_elements=["target", "object_id"], set_={"remote_id": new.excluded.remote_id}
        )
    )


def unmark(tx: Tx, name: str, object_id: str, before: str | None) -> None:
    """It was not carried out: as before, None where there was no row."""
    which = (target_rows.c.target == name, target_rows.c.object_id == object_id)
    if before is None:
        tx.conn.execute(delete(target_rows).where(*which))
    else:
        tx.conn.execute(update(target_rows).where(*which).values(remote_id=before))


def rows(
    tx: Tx, name: str, states: Collection[State], *, most: int = AT_A_TIME, after: str = ""
) -> tuple[Row, ...]:
    """By their ids; `after` is the last one of the page before."""
    found = tx.conn.execute(
        select(target_rows)
        .where(
            target_rows.c.target == name,
            target_rows.c.state.in_(states),
            target_rows.c.object_id > after,
        )
        .order_by(target_rows.c.object_id)
        .limit(most)
    )
    return tuple(_row(each) for each in found)


def due(tx: Tx, name: str, most: int = AT_A_TIME) -> tuple[Row, ...]:
    """Rows whose wait is over, the oldest first."""
    found = tx.conn.execute(
        select(target_rows)
        .where(
            target_rows.c.target == name,
            target_rows.c.state == State.AGAIN,
            target_rows.c.due_at <= tx.now,
        )
        .order_by(target_rows.c.due_at, target_rows.c.object_id)
        .limit(most)
    )
    return tuple(_row(each) for each in found)


def known(tx: Tx, name: str, object_ids: Collection[str]) -> dict[str, Row]:
    """Those rows that there are, by id."""
    found: dict[str, Row] = {}
    for some in portions(tuple(object_ids)):
        asked = tx.conn.execute(
            select(target_rows).where(
                target_rows.c.target == name,
                target_rows.c.object_id.in_(some),
            )
        )
        found.update((each.object_id, _row(each)) for each in asked)
    return found


def try_again(tx: Tx, name: str, object_id: str | None = None) -> int:
    """Failed rows are due now, or the one that is named, however it stands: somebody may have
    taken it away over there. How many there are."""
    if object_id is not None:
        return _due_now(tx, name, target_rows.c.object_id == object_id)
    return _due_now(tx, name, target_rows.c.state.in_(FAILED))


def wake(tx: Tx, name: str, code: str) -> int:
    """Rows that failed with this code are due now; how many there are."""
    waits = target_rows.c.state == State.AGAIN
    return _due_now(tx, name, waits, target_rows.c.code == code)


def _due_now(tx: Tx, name: str, *which: ColumnElement[bool]) -> int:
    done = tx.conn.execute(
        update(target_rows)
        .where(target_rows.c.target == name, *which)
        .values(state=State.AGAIN, due_at=tx.now)
    )
    return done.rowcount


def counts(tx: Tx, name: str) -> Counts:
    return Counts(tx.tally(target_rows.c.state, target_rows.c.target == name))


def progress(tx: Tx, change_id: int = 0) -> tuple[int, int]:
    """How many records the feed tells up to a change, and how many in all."""
    up_to = select(func.count()).select_from(changes).where(changes.c.seq <= change_id)
    both = tx.conn.execute(
        select(up_to.scalar_subquery(), select(func.count()).select_from(changes).scalar_subquery())
    ).one()
    return int(both[0]), int(both[1])


def _target(row: SqlRow[Any]) -> Target:
    return Target(
        row.name,
        row.crm,
        json.loads(row.options),
        row.cursor,
        Standing(row.state),
        row.because,
        row.made_at,
        row.synced_at,
    )


def _row(row: SqlRow[Any]) -> Row:
    return Row(
        row.object_id,
        row.change_id,
        State(row.state),
        row.remote_id,
        row.code,
        row.because,
        row.tries,
        row.due_at,
        row.at,
    )
