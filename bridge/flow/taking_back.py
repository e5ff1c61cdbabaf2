"""Agents take back what they wrote: a comment is redacted, or made internal, while its reply waits.

The helpdesk tells of neither by itself, and the words that were taken up are kept as they were. So
the comments are read once more where a reply waits, or failed and might be sent once more; what no
longer stands there as it was taken up is not sent.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bridge.errors import Again, Gone, Misconfigured, NeedsSignIn, PersonMustAct
from bridge.flow.bridge import Bridge
from bridge.flow.retrying import heads
from bridge.helpdesks.contract import CommentNow
from bridge.ledger import Tx, asides, audit, conversations, intents, lanes, replies, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.ledger.shapes import draft_to_json
from bridge.ledger.steps import Step
from bridge.ledger.traces import GONE
from bridge.model import Outcome
from bridge.text.commands import take_command

SOON = 2.0
"""Seconds: another lane has one reply in hand."""


def look_again(bridge: Bridge, lease: Lease, ticket_id: str) -> None:
    """Withdraw what waits on a ticket and was taken back there. What was written only just now and
    has not failed is on its way out. Raises `Again` while another lane sends one of them."""
    with bridge.ledger.reading() as tx:
        unsent = replies.unsent_on(tx, bridge.desk, ticket_id)
        if not any(each.outcome or _is_long(bridge, tx.now - each.written_at) for each in unsent):
            return
    found = _comments(bridge, ticket_id)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        for reply in replies.unsent_on(tx, bridge.desk, ticket_id):
            _take_back(tx, lease, reply, found)


def is_taken_back(bridge: Bridge, lease: Lease, reply: Taken, step: Step) -> bool:
    """Whether a reply that is about to be sent is withdrawn by now. Where it waited for no longer
    than it takes to be told what changes on tickets, it is not asked."""
    if not _is_long(bridge, bridge.clock() - step.made_at):
        return False
    found = _comments(bridge, reply.ticket_id)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        return _take_back(tx, lease, reply, found)


def withdraw(tx: Tx, reply: Taken, conversation: Conversation, because: str, code: str) -> None:
    """It is not tried any more, and the ticket is told why. The lane is the caller's, or stands
    still."""
    lane = lane_of(conversation.id)
    asides.drop_reply_steps(tx, conversation.id, reply.id)
    lanes.release_now(tx, lane)
    replies.came_to(tx, reply.id, Outcome.WITHDRAWN)
    intents.note(tx, Outcome.WITHDRAWN, reply_id=reply.id, because=because)
    audit.add(tx, f"reply {Outcome.WITHDRAWN}", because, conversation_id=conversation.id)
    about = f"{code}:{reply.id}:r{reply.id}"
    steps.add(tx, lane, "note", about, account=conversation.account)


def _is_long(bridge: Bridge, waited: timedelta) -> bool:
    return waited > timedelta(seconds=bridge.settings.reconcile_seconds)


def _comments(bridge: Bridge, ticket_id: str) -> tuple[CommentNow, ...]:
    try:
        return bridge.helpdesk.comments_now(ticket_id)
    except Gone:
        return ()
    except (NeedsSignIn, Misconfigured):
        raise
    except PersonMustAct as no:
        raise Again(no.because, bridge.patience.sign_in.total_seconds()) from no


def _take_back(tx: Tx, lease: Lease, reply: Taken, comments: tuple[CommentNow, ...]) -> bool:
    """True if it is not to be sent any more."""
    now = next((each for each in comments if each.id == reply.comment_id), None)
    because = _changed(reply, now) if now else ""
    if not because:
        return False
    conversation = conversations.one(tx, reply.conversation_id)
    lane = lane_of(conversation.id)
    if lane != lease.lane and lanes.stand_still(tx, lane) and heads(tx, lane) == reply.id:
        raise Again(f"r{reply.id} is being sent at this moment", SOON)
    asides.close_holds(tx, reply.id, asides.WITHDRAWN, reply.author_name)
    may_be_out = reply.outcome == Outcome.UNKNOWN or intents.may_be_out(tx, reply.id)
    code = "taken_back_unknown" if may_be_out else "taken_back"
    withdraw(tx, reply, conversation, because, code)
    return True


def _changed(reply: Taken, now: CommentNow) -> str:
    """What was done to a comment since it was taken up, "" for nothing."""
    if reply.draft is None:
        return ""
    if not now.public:
        return "the comment was made internal"
    if GONE in draft_to_json(reply.draft):
        return ""  # the ledger has less of it, by an erasure
    _, text = take_command(now.text)
    files = Counter(each.filename for each in reply.draft.attachments) - Counter(now.files)
    # Two calls may tell blanks differently.
    return "the comment was redacted" if files or text.split() != reply.draft.text.split() else ""
