"""A confirmed answer to many on its way: one lane for each account, one answer at a time.

Each is a reply of its own with its own intents, sent by the very way that any reply takes. Between
two of them the lane rests, so that the account's other answers are not held up by it.
"""

from __future__ import annotations

from datetime import timedelta

from bridge.errors import Again, Gone, NeedsSignIn, NobodyKnows, PersonMustAct
from bridge.flow import each_of_many, outcomes, taking_back, telling_many, unfolding
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.flow.sending import send
from bridge.flow.standing import is_paused, stands
from bridge.ledger import (
    Tx,
    audit,
    broadcast_sending,
    broadcasts,
    conversations,
    intents,
    lanes,
    posts,
    replies,
    storms,
)
from bridge.ledger.accounts import About, State
from bridge.ledger.broadcast_sending import Due
from bridge.ledger.conversations import lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.model import AgentComment, Outcome

TRIES = 5
"""How often one is tried whose network names no wait, before nobody knows what will become of it.
"""

CAME_TO = {
    Outcome.DELIVERED: broadcasts.DELIVERED,
    Outcome.REFUSED: broadcasts.REFUSED,
    Outcome.EXPIRED: broadcasts.REFUSED,
    Outcome.UNKNOWN: broadcasts.UNKNOWN,
}


class _LeftOut(Exception):
    """Nobody answers them any more, for this reason."""

    def __init__(self, why_not: str) -> None:
        super().__init__(why_not)
        self.why_not = why_not


def send_out(bridge: Bridge, lease: Lease) -> Pause:
    """The next one of this lane's account. What needs no sending needs no rest either."""
    account = lease.lane.partition(":")[2]
    while True:
        with bridge.ledger.reading() as tx:
            due = broadcast_sending.due(tx, account)
        if due is None:
            return Rest()
        if is_paused(bridge, account):
            return _waits(bridge, lease, due, account, "paused")
        if _is_to_be_read(bridge, due) and _is_taken_back(bridge, lease, due):
            continue
        if _was_sent(bridge, lease, due, account):
            return Rest(bridge.clock() + each_of_many.pace(bridge, account))


def _is_to_be_read(bridge: Bridge, due: Due) -> bool:
    """Whether the comment is read once more before it goes on: as often as the helpdesk is asked
    what has changed, which may have told nothing."""
    begun = due.broadcast.started_at
    if due.broadcast.state != broadcasts.SENDING or begun is None:
        return False
    every = timedelta(seconds=bridge.settings.reconcile_seconds)
    with bridge.ledger.reading() as tx:
        moved = broadcast_sending.moved_at(tx, due.broadcast)
    return (bridge.clock() - begun) // every > (moved - begun) // every


def _is_taken_back(bridge: Bridge, lease: Lease, due: Due) -> bool:
    try:
        return taking_back.is_taken_back_from_many(bridge, lease, due.broadcast)
    except PersonMustAct as no:
        raise Again(no.because, bridge.patience.sign_in.total_seconds()) from no


def _was_sent(bridge: Bridge, lease: Lease, due: Due, account: str) -> bool:
    """Whether the network was asked. Raises `Again` where the account must wait."""
    with bridge.ledger.reading() as tx:
        why_not = broadcast_sending.why_not(tx, due)
        begun = broadcast_sending.reply_to(tx, due.broadcast, due.post_id)
        before = replies.one(tx, begun) if begun else None
        may_be_out = before is not None and intents.may_be_out(tx, before.id)
    if before is not None and before.outcome in CAME_TO:
        _settle(bridge, lease, due, CAME_TO[Outcome(before.outcome)])
        return False
    if due.broadcast.state == broadcasts.STOPPED:
        _settle(bridge, lease, due, broadcasts.UNKNOWN if may_be_out else broadcasts.LEFT_OUT)
        return False
    if why_not and not may_be_out:
        _settle(bridge, lease, due, broadcasts.SKIPPED, why_not)
        return False
    reply = before or _reply(bridge, lease, due)
    if reply is None:
        return False
    _send(bridge, lease, due, reply, account)
    return True


def _reply(bridge: Bridge, lease: Lease, due: Due) -> Taken | None:
    """The reply of its own that an answer to one of many is. None if it was stopped meanwhile."""
    broadcast = due.broadcast
    draft = each_of_many.draft_to(bridge, broadcast, due.post_id)
    with bridge.ledger.writing() as tx:
        _fence(tx, lease, due)
        if not broadcast_sending.may_begin(tx, due):
            return None
        wrote = replies.one(tx, broadcast.reply_id)
        assert wrote is not None
        comment = AgentComment(
            id=broadcast_sending.comment_id(broadcast, due.post_id),
            ticket_id=wrote.ticket_id,
            text=broadcast.text,
            public=True,
            by_agent=True,
            author_id=wrote.author_id,
            author_name=wrote.author_name,
            created_at=wrote.written_at,
        )
        because = f"{broadcast.confirmed_by} wrote #answer-all {broadcast.number}"
        reply_id = replies.take(
            tx, bridge.desk, comment, broadcast.conversation_id,
            draft=draft, because=because, answers=due.post_id,
        )  # fmt: skip
        assert reply_id is not None
        reply = replies.one(tx, reply_id)
    assert reply is not None
    return reply


