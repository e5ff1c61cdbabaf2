"""`#retry`: another try of the last reply that failed, or the truth about one that still waits.

A reply that waits keeps its place: what was answered after it must not arrive before it. So it is
not queued anew; the agent reads what it waits for.
"""

from __future__ import annotations

from bridge.flow import outcomes
from bridge.flow.bridge import Bridge
from bridge.flow.standing import is_paused
from bridge.ledger import Tx, audit, conversations, holds, lanes, replies, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.ledger.steps import Step
from bridge.model import AgentComment, Outcome
from bridge.text.commands import Order

STEP = "retry"


def asked(
    _bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, _order: Order
) -> None:
    """An agent wrote #retry on the conversation's ticket; it is acted upon or answered, once."""
    lane = lane_of(conversation.id)
    held = _held(tx, lane)
    failed = replies.last_undelivered(tx, conversation.id, comment.ticket_id)
    if failed is not None and failed.id > held:
        theirs = conversations.one(tx, failed.conversation_id)
        if failed.id != _held(tx, lane_of(theirs.id)):
            try_again(tx, theirs, failed.id, f"{comment.author_name} wrote #retry")
            return
        held = failed.id
    kept = holds.newest_open(tx, conversation.id, comment.ticket_id)
    if held:
        steps.add(tx, lane, STEP, f"{comment.id}:{held}", account=conversation.account)
    elif kept is not None:
        code = "retry_held"
        about = f"{code}:{comment.id}:{kept.number}"
        steps.add(tx, lane, "note", about, account=conversation.account)
    else:
        code = "nothing_to_retry"
        steps.add(tx, lane, "note", f"{code}:{comment.id}", account=conversation.account)


def try_again(tx: Tx, conversation: Conversation, reply_id: int, because: str) -> None:
    """Another attempt at a reply, with a receipt of its own."""
    attempt = replies.next_attempt(tx, reply_id)
    audit.add(tx, "another try", because, conversation_id=conversation.id)
    lane = lane_of(conversation.id)
    steps.add(tx, lane, "reply", f"{reply_id}:{attempt}", account=conversation.account)
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
        waits = reply.id == _held(tx, lane)
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


def _held(tx: Tx, lane: str) -> int:
    """The reply at the head of a lane that was tried and must wait, 0 if there is none. What stands
    behind it, or was found only now, has not failed."""
    head = next(iter(steps.waiting(tx, lane, most=1)), None)
    if head is None or head.kind != "reply" or not head.tries:
        return 0
    return int(head.about.partition(":")[0])
