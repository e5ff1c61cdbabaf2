"""Sending a reply: checked against the network's limits, shaped, each part sent once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bridge.channels.contract import Channel, FindsOwn, Limits, Once
from bridge.errors import (
    Gone,
    NeedsSignIn,
    NobodyKnows,
    PersonMustAct,
)
from bridge.flow import promises
from bridge.flow.allowed import NotAllowed, Way, check, way_of
from bridge.flow.bridge import Bridge
from bridge.flow.filling import filled
from bridge.flow.messages import as_reply, parts, unfetched
from bridge.flow.once import Body, Deed, Look, do_once, look_again
from bridge.flow.standing import helpdesk_signed_out
from bridge.flow.threads import handover_key
from bridge.ledger import (
    Tx,
    audit,
    conversations,
    intents,
    lanes,
    posts,
    replies,
    reports,
    steps,
    written,
)
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.ledger.shapes import Draft, draft_to_json
from bridge.model import DAY, File, Outcome, Receipt, Visibility

SAFE = frozenset({Once.DETERMINISTIC_ID, Once.UPSERT, Once.RECEIVER_DEDUPES, Once.SECOND_REFUSED})


@dataclass(frozen=True, slots=True)
class Trip:
    """Everything that one reply's way to the network needs. `earlier` is what was tried before,
    `still_wanted` raises what keeps it from being sent."""

    way: Way
    lease: Lease
    reply: Taken
    earlier: tuple[Intent, ...]
    still_wanted: Callable[[], None]


def _always() -> None:
    return None


def send(
    bridge: Bridge,
    lease: Lease,
    reply: Taken,
    conversation: Conversation,
    still_wanted: Callable[[], None] = _always,
) -> None:
    """Send all parts of a reply, each once. Raises the kinds of `bridge.errors`, and what
    `still_wanted` raises: it is asked before each part is sent, after what was sent before is
    looked for."""
    if reply.draft is None or reply.answers is None:
        raise _unanswered(bridge, reply, conversation)
    way, draft = way_of(bridge, conversation, reply.draft, reply.answers, reply_id=reply.id)
    with bridge.ledger.reading() as tx:
        earlier = intents.of_reply(tx, reply.id)
    draft = as_asked(bridge, reply, draft)
    trip = Trip(way, lease, reply, earlier, still_wanted)
    messages = parts(bridge, way.channel, way.limits, draft)
    previous = ""
    for number, part in enumerate(messages, 1):
        if previous:
            part = replace(part, in_reply_to=previous, answers=None)
        previous = _wherever(trip, part, number, last=number == len(messages)).id


def as_asked(bridge: Bridge, reply: Taken, draft: Draft) -> Draft:
    """With its placeholders filled in. Raises `NotAllowed` where that cannot be done."""
    with bridge.ledger.reading() as tx:
        about = f"{reply.id}:{reply.attempt}"
        asked_at = steps.asked_at(tx, lane_of(reply.conversation_id), "reply", about)
    return filled(bridge, draft, agent=reply.author_name, at=asked_at or reply.written_at)


def _unanswered(bridge: Bridge, reply: Taken, conversation: Conversation) -> NotAllowed:
    """A reply that answers nothing: there is nothing, or it was to be public and all is private."""
    with bridge.ledger.reading() as tx:
        private = posts.last_private_at(tx, conversation.id)
    if private is None:
        return NotAllowed("nothing_to_answer", reply.because)
    return NotAllowed("no_public_way", "")


def _wherever(trip: Trip, draft: Draft, number: int, *, last: bool) -> Receipt:
    """In the thread, or, if what is answered privately has vanished without our knowing, to the
    person alone."""
    try:
        return _part(trip, draft, number, last=last)
    except Gone:
        if draft.visibility is Visibility.PUBLIC or not draft.in_reply_to:
            raise
    return _part(trip, replace(draft, in_reply_to="", answers=None), number, last=last)


def _part(trip: Trip, draft: Draft, number: int, *, last: bool) -> Receipt:
    """One message. What an earlier attempt delivered, or can be found to have delivered, is not
    sent again."""
    bridge, channel, conversation = trip.way.bridge, trip.way.channel, trip.way.conversation
    stem = f"{conversation.external_id}:reply:{trip.reply.id}:{number}:"

    files: list[File] = []

    def ready() -> None:
        # Here and not before: what was sent, and is looked for, is past all checks.
        trip.still_wanted()
        check(trip.way, draft)
        files[:] = _files(bridge, trip.lease, trip.way.limits, draft)

    def then(tx: Tx, _intent: Intent, receipt: Receipt) -> None:
        told = reports.failure(tx, conversation.account, receipt.id)
        if told is not None:  # sooner than its receipt
            lane = lane_of(conversation.id)
            steps.add(tx, lane, "report", str(told.id), account=conversation.account)
        if last:
            _sent(tx, trip, receipt)

    look = finder(bridge, channel)
    deed = Deed(
        key=f"{stem}{trip.reply.attempt}",
        kind="send",
        far_side=conversation.account,
        conversation_id=conversation.id,
        reply_id=trip.reply.id,
        compose=lambda: Body(draft_to_json(draft)),
        ready=ready,
        act=lambda intent: channel.send(as_reply(intent, tuple(files))),
        look=look,
        then=then,
        safe=trip.way.limits.once in SAFE,
        gives_up=True,
    )
    for before in trip.earlier:
        if before.key == deed.key or not before.key.startswith(stem):
            continue
        receipt = before.receipt
        if receipt is None and before.in_doubt and look:
            receipt = _meanwhile(bridge, before, look)
        if receipt is not None and not _failed_since(trip, receipt):
            with bridge.ledger.writing() as tx:
                lanes.fence(tx, trip.lease)
                intents.settle(tx, before, receipt, because="found on the network")
                then(tx, before, receipt)
            return receipt
    return do_once(bridge, trip.lease, deed)


def _meanwhile(bridge: Bridge, before: Intent, look: Look) -> Receipt | None:
    """What has become of an earlier try. Where nobody can tell, a person was asked to look: another
    try is their word that it is missing."""
    try:
        return look_again(bridge, before, look)
    except NobodyKnows:
        return None


def _failed_since(trip: Trip, receipt: Receipt) -> bool:
    """Whether the network has said of a message that it had taken that it did not arrive."""
    with trip.way.bridge.ledger.reading() as tx:
        return reports.failure(tx, trip.way.conversation.account, receipt.id) is not None


def _sent(tx: Tx, trip: Trip, receipt: Receipt) -> None:
    """The last part is out: in the same transaction as its receipt, what must follow is queued."""
    reply, conversation = trip.reply, trip.way.conversation
    replies.came_to(tx, reply.id, Outcome.DELIVERED)
    promises.answered(tx, conversation, f"reply:{reply.id}")
    audit.add(tx, "reply delivered", reply.because, conversation_id=conversation.id)
    assert reply.draft is not None
    assert reply.answers is not None
    answered = posts.one(tx, reply.answers)
    if reply.draft.visibility is Visibility.PRIVATE and answered.visibility is Visibility.PUBLIC:
        lane = lane_of(conversation.id)
        steps.add(tx, lane, "notice", str(reply.id), account=conversation.account)
        to = reply.draft.to
        if trip.way.limits.one_private_thread and conversation.requester == (to.network, to.id):
            # What they answer is on its requester's ticket, who reads it: nobody else's goes there.
            key = handover_key(receipt.to or to.id)
            conversations.lead(tx, conversation.account, key, conversation.id)
            conversations.heard(tx, conversation.id, tx.now)


def finder(bridge: Bridge, channel: Channel) -> Look | None:
    """How to find on the network what an intent has become, None where there is no way.

    What the network told of by itself needs no asking. Where it is the only one that can tell, a
    message that it did not tell of is one that nobody knows of.
    """
    can_ask = isinstance(channel, FindsOwn)
    if not can_ask and channel.limits().once is not Once.MARK_IN_ECHO:
        return None

    def find(intent: Intent) -> Receipt | None:
        with bridge.ledger.reading() as tx:
            told = reports.proof(tx, intent.far_side, intent.key)
        if told:
            return Receipt(told)
        if not isinstance(channel, FindsOwn):
            raise NobodyKnows("it was sent, no answer came, and the network told nothing of it")
        # Of the whole account: the same words to the same person may have been said elsewhere.
        with bridge.ledger.reading() as tx:
            known = written.known_since(tx, intent.far_side, intent.made_at - DAY)
        return channel.find_sent(as_reply(intent, unfetched(intent)), known)

    return find


def _files(bridge: Bridge, lease: Lease, limits: Limits, draft: Draft) -> tuple[File, ...]:
    """What the agent attached. The network has no part in what goes wrong here."""
    found = []
    for attachment in draft.attachments:
        try:
            found.append(bridge.helpdesk.download(attachment, limits.file_bytes))
        except NeedsSignIn as dead:
            raise helpdesk_signed_out(bridge, lease, dead) from dead
        except PersonMustAct as failure:
            because = f"{attachment.filename}: {failure.because}"
            raise NotAllowed("attachment_refused", because) from failure
    return tuple(found)
