"""What is sent to endpoints: one row for each change that one is told of, and what became of it.

No word of a record stands here: what a sending says is read from the ledger when it is sent. A
record has one waiting row for each endpoint at most; a newer change takes the older one's place, so
that an old state never arrives after a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, case, delete, func, select, tuple_, update

from bridge.ledger.changes import Ref, first_since
from bridge.ledger.crm_tables import changes, endpoints, sendings
from bridge.ledger.portions import portions
from bridge.ledger.store import Tx

TEST = "test"
"""The kind of a sending that is about no record."""
AT_A_TIME = 400


class Became(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Sending:
    """`seq` is the change that it was queued for, below zero for a test. `status` is the HTTP
    status of the last answer, None where there was none. `due_at` is when it is tried next."""

    id: int
    endpoint_id: int
    kind: str
    number: int
    seq: int
    event: str
    state: Became
    tries: int
    due_at: datetime | None
    status: int | None
    because: str
    made_at: datetime
    tried_at: datetime | None
    settled_at: datetime | None

    @property
    def is_test(self) -> bool:
        return self.kind == TEST

    @property
    def about(self) -> str:
        """The id of the record that it tells."""
        return "" if self.is_test else f"{self.kind}_{self.number}"


@dataclass(frozen=True, slots=True)
class Range:
    """Changes by instant (`until` is not in it any more) or by number (both are in it)."""

    since: datetime | None = None
    until: datetime | None = None
    first: int | None = None
    last: int | None = None


def queue(tx: Tx, endpoint_id: int, news: Sequence[tuple[Ref, str]]) -> int:
    """Queue changes, each with its event; what waits for the same records gives way. Those that
    are there already are sent once more, under the same number. How many."""
    if not news:
        return 0
    _begin_anew(tx, endpoint_id)
    _give_way(tx, endpoint_id, (ref for ref, _ in news))
    _put(
        tx,
        [
            {"endpoint_id": endpoint_id, "kind": ref.kind, "number": ref.number, "seq": ref.seq}
            | {"event": event, "state": Became.WAITING, "tries": 0, "due_at": tx.now}
            | {"because": "", "made_at": tx.now}
            for ref, event in news
        ],
    )
    return len(news)


def queue_test(tx: Tx, endpoint_id: int, event: str) -> int:
    """A sending about nothing; its number, which is never a change's."""
    seq = -int(tx.now.timestamp() * 1000)
    row = {"endpoint_id": endpoint_id, "kind": TEST, "number": 0, "seq": seq, "event": event}
    more = {"state": Became.WAITING, "tries": 0, "due_at": tx.now, "because": "", "made_at": tx.now}
    _begin_anew(tx, endpoint_id)
    _put(tx, [row | more])
    return seq


def _begin_anew(tx: Tx, endpoint_id: int) -> None:
    """Since when it fails is counted from now on, where nothing waits: nothing was tried while it
    had nothing to be told."""
    waits = select(sendings.c.id).where(*_waiting(endpoint_id, only_tests=False)).exists()
    tx.conn.execute(
        update(endpoints)
        .where(endpoints.c.id == endpoint_id, endpoints.c.failing_since.is_not(None), ~waits)
        .values(failing_since=None)
    )


def _give_way(tx: Tx, endpoint_id: int, refs: Iterable[Ref]) -> None:
    named = [(ref.kind, ref.number) for ref in refs]
    for some in portions(named, AT_A_TIME):
        tx.conn.execute(
            update(sendings)
            .where(
                sendings.c.endpoint_id == endpoint_id,
                sendings.c.state == Became.WAITING,
                tuple_(sendings.c.kind, sendings.c.number).in_(some),
            )
            .values(
                state=Became.SUPERSEDED,
                because="a newer change of it is sent instead",
                due_at=None,
                settled_at=tx.now,
            )
        )


def _put(tx: Tx, rows: list[dict[str, Any]]) -> None:
    new = tx.insert(sendings)
    anew = ("event", "state", "tries", "due_at", "because")
    tx.conn.execute(
        new.on_conflict_do_update(
            index_elements=["endpoint_id", "seq"],
            set_={name: new.excluded[name] for name in anew} | {"settled_at": None},
        ),
        rows,
    )


def in_range(tx: Tx, wanted: Range, after: int, until: int, limit: int) -> tuple[Ref, ...]:
    """Changes in the range whose numbers are above `after` and not above `until`, ascending."""
    where = [changes.c.seq > after, changes.c.seq <= until]
    if wanted.since is not None:
        where.append(changes.c.seq >= first_since(tx, wanted.since))
    if wanted.until is not None:
        where.append(changes.c.seq < first_since(tx, wanted.until))
    if wanted.first is not None:
        where.append(changes.c.seq >= wanted.first)
    if wanted.last is not None:
        where.append(changes.c.seq <= wanted.last)
    rows = tx.conn.execute(select(changes).where(*where).order_by(changes.c.seq).limit(limit))
    return tuple(
        Ref(row.kind, row.number, row.seq, row.at, row.gone_at, row.gone_because) for row in rows
    )


# ------------------------------------------------------------------ for the lane that sends


