"""What agents decide, in a note, about a reply that was held back.

`#anyway` lets it go as it is, `#dm` sends it privately instead, `#approve` is a second person's
yes, `#withdraw` drops it. Without a number the newest is meant. Whoever decides is in the trail.
"""

from __future__ import annotations

from bridge.flow import moderating
from bridge.flow.bridge import Bridge
from bridge.flow.retrying import try_again
from bridge.ledger import Tx, acts, audit, conversations, holds, intents, replies, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.holds import Hold
from bridge.ledger.replies import Taken
from bridge.model import AgentComment, Outcome
from bridge.text.commands import Order


def anyway(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """As it is, on this agent's word; not where a second person is needed."""
    reply = _meant(bridge, tx, conversation, comment, order)
    if reply is None:
        return
    hold = _hold(tx, reply)
    if hold.needs_second:
        _answer(tx, conversation, comment, "hold_needs_second", hold.number)
        return
    _release(tx, conversation, comment, order, reply)


def approve(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """A second person's yes, to a reply or to an act."""
    if order.number.startswith("a") or (not order.number and _act_is_newer(bridge, tx, comment)):
        moderating.approve(bridge, tx, conversation, comment, order)
        return
    reply = _meant(bridge, tx, conversation, comment, order)
    if reply is None:
        return
    if not comment.author_id or comment.author_id == reply.author_id:
        _answer(tx, conversation, comment, "hold_same_person", f"r{reply.id}")
        return
    _release(tx, conversation, comment, order, reply)


def privately(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """To the person alone: from here on it is a private answer to a public post like any other."""
    reply = _meant(bridge, tx, conversation, comment, order)
    if reply is None or not _decided(tx, conversation, comment, order, reply, holds.PRIVATE):
        return
    replies.go_private(tx, reply.id, f"{comment.author_name} wrote #dm when it was held")
    _goes_out(tx, comment, order, reply)


def withdraw(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """It is not sent at all."""
    reply = _meant(bridge, tx, conversation, comment, order)
    if reply is None or not _decided(tx, conversation, comment, order, reply, holds.WITHDRAWN):
        return
    because = f"{comment.author_name} wrote #withdraw"
    replies.came_to(tx, reply.id, Outcome.WITHDRAWN)
    intents.note(tx, Outcome.WITHDRAWN, reply_id=reply.id, because=because)
    _answer(tx, conversation, comment, "withdrawn", f"r{reply.id}")


def _act_is_newer(bridge: Bridge, tx: Tx, comment: AgentComment) -> bool:
    """Whether the newest thing on a ticket that waits for a second person is an act."""
    act = acts.newest_held(tx, bridge.desk, comment.ticket_id)
    if act is None:
        return False
    hold = holds.newest_open(tx, act.conversation_id, comment.ticket_id)
    return hold is None or hold.held_at < act.asked_at


def _meant(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> Taken | None:
    """The held reply that an order is about; None where there is none, and the ticket is told."""
    if not order.number:
        hold = holds.newest_open(tx, conversation.id, comment.ticket_id)
        reply = replies.one(tx, hold.reply_id) if hold else None
    elif order.number.startswith("r"):
        reply = replies.one(tx, int(order.number[1:]))
    else:
        reply = None
    if reply is None or not (
        reply.ticket_id == comment.ticket_id
        or acts.is_on_ticket(tx, bridge.desk, comment.ticket_id, reply.conversation_id)
    ):
        _answer(tx, conversation, comment, "hold_none", order.number)
        return None
    hold = holds.of_reply(tx, reply.id)
    if hold is None:
        _answer(tx, conversation, comment, "hold_none", order.number)
        return None
    if hold.state != holds.OPEN:
        _answer(tx, conversation, comment, "hold_decided", hold.number)
        return None
    return reply


def _hold(tx: Tx, reply: Taken) -> Hold:
    hold = holds.of_reply(tx, reply.id)
    assert hold is not None
    return hold


def _release(
    tx: Tx, conversation: Conversation, comment: AgentComment, order: Order, reply: Taken
) -> None:
    if _decided(tx, conversation, comment, order, reply, holds.RELEASED):
        _goes_out(tx, comment, order, reply)


def _decided(
    tx: Tx,
    conversation: Conversation,
    comment: AgentComment,
    order: Order,
    reply: Taken,
    state: str,
) -> bool:
    """Put down who decided what. False if somebody else has just done so."""
    if not holds.settle(tx, reply.id, state, comment):
        _answer(tx, conversation, comment, "hold_decided", f"r{reply.id}")
        return False
    found = ", ".join(dict.fromkeys(each.code for each in _hold(tx, reply).found))
    what = f"{comment.author_name} wrote #{order.command} r{reply.id}"
    audit.add(tx, what, f"it was held: {found}", conversation_id=reply.conversation_id)
    return True


def _goes_out(tx: Tx, comment: AgentComment, order: Order, reply: Taken) -> None:
    """Now, behind whatever waits in its lane already."""
    theirs = conversations.one(tx, reply.conversation_id)
    try_again(tx, theirs, reply.id, f"{comment.author_name} wrote #{order.command}")


def _answer(
    tx: Tx, conversation: Conversation, comment: AgentComment, code: str, number: str
) -> None:
    about = f"{code}:{comment.id}:{number}"
    steps.add(tx, lane_of(conversation.id), "note", about, account=conversation.account)
