"""Whose turn it is: every lane that waits stands in a line, one for each rank and account.

Nobody walks past all that waits to find out: the lines are few, however long they are, and each
one's head is found in an index (`heads` leaps from line to line).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)

from bridge.ledger.service_tables import deadlines
from bridge.ledger.store import Tx
from bridge.ledger.tables import lanes


class Rank(IntEnum):
    """How soon a lane is to have its turn, the soonest first. `UPKEEP` is what takes next to
    nothing of the helpdesk's limits and finds the rest of the work; `SOON` are private messages,
    what agents wrote, and what is due before long; `BULK` can wait."""

    UPKEEP = 0
    SOON = 1
    ORDINARY = 2
    BULK = 3


@dataclass(frozen=True, slots=True)
class Head:
    """The first lane of a line. `at` is since when it is due, or when it will be. `opens`: it is
    going to open a ticket, which a helpdesk counts apart from changing one."""

    line: str
    at: datetime

    @property
    def rank(self) -> Rank:
        return rank_in(self.line)

    @property
    def opens(self) -> bool:
        return self.line[1] == "0"

    @property
    def account(self) -> str:
        return account_in(self.line)


Order = Callable[[tuple[Head, ...]], Iterable[Head]]
"""Of the lines whose heads are due, those that may have a turn now, the next one first."""


def oldest_first(heads: tuple[Head, ...]) -> Iterable[Head]:
    """Whatever has been due for longest, of whatever rank."""
    return sorted(heads, key=lambda head: (head.at, head.line))


def line_prefix(rank: Rank, *, opens: bool) -> str:
    """How the name of a line begins; the account follows."""
    return f"{int(rank)}{0 if opens else 1}"


def rank_in(line: str) -> Rank:
    return Rank(int(line[0]))


def account_in(line: str) -> str:
    return line[2:]


def _first_of_each() -> Select[tuple[str, datetime]]:
    waits = lanes.c.ready_at.is_not(None)
    first = select(func.min(lanes.c.line).label("line")).where(waits)
    walk = first.cte("walk", recursive=True)
    after = select(func.min(lanes.c.line)).where(lanes.c.line > walk.c.line, waits)
    walk = walk.union_all(select(after.scalar_subquery()).where(walk.c.line.is_not(None)))
    # "From this line on", in the index's own order: asked for the line alone, PostgreSQL believes
    # that few stand in it as long as it has not counted them, and reads and sorts them all.
    head = (
        select(lanes.c.line, lanes.c.ready_at)
        .where(
            lanes.c.line >= walk.c.line,
            waits,
            or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < bindparam("now")),
        )
        .order_by(lanes.c.line, lanes.c.ready_at)
        .limit(1)
        .correlate(walk)
        .subquery()
    )
    soonest = select(head.c.ready_at).where(head.c.line == walk.c.line).scalar_subquery()
    return select(walk.c.line, soonest.label("soonest")).where(walk.c.line.is_not(None))


FIRST_OF_EACH = _first_of_each()
"""Made once: it is asked before every turn, and making it costs more than running it."""


def heads(tx: Tx) -> tuple[Head, ...]:
    """The first of each line that nobody holds, due or not: a few looks into an index for each
    line, however many stand in it."""
    rows = tx.conn.execute(FIRST_OF_EACH, {"now": tx.now})
    return tuple(Head(row.line, row.soonest) for row in rows if row.soonest is not None)


def hasten_due(tx: Tx, by: datetime) -> None:
    """What waits in its line, and is to be answered by an instant, goes among the first."""
    due = select(literal("conversation:").concat(cast(deadlines.c.conversation_id, Text))).where(
        deadlines.c.reply_by <= by, deadlines.c.because != "answered"
    )
    _hasten(tx, lanes.c.key.in_(due))


def hasten_waiting(tx: Tx, account: str, since: datetime) -> None:
    """The same for what an account has had waiting since an instant."""
    _hasten(tx, lanes.c.account == account, lanes.c.ready_at <= since)


def _hasten(tx: Tx, *where: ColumnElement[bool]) -> None:
    first = literal(str(int(Rank.SOON))).concat(func.substr(lanes.c.line, 2))
    begins = str(int(Rank.ORDINARY))
    # What somebody is writing to is hastened the next time: whoever waited for one lane while it
    # keeps others would hold up everybody, and two of that kind one another.
    here = (
        select(lanes.c.key)
        .where(
            lanes.c.line >= begins,
            lanes.c.line < str(int(Rank.BULK)),
            lanes.c.ready_at <= tx.now,
            lanes.c.key.startswith("conversation:"),
            *where,
        )
        .with_for_update(skip_locked=True)
        .correlate(None)
    )
    tx.conn.execute(update(lanes).where(lanes.c.key.in_(here)).values(line=first))