def next_due(tx: Tx, endpoint_id: int, *, only_tests: bool) -> Sending | None:
    """The one that has been due for longest."""
    row = tx.conn.execute(
        select(sendings)
        .where(*_waiting(endpoint_id, only_tests=only_tests), sendings.c.due_at <= tx.now)
        .order_by(sendings.c.due_at, sendings.c.id)
        .limit(1)
    ).one_or_none()
    return _sending(row) if row else None


def due_at(tx: Tx, endpoint_id: int, *, only_tests: bool) -> datetime | None:
    """When the next one is due; None when none waits."""
    soonest: datetime | None = tx.conn.execute(
        select(func.min(sendings.c.due_at)).where(*_waiting(endpoint_id, only_tests=only_tests))
    ).scalar_one()
    return soonest


def _waiting(endpoint_id: int, *, only_tests: bool) -> list[Any]:
    where = [sendings.c.endpoint_id == endpoint_id, sendings.c.state == Became.WAITING]
    return [*where, sendings.c.kind == TEST] if only_tests else where


def trying(tx: Tx, sending: Sending, event: str, then: datetime | None) -> bool:
    """Put down before it is sent, with when it is due again should nobody come back to say what
    became of it. False where a newer change has taken its place meanwhile."""
    count = tx.conn.execute(
        update(sendings)
        .where(sendings.c.id == sending.id, sendings.c.state == Became.WAITING)
        .values(event=event, tries=sendings.c.tries + 1, tried_at=tx.now, due_at=then)
    ).rowcount
    return bool(count)


def settle(
    tx: Tx, sending: Sending, state: Became, because: str = "", status: int | None = None
) -> None:
    """This is what became of it, also where a newer change took its place meanwhile."""
    _put_down(
        tx,
        sending,
        state=state,
        because=because,
        status=status,
        due_at=None,
        settled_at=tx.now,
    )


def again(tx: Tx, sending: Sending, at: datetime, because: str, status: int | None) -> None:
    """It failed and is tried again then, unless a newer change has taken its place."""
    still = sendings.c.state == Became.WAITING
    _put_down(
        tx,
        sending,
        because=case((still, because), else_=sendings.c.because),
        status=status,
        due_at=case((still, at), else_=None),
    )


def wait(tx: Tx, sending: Sending, at: datetime) -> None:
    """Nothing can be said of it yet: looked at again then."""
    _put_down(tx, sending, due_at=at)


def _put_down(tx: Tx, sending: Sending, **values: object) -> None:
    tx.conn.execute(update(sendings).where(sendings.c.id == sending.id).values(**values))


def hurry(tx: Tx, endpoint_id: int) -> None:
    """Whatever waits is due now: somebody says that it works again."""
    tx.conn.execute(
        update(sendings).where(*_waiting(endpoint_id, only_tests=False)).values(due_at=tx.now)
    )


def call_off(tx: Tx, endpoint_id: int, because: str) -> None:
    """Nothing that waits is sent."""
    tx.conn.execute(
        update(sendings)
        .where(*_waiting(endpoint_id, only_tests=False))
        .values(state=Became.SUPERSEDED, because=because, due_at=None, settled_at=tx.now)
    )


# ------------------------------------------------------------------ for people


def count_waiting(tx: Tx, endpoint_id: int) -> int:
    count: int = tx.conn.execute(
        select(func.count()).where(*_waiting(endpoint_id, only_tests=False))
    ).scalar_one()
    return count


def counts(tx: Tx, endpoint_id: int) -> dict[str, int]:
    """State → how many, of those that the log still has."""
    return tx.tally(sendings.c.state, sendings.c.endpoint_id == endpoint_id)


def log(
    tx: Tx, endpoint_id: int, most: int, *, state: str = "", before: int | None = None
) -> tuple[Sending, ...]:
    """Newest first; `before` is the id of the last one of the page above."""
    where = [sendings.c.endpoint_id == endpoint_id]
    if state:
        where.append(sendings.c.state == state)
    if before is not None:
        where.append(sendings.c.id < before)
    rows = tx.conn.execute(
        select(sendings).where(*where).order_by(sendings.c.id.desc()).limit(most)
    )
    return tuple(_sending(row) for row in rows)


def by_seq(tx: Tx, endpoint_id: int, seq: int) -> Sending | None:
    row = tx.conn.execute(
        select(sendings).where(sendings.c.endpoint_id == endpoint_id, sendings.c.seq == seq)
    ).one_or_none()
    return _sending(row) if row else None


def forget(tx: Tx, before: datetime, most: int) -> int:
    """Drop what was settled before, in a small batch, and endpoints that were removed and of which
    nothing is left; how many sendings."""
    old = select(sendings.c.id).where(sendings.c.settled_at < before).limit(most)
    count = tx.conn.execute(delete(sendings).where(sendings.c.id.in_(old))).rowcount
    left = select(sendings.c.id).where(sendings.c.endpoint_id == endpoints.c.id).exists()
    tx.conn.execute(delete(endpoints).where(and_(endpoints.c.ended_at < before, ~left)))
    return count


def _sending(row: Row[Any]) -> Sending:
    return Sending(
        id=row.id,
        endpoint_id=row.endpoint_id,
        kind=row.kind,
        number=row.number,
        seq=row.seq,
        event=row.event,
        state=Became(row.state),
        tries=row.tries,
        due_at=row.due_at,
        status=row.status,
        because=row.because,
        made_at=row.made_at,
        tried_at=row.tried_at,
        settled_at=row.settled_at,
    )
