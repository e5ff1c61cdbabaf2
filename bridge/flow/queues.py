"""What a person does about what waits for one: take it up again, or say that it needs nothing.

Each returns False where the item is not, or no longer, one that waits. `who` is put down with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.errors import Again, PersonMustAct
from bridge.flow import lanes as names
from bridge.flow import taking_back
from bridge.flow.retrying import go_on, heads, try_again
from bridge.ledger import (
    Tx,
    asides,
    audit,
    conversations,
    deliveries,
    intents,
    lanes,
    replies,
    steps,
)
from bridge.ledger.replies import Taken
from bridge.model import Outcome

WAITING = (*replies.UNDELIVERED, str(Outcome.HELD))


def take_up(tx: Tx, delivery_id: int, who: str) -> bool:
    """A delivery is looked at once more. What is here already is recognised."""
    source = deliveries.again(tx, delivery_id)
    if source is None:
        return False
    audit.add(tx, "taken up again", who, delivery_id=delivery_id)
    lanes.release_now(tx, names.intake(source))
    return True


def dismiss(tx: Tx, delivery_id: int, who: str) -> bool:
    """A delivery needs nothing."""
    if deliveries.dismiss(tx, delivery_id) is None:
        return False
    audit.add(tx, "dismissed", who, delivery_id=delivery_id)
    return True


def take_up_step(tx: Tx, step_id: int, who: str) -> bool:
    """A step is done after all."""
    lane = steps.again(tx, step_id)
    if lane is None:
        return False
    _put_down(tx, lane, "step taken up again", who)
    return True


def dismiss_step(tx: Tx, step_id: int, who: str) -> bool:
    """A step need not be done."""
    lane = steps.dismiss(tx, step_id)
    if lane is None:
        return False
    _put_down(tx, lane, "step dismissed", who)
    return True


@dataclass(frozen=True, slots=True)
class Seen:
    """A reply as it stood where somebody decided about it."""

    outcome: str
    attempt: int


class Changed(PersonMustAct):
    """It waits, but not as it was seen: a try of it may have gone out since."""


def retry(tx: Tx, reply_id: int, who: str, seen: Seen | None = None) -> bool:
    """An undelivered reply is sent once more. Raises `Changed` where it is not as it was `seen`,
    None for whoever names it without having looked."""
    reply = _as_seen(_still(tx, reply_id), seen)
    if reply is None or reply.outcome not in replies.UNDELIVERED:
        return False
    go_on(tx, reply, who)
    return True


def look_again(tx: Tx, reply_id: int, who: str, by: str, seen: Seen | None = None) -> bool:
    """A reply that is held back goes to the guard once more, by the mapping as it is now. Raises
    `Changed` as `retry` does."""
    reply = _as_seen(_still(tx, reply_id), seen)
    if reply is None or reply.outcome != Outcome.HELD:
        return False
    asides.close_holds(tx, reply_id, asides.AGAIN, by)
    try_again(tx, conversations.one(tx, reply.conversation_id), reply_id, who)
    return True


class UnderWay(Again):
    """A worker has it in hand: what becomes of it is known in a moment."""


def withdraw(tx: Tx, reply_id: int, who: str, by: str) -> bool:
    """A reply that was not delivered, or is held back, is not to be sent any more. The ticket is
    told: whoever reads it has to know that the customer gets no answer by itself.

    Raises `UnderWay` while it is being sent."""
    reply = _still(tx, reply_id)
    if reply is None or reply.outcome not in WAITING:
        return False
    conversation = conversations.one(tx, reply.conversation_id)
    lane = conversations.lane_of(conversation.id)
    if lanes.stand_still(tx, lane) and heads(tx, lane) == reply_id:
        raise UnderWay(f"r{reply_id} is being sent at this moment, so it was not withdrawn")
    asides.close_holds(tx, reply_id, asides.WITHDRAWN, by)
    may_be_out = reply.outcome == Outcome.UNKNOWN or intents.may_be_out(tx, reply_id)
    taking_back.withdraw(
        tx, reply, conversation, who, "dropped_unknown" if may_be_out else "dropped"
    )
    return True


def _still(tx: Tx, reply_id: int) -> Taken | None:
    """The reply as it is, and stays until this is decided: of two people who click at once, and of
    a worker who is at it, the second finds what the first has done."""
    reply = replies.one(tx, reply_id)
    if reply is None or reply.comment_id.startswith(replies.OF_MANY):
        return None
    lanes.stand_still(tx, conversations.lane_of(reply.conversation_id))
    return replies.one(tx, reply_id)


def _as_seen(reply: Taken | None, seen: Seen | None) -> Taken | None:
    if reply is None or seen is None or reply.outcome not in WAITING:
        return reply
    if seen == Seen(reply.outcome, reply.attempt):
        return reply
    now = reply.outcome.replace("_", " ")
    where = "the thread" if reply.outcome == Outcome.UNKNOWN else "it"
    raise Changed(
        f"r{reply.id} has changed since this page was shown, so nothing was done: it is now {now}."
        f" Look at {where} before you decide anew"
    )


def _put_down(tx: Tx, lane: str, what: str, who: str) -> None:
    audit.add(tx, what, who, conversation_id=asides.conversation_still(tx, lane))
