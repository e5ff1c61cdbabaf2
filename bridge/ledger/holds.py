"""Public replies that were held back: what was found, and who decided what about them.

Of what was found only codes and masks are kept, never the datum itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marshmallow import EXCLUDE, Schema, fields
from sqlalchemy import Row, or_, select, update

from bridge.ledger.service_tables import holds
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, replies
from bridge.model import AgentComment
from bridge.text.guard import Found

OPEN, RELEASED, PRIVATE, WITHDRAWN = "open", "released", "private", "withdrawn"


class _FoundShape(Schema):
    class Meta:
        unknown = EXCLUDE

    code = fields.String(required=True)
    excerpt = fields.String(load_default="")


_shape = _FoundShape(many=True)


@dataclass(frozen=True, slots=True)
class Hold:
    """One reply, held at one of its attempts. `settled_by` is the agent who decided, "" so far."""

    reply_id: int
    attempt: int
    found: tuple[Found, ...]
    needs_second: bool
    state: str
    held_at: datetime
    settled_by: str
    settled_by_id: str

    @property
    def number(self) -> str:
        """What agents call it."""
        return f"r{self.reply_id}"


def hold(
    tx: Tx, reply_id: int, attempt: int, found: tuple[Found, ...], *, needs_second: bool
) -> None:
    """Once for each attempt."""
    tx.conn.execute(
        tx.insert(holds)
        .values(
            reply_id=reply_id,
            attempt=attempt,
            findings=str(_shape.dumps(found)),
            needs_second=needs_second,
            held_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["reply_id", "attempt"])
    )


def of_reply(tx: Tx, reply_id: int) -> Hold | None:
    """The newest."""
    row = tx.conn.execute(
        select(holds).where(holds.c.reply_id == reply_id).order_by(holds.c.id.desc()).limit(1)
    ).one_or_none()
    return _hold(row) if row else None


def newest_open(tx: Tx, conversation_id: int, ticket_id: str) -> Hold | None:
    """The last reply of a conversation, of one that goes on in a ticket (after a merge several
    do), or one written on it, that waits for a decision."""
    goes_on = select(conversations.c.id).where(conversations.c.ticket_id == ticket_id)
    row = tx.conn.execute(
        select(holds)
        .join(replies, replies.c.id == holds.c.reply_id)
        .where(
            holds.c.state == OPEN,
            or_(
                replies.c.conversation_id == conversation_id,
                replies.c.ticket_id == ticket_id,
                replies.c.conversation_id.in_(goes_on),
            ),
        )
        .order_by(holds.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _hold(row) if row else None


def is_released(tx: Tx, reply_id: int) -> bool:
    """Whether somebody has said that it may go out as it stands."""
    found = select(holds.c.id).where(holds.c.reply_id == reply_id, holds.c.state == RELEASED)
    return tx.conn.execute(found.limit(1)).first() is not None


def settle(tx: Tx, reply_id: int, state: str, by: AgentComment) -> bool:
    """An agent decides. False if it is decided already: of two at once, one does."""
    done = tx.conn.execute(
        update(holds)
        .where(holds.c.reply_id == reply_id, holds.c.state == OPEN)
        .values(
            state=state,
            settled_at=tx.now,
            settled_by=by.author_name,
            settled_by_id=by.author_id,
        )
    )
    return done.rowcount > 0


def counts(tx: Tx) -> dict[str, int]:
    """State → how many."""
    return tx.tally(holds.c.state)


def _hold(row: Row[tuple[object, ...]]) -> Hold:
    found = tuple(Found(each["code"], each["excerpt"]) for each in _shape.loads(row.findings))
    return Hold(
        reply_id=row.reply_id,
        attempt=row.attempt,
        found=found,
        needs_second=row.needs_second,
        state=row.state,
        held_at=row.held_at,
        settled_by=row.settled_by,
        settled_by_id=row.settled_by_id,
    )
