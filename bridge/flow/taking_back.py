"""Agents take back what they wrote: a comment is redacted, or made internal, while its reply waits.

The helpdesk tells of neither by itself, and the words that were taken up are kept as they were. So
the comments are read once more where a reply waits, or failed and might be sent once more; what no
longer stands there as it was taken up is not sent. An answer to many may wait, or be under way, for
hours.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bridge.errors import Again, Gone, Misconfigured, NeedsSignIn, PersonMustAct
from bridge.flow import answering_many
from bridge.flow.bridge import Bridge
from bridge.flow.retrying import heads
from bridge.helpdesks.contract import CommentNow
from bridge.ledger import (
    Tx,
    asides,
    audit,
    broadcasts,
    conversations,
    intents,
    lanes,
    replies,
    steps,
)
from bridge.ledger.broadcasts import Broadcast
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
    """Withdraw what waits on a ticket and was taken back there, and stop what is under way to many.
    What was written only just now to one and has not failed is on its way out. Raises `Again` while
    another lane sends one of them."""
    with bridge.ledger.reading() as tx:
        unsent = replies.unsent_on(tx, bridge.desk, ticket_id)
        to_many = broadcasts.unsent_on(tx, bridge.desk, ticket_id)
        is_old = any(each.outcome or _is_long(bridge, tx.now - each.written_at) for each in unsent)
    if not is_old and not to_many:
        return
    found = _comments(bridge, ticket_id)
    for broadcast in to_many:
        _take_back_many(bridge, lease, broadcast, found)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        for reply in replies.unsent_on(tx, bridge.desk, ticket_id):
            _take_back(tx, lease, reply, found)


def is_taken_back(bridge: Bridge, lease: Lease, reply: Taken, step: Step) -> bool:
    """Whether a reply that is about to be sent is withdrawn by now. Where it waited for no longer
    than it takes to be told what changes on tickets, it is not asked."""
    if not _is_long(bridge, bridge.clock() - min(step.made_at, reply.written_at)):
        return False
    found = _comments(bridge, reply.ticket_id)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        return _take_back(tx, lease, reply, found)


def is_taken_back_from_many(bridge: Bridge, lease: Lease, broadcast: Broadcast) -> bool:
    """Whether an answer to many, of which one more is about to be sent, is stopped by now."""
    with bridge.ledger.reading() as tx:
        wrote = replies.one(tx, broadcast.reply_id)
    assert wrote is not None
    return _take_back_many(bridge, lease, broadcast, _comments(bridge, wrote.ticket_id))


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


def _take_back_many(
    bridge: Bridge, lease: Lease, seen: Broadcast, comments: tuple[CommentNow, ...]
) -> bool:
    """True if nothing of it is to be sent any more."""
    with bridge.ledger.writing() as tx:
        # First, as whoever sends it does; and the lanes of its accounts before one's own, which may
        # be among them.
        lanes.stand_still(tx, lane_of(seen.conversation_id))
        broadcast = broadcasts.one(tx, seen.id)
        wrote = replies.one(tx, broadcast.reply_id)
        assert wrote is not None
        now = next((each for each in comments if each.id == wrote.comment_id), None)
        because = _differs(now, broadcast.text) if now else ""
        is_over = bool(because) and answering_many.take_back(bridge, tx, broadcast, because)
        lanes.fence(tx, lease)
    return is_over


def _changed(reply: Taken, now: CommentNow) -> str:
    """What was done to a comment since it was taken up, "" for nothing."""
    if reply.draft is None:
        return ""
    if now.public and GONE in draft_to_json(reply.draft):
        return ""
    return _differs(now, reply.draft.text, *(each.filename for each in reply.draft.attachments))


def _differs(now: CommentNow, text: str, *files: str) -> str:
    """How a comment stands otherwise than it was taken up, "" where it does not."""
    if not now.public:
        return "the comment was made internal"
    if GONE in text:
        return ""  # the ledger has less of it, by an erasure
    _, left = take_command(now.text)
    # Two calls may tell blanks differently.
    is_whole = left.split() == text.split() and not Counter(files) - Counter(now.files)
    return "" if is_whole else "the comment was redacted"
