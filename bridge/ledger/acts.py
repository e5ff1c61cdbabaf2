"""What agents asked to be done to posts, or to their authors: who asked, who agreed, what came of
it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Row, or_, select, update

from bridge.ledger.service_tables import acts
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, replies, tickets
from bridge.model import Act, AgentComment

OPEN, HELD, DONE, REFUSED, UNKNOWN = "open", "held", "done", "refused", "unknown"
"""`HELD`: it waits for a second person."""

ECHO_WITHIN = timedelta(minutes=15)
"""How long after an act of ours the network's word of such a thing is taken for its echo."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One act, as an agent asked for it in a note.

    `post_id` is the ledger's number of the post, `reason` what the agent wrote. `because` is why it
    was not done: as `why` makes it where it was refused. `approved_by` is the second person, ""
    where there is none (yet).
    """

    id: int
    conversation_id: int
    post_id: int
    act: Act
    reason: str
    comment_id: str
    state: str
    because: str
    asked_by: str
    asked_by_id: str
    asked_at: datetime
    approved_by: str
    approved_by_id: str

    @property
    def number(self) -> str:
        """What agents call it."""
        return f"a{self.id}"

    @property
    def refusal(self) -> tuple[str, str]:
        """The code of the sentence that says why it was refused, and what there is to add."""
        code, _, detail = self.because.partition(":")
        return code, detail

    @property
    def needs_second(self) -> bool:
        return self.state == HELD


def why(code: str, detail: str = "") -> str:
    """Why an act was refused, as it is kept: the code of a sentence, and what there is to add."""
    return f"{code}:{detail}"


def ask(
    tx: Tx,
    helpdesk: str,
    comment: AgentComment,
    *,
    conversation_id: int,
    post_id: int,
    act: Act,
    reason: str,
    state: str,
    because: str = "",
) -> Asked | None:
    """Put down what a note asks for. None if that note was taken up before."""
    row = tx.conn.execute(
        tx.insert(acts)
        .values(
            conversation_id=conversation_id,
            post_id=post_id,
            act=act,
            reason=reason,
            helpdesk=helpdesk,
            comment_id=comment.id,
            state=state,
            because=because,
            asked_by=comment.author_name,
            asked_by_id=comment.author_id,
            asked_at=tx.now,
            settled_at=tx.now if state == REFUSED else None,
        )
        .on_conflict_do_nothing(index_elements=["helpdesk", "comment_id"])
        .returning(acts)
    ).one_or_none()
    return _asked(row) if row else None


def one(tx: Tx, act_id: int) -> Asked:
    return _asked(tx.conn.execute(select(acts).where(acts.c.id == act_id)).one())


def find(tx: Tx, helpdesk: str, ticket_id: str, act_id: int) -> Asked | None:
    """One of a ticket's acts, by its number."""
    here = _on_ticket(helpdesk, ticket_id)
    row = tx.conn.execute(select(acts).where(acts.c.id == act_id, here)).one_or_none()
    return _asked(row) if row else None


def newest_held(tx: Tx, helpdesk: str, ticket_id: str) -> Asked | None:
    """The last act of a ticket that waits for a second person."""
    row = tx.conn.execute(
        select(acts)
        .where(acts.c.state == HELD, _on_ticket(helpdesk, ticket_id))
        .order_by(acts.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _asked(row) if row else None


def of_ticket(tx: Tx, helpdesk: str, ticket_id: str, most: int = 20) -> tuple[Asked, ...]:
    """What was asked for on a ticket, or of its conversation on another one; newest first."""
    rows = tx.conn.execute(
        select(acts).where(_on_ticket(helpdesk, ticket_id)).order_by(acts.c.id.desc()).limit(most)
    )
    return tuple(_asked(row) for row in rows)


def is_on_ticket(tx: Tx, helpdesk: str, ticket_id: str, conversation_id: int) -> bool:
    """Whether a conversation stands, or stood, on a ticket: after a merge several do."""
    found = select(conversations.c.id).where(
        conversations.c.id == conversation_id,
        _goes_on(conversations.c.id, helpdesk, ticket_id),
    )
    return tx.conn.execute(found).first() is not None


def approve(tx: Tx, act_id: int, comment: AgentComment) -> bool:
    """A second person agrees. False if it does not wait for one (any more)."""
    done = tx.conn.execute(
        update(acts)
        .where(acts.c.id == act_id, acts.c.state == HELD)
        .values(
            state=OPEN,
            approved_by=comment.author_name,
            approved_by_id=comment.author_id,
            approved_at=tx.now,
        )
    )
    return done.rowcount == 1


def settle(tx: Tx, act_id: int, state: str, because: str = "") -> None:
    tx.conn.execute(
        update(acts)
        .where(acts.c.id == act_id)
        .values(state=state, because=because, settled_at=tx.now)
    )


def last_deletion(tx: Tx, post_id: int) -> Asked | None:
    """Our own deletion of a post, if one was agreed to and not refused."""
    row = tx.conn.execute(
        select(acts)
        .where(
            acts.c.post_id == post_id,
            acts.c.act == Act.DELETE,
            acts.c.state.in_((OPEN, DONE, UNKNOWN)),
        )
        .order_by(acts.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _asked(row) if row else None


def take_echo(tx: Tx, post_id: int, act: Act, at: datetime) -> bool:
    """Whether what a network told at an instant is an act of ours coming back: each comes back
    once, and soon. The same instant gets the same answer when asked again."""
    rows = tx.conn.execute(
        select(acts.c.id, acts.c.asked_at, acts.c.settled_at, acts.c.echoed_at).where(
            acts.c.post_id == post_id,
            acts.c.act == act,
            acts.c.state.in_((OPEN, DONE, UNKNOWN)),
        )
    ).all()
    if any(row.echoed_at == at for row in rows):
        return True
    for row in rows:
        made = row.settled_at or row.asked_at
        if row.echoed_at is None and abs(at - made) <= ECHO_WITHIN:
            tx.conn.execute(update(acts).where(acts.c.id == row.id).values(echoed_at=at))
            return True
    return False


def counts(tx: Tx) -> dict[str, int]:
    """State → how many."""
    return tx.tally(acts.c.state)


def _on_ticket(helpdesk: str, ticket_id: str) -> ColumnElement[bool]:
    written_here = select(replies.c.comment_id).where(
        replies.c.helpdesk == helpdesk, replies.c.ticket_id == ticket_id
    )
    by_note = (acts.c.helpdesk == helpdesk) & acts.c.comment_id.in_(written_here)
    return or_(by_note, _goes_on(acts.c.conversation_id, helpdesk, ticket_id))


def _goes_on(conversation: Column[int], helpdesk: str, ticket_id: str) -> ColumnElement[bool]:
    was_here = select(tickets.c.conversation_id).where(
        tickets.c.helpdesk == helpdesk, tickets.c.ticket_id == ticket_id
    )
    is_here = select(conversations.c.id).where(conversations.c.ticket_id == ticket_id)
    return or_(conversation.in_(was_here), conversation.in_(is_here))


def _asked(row: Row[tuple[object, ...]]) -> Asked:
    return Asked(
        id=row.id,
        conversation_id=row.conversation_id,
        post_id=row.post_id,
        act=Act(row.act),
        reason=row.reason,
        comment_id=row.comment_id,
        state=row.state,
        because=row.because,
        asked_by=row.asked_by,
        asked_by_id=row.asked_by_id,
        asked_at=row.asked_at,
        approved_by=row.approved_by,
        approved_by_id=row.approved_by_id,
    )