def _send(bridge: Bridge, lease: Lease, due: Due, reply: Taken, account: str) -> None:
    with bridge.ledger.reading() as tx:
        conversation = conversations.one(tx, due.broadcast.conversation_id)

    def still_wanted() -> None:
        with bridge.ledger.reading() as tx:
            why_not = broadcast_sending.why_not(tx, due)
        if why_not:
            raise _LeftOut(why_not)

    try:
        send(bridge, lease, reply, each_of_many.as_on(conversation, account), still_wanted)
    except _LeftOut as left:
        _leave_out(bridge, lease, due, reply, left.why_not)
    except NeedsSignIn as dead:
        stands(bridge, lease, account, State.NEEDS_SIGN_IN, dead.because, about=About.SENDING)
        if _too_late(bridge, due, account):
            _give_up(bridge, lease, due, reply, account, dead)
            return
        _tell_wait(bridge, lease, due, account, "needs_sign_in")
        raise Again(dead.because, bridge.patience.sign_in.total_seconds()) from dead
    except Gone as gone:
        outcomes.record(bridge, lease, reply, gone.outcome, "gone", gone.because)
        _settle(bridge, lease, due, broadcasts.SKIPPED, "gone")
    except PersonMustAct as refusal:
        outcomes.record(bridge, lease, reply, refusal.outcome, refusal.code, refusal.because)
        _settle(bridge, lease, due, broadcasts.REFUSED, refusal.code, refusal.because)
    except NobodyKnows as lost:
        _lost(bridge, lease, due, reply, lost.because)
    except Again as later:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            broadcast_sending.tried(tx, due)
        tried_enough = later.wait is None and due.tries + 1 >= TRIES
        if tried_enough or _too_late(bridge, due, account):
            _lost(bridge, lease, due, reply, later.because)
            return
        raise
    else:
        stands(bridge, lease, account, State.CONNECTED, about=About.SENDING)
        _settle(bridge, lease, due, broadcasts.DELIVERED)


def _leave_out(bridge: Bridge, lease: Lease, due: Due, reply: Taken, why_not: str) -> None:
    """Somebody whom it goes to no more. What was sent before, and is not found, may be out."""
    with bridge.ledger.reading() as tx:
        may_be_out = intents.may_be_out(tx, reply.id)
    if not may_be_out:
        _settle(bridge, lease, due, broadcasts.SKIPPED, why_not)
        return
    because = f"it was not found, and is not sent again: {why_not}"
    outcomes.record(bridge, lease, reply, Outcome.UNKNOWN, "unknown", because)
    _settle(bridge, lease, due, broadcasts.UNKNOWN)


def _lost(
    bridge: Bridge, lease: Lease, due: Due, reply: Taken, because: str, code: str = "gave_up"
) -> None:
    """It is not tried again: it may be out, or the network takes it from nobody."""
    with bridge.ledger.reading() as tx:
        may_be_out = intents.is_open(tx, reply.id)
    outcome = Outcome.UNKNOWN if may_be_out else Outcome.EXPIRED
    outcomes.record(bridge, lease, reply, outcome, "unknown" if may_be_out else code, because)
    _settle(bridge, lease, due, CAME_TO[outcome], "" if may_be_out else code, because)


def _settle(
    bridge: Bridge, lease: Lease, due: Due, state: str, code: str = "", because: str = ""
) -> None:
    with bridge.ledger.writing() as tx:
        _fence(tx, lease, due)
        is_last = broadcast_sending.settle(tx, due, state, code, because)
        _tell_own_ticket(tx, due)
        if is_last:
            _ended(bridge, tx, due)


def _tell_own_ticket(tx: Tx, due: Due) -> None:
    """Who was taken out while their answer was under way reads of it on their own ticket."""
    here = storms.member(tx, due.post_id)
    if here is None or here.state != storms.LEFT:
        return
    known = posts.one(tx, due.post_id)
    assert known.conversation_id is not None
    for each in broadcast_sending.went_under(tx, due.post_id):
        unfolding.tell_went(tx, known.conversation_id, known.account, each)


def _ended(bridge: Bridge, tx: Tx, due: Due) -> None:
    audit.add(
        tx, f"answer {due.broadcast.number} to many has gone out", "",
        conversation_id=due.broadcast.conversation_id,
    )  # fmt: skip
    telling_many.tell_end(bridge, tx, due.broadcast)


def _too_late(bridge: Bridge, due: Due, account: str) -> bool:
    """Whether nothing of it has gone out on an account for longer than a reply is tried."""
    with bridge.ledger.reading() as tx:
        since = broadcast_sending.tried_since(tx, due, account)
    return bridge.clock() - since > bridge.patience.give_up


def _give_up(
    bridge: Bridge, lease: Lease, due: Due, reply: Taken, account: str, dead: NeedsSignIn
) -> None:
    """Nobody has signed in for so long that what was to be said is not true any more: what was not
    sent on this account is not sent, and the ticket says so."""
    with bridge.ledger.writing() as tx:
        _fence(tx, lease, due)
        broadcast_sending.give_up(tx, due, account, dead.code, dead.because)
    _lost(bridge, lease, due, reply, dead.because, dead.code)


def _fence(tx: Tx, lease: Lease, due: Due) -> None:
    """As every lane's; the incident's stands still before, as for whoever stops it there."""
    lanes.stand_still(tx, lane_of(due.broadcast.conversation_id))
    lanes.fence(tx, lease)


def _waits(bridge: Bridge, lease: Lease, due: Due, account: str, code: str) -> Pause:
    _tell_wait(bridge, lease, due, account, code)
    return Rest(bridge.clock() + bridge.patience.sign_in)


def _tell_wait(bridge: Bridge, lease: Lease, due: Due, account: str, code: str) -> None:
    with bridge.ledger.writing() as tx:
        _fence(tx, lease, due)
        telling_many.tell_wait(bridge, tx, due.broadcast, account, code)
