"""What agents ask to be done to a post besides answering it, and who must agree.

Hiding, deleting and blocking need a reason, and deleting a second person: criticism is not to be
swept away by one click. Likes, and whatever puts things back, are done at once. The note itself is
the proof of who asked: the helpdesk says who wrote it.
"""

from __future__ import annotations

from bridge.channels.contract import Moderates
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, acts, audit, conversations, posts, steps
from bridge.ledger.acts import Asked
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.posts import Known
from bridge.model import Act, AgentComment, Post
from bridge.text.commands import Order

STEP = "act"
NEED_REASON = frozenset({Act.HIDE, Act.DELETE, Act.BLOCK})
NEED_SECOND = frozenset({Act.DELETE})


def possible(bridge: Bridge, post: Post, known: Known) -> tuple[Act, ...]:
    """What the network lets us do to a post, or to its author, as things stand. Calls nobody."""
    channel = bridge.channels.get(known.account)
    if known.by_us or known.state == posts.GONE or not isinstance(channel, Moderates):
        return ()
    can = channel.acts(post)
    return tuple(act for act in Act if act in can)


def asked(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """An agent wants something done to a post: it is put down, and done (or refused) in turn."""
    act = Act(order.command)
    known = _post(bridge, tx, comment, order)
    if known is None or known.conversation_id is None:
        _tell_later(tx, conversation, "act_not_here", comment)
        return
    because = _why_not(bridge, tx, known, act, order.reason)
    state = acts.OPEN if act not in NEED_SECOND else acts.HELD
    made = acts.ask(
        tx,
        bridge.desk,
        comment,
        conversation_id=known.conversation_id,
        post_id=known.id,
        act=act,
        reason=order.reason,
        state=acts.REFUSED if because else state,
        because=because,
    )
    if made is not None:
        what = f"{comment.author_name} asked for #{act} p{known.id} ({made.number})"
        audit.add(tx, what, because or made.reason, conversation_id=made.conversation_id)
        _in_turn(tx, made)


def approve(
    bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """A second person agrees to an act, `a7` or the newest that waits for one."""
    held = _held(bridge, tx, comment, order)
    if held is None:
        _tell_later(tx, conversation, "act_nothing_to_approve", comment)
        return
    if not comment.author_id or comment.author_id == held.asked_by_id:
        _tell_later(tx, conversation, "act_same_person", comment)
        return
    if acts.approve(tx, held.id, comment):
        what = f"{comment.author_name} agreed to #{held.act} p{held.post_id} ({held.number})"
        audit.add(tx, what, held.reason, conversation_id=held.conversation_id)
        _in_turn(tx, acts.one(tx, held.id))


def _held(bridge: Bridge, tx: Tx, comment: AgentComment, order: Order) -> Asked | None:
    if not order.number:
        return acts.newest_held(tx, bridge.desk, comment.ticket_id)
    if not order.number.startswith("a"):
        return None
    found = acts.find(tx, bridge.desk, comment.ticket_id, int(order.number[1:]))
    return found if found is not None and found.needs_second else None


def _post(bridge: Bridge, tx: Tx, comment: AgentComment, order: Order) -> Known | None:
    """The post that is meant, None where it is none of this ticket's."""
    if not order.number.startswith("p"):
        return None
    known = posts.if_there(tx, int(order.number[1:]))
    if known is None or known.conversation_id is None:
        return None
    here = acts.is_on_ticket(tx, bridge.desk, comment.ticket_id, known.conversation_id)
    return known if here else None


def _why_not(bridge: Bridge, tx: Tx, known: Known, act: Act, reason: str) -> str:
    """Why it is not done, "" if nothing speaks against it."""
    if known.state == posts.GONE:
        return acts.why("act_gone", f"p{known.id}")
    can = possible(bridge, posts.newest_revision(tx, known.id), known)
    if not can:
        return acts.why("act_none_possible")
    if act not in can:
        return acts.why("act_not_possible", ", ".join(f"#{one}" for one in can))
    if act in NEED_REASON and not reason:
        return acts.why("act_needs_reason", f"#{act} p{known.id} …")
    return ""


def _in_turn(tx: Tx, made: Asked) -> None:
    theirs = conversations.one(tx, made.conversation_id)
    about = f"{made.id}:{made.state}"
    steps.add(tx, lane_of(theirs.id), STEP, about, account=theirs.account)


def _tell_later(tx: Tx, conversation: Conversation, code: str, comment: AgentComment) -> None:
    about = f"{code}:{comment.id}"
    steps.add(tx, lane_of(conversation.id), "note", about, account=conversation.account)
