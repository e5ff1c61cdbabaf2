"""`#retry`: another try of a reply that failed, or the truth about one that still waits.

The one that is meant is named, or it is the newest: one that failed before that has been answered
for, and its words may be wrong by now.

A reply that waits keeps its place: what was answered after it must not arrive before it. So it is
not queued anew; the agent reads what it waits for.
"""

from __future__ import annotations

from bridge.flow import outcomes
from bridge.flow.bridge import Bridge
from bridge.flow.standing import is_paused
from bridge.ledger import Tx, acts, audit, conversations, holds, lanes, replies, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.ledger.steps import Step
from bridge.model import AgentComment, Outcome
from bridge.text.commands import Order

STEP = "retry"
ON_ITS_WAY = ("", Outcome.WILL_RETRY)


def asked(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """An agent wrote #retry on the conversation's ticket; it is acted upon or answered, once."""
    lane = lane_of(conversation.id)
    reply = _meant(bridge, tx, conversation, comment, order)
    waits = 0 if order.number else _held(tx, lane)
    if reply is not None and reply.outcome in replies.UNDELIVERED:
        theirs = conversations.one(tx, reply.conversation_id)
        if reply.id != _held(tx, lane_of(theirs.id)):
            try_again(tx, theirs, reply.id, f"{comment.author_name} wrote #retry")
            return
        waits = reply.id
    elif reply is not None and reply.outcome in ON_ITS_WAY:
        waits = waits or reply.id
    if waits:
        steps.add(tx, lane, STEP, f"{comment.id}:{waits}", account=conversation.account)
        return
    code, about = _instead(tx, conversation, comment, order, reply)
    note = f"{code}:{comment.id}:{about}"
    steps.add(tx, lane, "note", note, account=conversation.account)


def _meant(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> Taken | None:
    """The answer of that number on this ticket, the newest one where no number is given."""
    if not order.number:
        return replies.newest(tx, conversation.id, comment.ticket_id)
    if not order.number.startswith("r"):
        return None
    reply = replies.one(tx, int(order.number[1:]))
    if reply is None or reply.comment_id.startswith(replies.OF_MANY):
        return None
    if reply.draft is None and not reply.outcome:
        return None  # a note
    if reply.ticket_id == comment.ticket_id or acts.is_on_ticket(
        tx, bridge.desk, comment.ticket_id, reply.conversation_id
    ):
        return reply
    return None


def _instead(
    tx: Tx, conversation: Conversation, comment: AgentComment, order: Order, reply: Taken | None
) -> tuple[str, str]:
    """Why nothing is sent again, and of which answer that is said."""
    if order.number:
        held = reply is not None and reply.outcome == Outcome.HELD
        return "retry_held" if held else "nothing_to_retry", order.number
    hold = holds.newest_open(tx, conversation.id, comment.ticket_id)
    if hold is not None:
        return "retry_held", hold.number
    failed = replies.newest(tx, conversation.id, comment.ticket_id, failed=True)
    return ("retry_overtaken", f"r{failed.id}") if failed is not None else ("nothing_to_retry", "")


def try_again(tx: Tx, conversation: Conversation, reply_id: int, because: str) -> None:
    """Another attempt at a reply, with a receipt of its own."""
    attempt = replies.next_attempt(tx, reply_id)
    audit.add(tx, "another try", because, conversation_id=conversation.id)
    lane = lane_of(conversation.id)
    steps.add(tx, lane, "reply", f"{reply_id}:{attempt}", account=conversation.account)
    lanes.release_now(tx, lane)


def go_on(tx: Tx, reply: Taken, because: str) -> None:
    """What an admin asks for of an undelivered reply. One that waits for a sign-in at the head of
    its lane is tried there: queued anew, it would arrive after what was answered later."""
    conversation = conversations.one(tx, reply.conversation_id)
    lane = lane_of(conversation.id)
    if reply.outcome != Outcome.NEEDS_SIGN_IN or reply.id != _held(tx, lane):
        try_again(tx, conversation, reply.id, because)
        return
    audit.add(tx, "another try", because, conversation_id=conversation.id)
    lanes.release_now(tx, lane)


def tell_waiting(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Say on the ticket what a reply waits for, or that it has gone out meanwhile. Of any other
    end the ticket has been told."""
    comment_id, _, reply_id = step.about.partition(":")
    with bridge.ledger.reading() as tx:
        reply = replies.one(tx, int(reply_id))
        conversation = conversations.one(tx, int(lease.lane.partition(":")[2]))
        assert reply is not None
        lane = lane_of(reply.conversation_id)
        head = next(iter(steps.waiting(tx, lane, most=1)), step)
        waits = reply.outcome in ON_ITS_WAY or reply.id == _held(tx, lane)
    if reply.outcome == Outcome.DELIVERED:
        outcomes.tell_delivered(bridge, lease, reply)
    elif waits:
        code = _why(bridge, reply)
        detail = head.because if code == "retry_waits" else ""
        key = f"retry:{comment_id}"
        outcomes.tell(bridge, lease, conversation, key, code, detail, failed=False)


def _why(bridge: Bridge, reply: Taken) -> str:
    if is_paused(bridge, outcomes.conversation_of(bridge, reply).account):
        return "retry_paused"
    if reply.outcome == Outcome.NEEDS_SIGN_IN:
        return "retry_needs_sign_in"
    return "retry_waits"


def heads(tx: Tx, lane: str) -> int:
    """The reply at the head of a lane, 0 if something else is there."""
    return _reply_of(next(iter(steps.waiting(tx, lane, most=1)), None))


def _held(tx: Tx, lane: str) -> int:
    """The reply at the head of a lane that was tried and must wait, 0 if there is none. What stands
    behind it, or was found only now, has not failed."""
    head = next(iter(steps.waiting(tx, lane, most=1)), None)
    return _reply_of(head) if head is not None and head.tries else 0


def _reply_of(step: Step | None) -> int:
    return int(step.about.partition(":")[0]) if step is not None and step.kind == "reply" else 0
