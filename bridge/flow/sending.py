"""Sending a reply: checked against the network's limits, shaped, each part sent once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bridge.channels.contract import CanDM, Channel, FindsOwn, Limits, Once
from bridge.errors import Expired, Gone, NeedsSignIn, PersonMustAct, Refused, TooLong
from bridge.flow.bridge import Bridge
from bridge.flow.once import Body, Deed, Look, do_once, look_again
from bridge.flow.standing import helpdesk_signed_out
from bridge.ledger import Tx, audit, intents, lanes, posts, replies, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.ledger.posts import Known
from bridge.ledger.replies import Taken
from bridge.ledger.shapes import Draft, draft_from_json, draft_to_json
from bridge.mapping import WhenTooLong
from bridge.model import DAY, File, Outcome, Receipt, Reply, Visibility
from bridge.text.split import split
from bridge.text.weigh import weigh

SAFE = frozenset({Once.DETERMINISTIC_ID, Once.UPSERT, Once.RECEIVER_DEDUPES, Once.SECOND_REFUSED})


class NotAllowed(Refused):
    """The reply breaks a limit that is known beforehand; `code` names the sentence."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(because)
        self.code = code


@dataclass(frozen=True, slots=True)
class Trip:
    """Everything that one reply's way to the network needs."""

    bridge: Bridge
    lease: Lease
    channel: Channel
    limits: Limits
    reply: Taken
    conversation: Conversation
    answered: Known
    earlier: tuple[Intent, ...]


def send(bridge: Bridge, lease: Lease, reply: Taken, conversation: Conversation) -> None:
    """Send all parts of a reply, each once. Raises the kinds of `bridge.errors`."""
    if reply.draft is None or reply.answers is None:
        raise NotAllowed("nothing_to_answer", reply.because)
    channel = bridge.channel(conversation.account)
    with bridge.ledger.reading() as tx:
        answered = posts.one(tx, reply.answers)
        earlier = intents.of_reply(tx, reply.id)
    limits = channel.limits()
    draft = reply.draft
    if answered.state == posts.GONE and draft.visibility is Visibility.PRIVATE:
        draft = replace(draft, in_reply_to="")  # it still reaches the person
    trip = Trip(bridge, lease, channel, limits, reply, conversation, answered, earlier)
    parts = _parts(bridge, channel, limits, draft)
    previous = ""
    for number, text in enumerate(parts, 1):
        part = replace(
            draft,
            text=text,
            attachments=draft.attachments if number == 1 else (),
            in_reply_to=previous or draft.in_reply_to,
        )
        previous = _wherever(trip, part, number, last=number == len(parts)).id


def _wherever(trip: Trip, draft: Draft, number: int, *, last: bool) -> Receipt:
    """In the thread, or, if what is answered privately has vanished without our knowing, to the
    person alone."""
    try:
        return _part(trip, draft, number, last=last)
    except Gone:
        if draft.visibility is Visibility.PUBLIC or not draft.in_reply_to:
            raise
    return _part(trip, replace(draft, in_reply_to=""), number, last=last)


def _part(trip: Trip, draft: Draft, number: int, *, last: bool) -> Receipt:
    """One message. What an earlier attempt delivered, or can be found to have delivered, is not
    sent again."""
    bridge, channel, conversation = trip.bridge, trip.channel, trip.conversation
    stem = f"{conversation.external_id}:reply:{trip.reply.id}:{number}:"

    files: list[File] = []

    def ready() -> None:
        # Here and not before: what was sent, and is looked for, is past all checks.
        _check(trip, draft)
        files[:] = _files(bridge, trip.lease, trip.limits, draft)

    def then(tx: Tx, _intent: Intent, _receipt: Receipt) -> None:
        if last:
            _sent(tx, trip.reply, conversation)

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
        safe=trip.limits.once in SAFE,
        gives_up=True,
    )
    for before in trip.earlier:
        if before.key == deed.key or not before.key.startswith(stem):
            continue
        receipt = before.receipt
        if receipt is None and before.state == intents.OPEN and before.tries and look:
            receipt = look_again(bridge, before, look)
        if receipt is not None:
            with bridge.ledger.writing() as tx:
                lanes.fence(tx, trip.lease)
                intents.settle(tx, before, receipt, because="found on the network")
                then(tx, before, receipt)
            return receipt
    return do_once(bridge, trip.lease, deed)


def _sent(tx: Tx, reply: Taken, conversation: Conversation) -> None:
    """The last part is out: in the same transaction as its receipt, what must follow is queued."""
    replies.came_to(tx, reply.id, Outcome.DELIVERED)
    audit.add(tx, "reply delivered", reply.because, conversation_id=conversation.id)
    assert reply.draft is not None
    assert reply.answers is not None
    answered = posts.one(tx, reply.answers)
    if reply.draft.visibility is Visibility.PRIVATE and answered.visibility is Visibility.PUBLIC:
        lane = lane_of(conversation.id)
        steps.add(tx, lane, "notice", str(reply.id), account=conversation.account)


def _check(trip: Trip, draft: Draft) -> None:
    """Everything that can be known to fail before the network is asked."""
    channel, limits = trip.channel, trip.limits
    if not draft.text.strip() and not draft.attachments:
        raise NotAllowed("empty", "")
    if draft.visibility is Visibility.PUBLIC:
        if trip.answered.state == posts.GONE:
            raise Gone("")  # the answer would hang in the air
        if not limits.replies_publicly:
            raise NotAllowed("no_public_way", "")
    else:
        if not limits.replies_privately:
            raise NotAllowed("no_private_way", "")
        _check_window(trip.bridge, limits, trip.conversation)
        if isinstance(channel, CanDM):
            why_not = channel.why_no_dm(draft.to, draft.in_reply_to)
            if why_not:
                raise NotAllowed("no_private_way", why_not)
    if len(draft.attachments) > limits.files:
        raise NotAllowed(
            "attachment_refused", f"{len(draft.attachments)} files, it takes {limits.files}"
        )
    for attachment in draft.attachments:
        kind = attachment.content_type.partition(";")[0].strip().lower()
        if limits.file_types and kind not in limits.file_types:
            raise NotAllowed("attachment_refused", f"{attachment.filename} is {kind}")
        if attachment.size is not None and limits.file_bytes < attachment.size:
            raise NotAllowed(
                "attachment_refused",
                f"{attachment.filename} has {attachment.size} bytes, it takes {limits.file_bytes}",
            )


def _check_window(bridge: Bridge, limits: Limits, conversation: Conversation) -> None:
    if limits.reply_window is None:
        return
    with bridge.ledger.reading() as tx:
        said = posts.last_private_at(tx, conversation.id)
    if said is not None and said + limits.reply_window < bridge.clock():
        raise Expired(f"{limits.reply_window} after the customer's last private message")


def _parts(bridge: Bridge, channel: Channel, limits: Limits, draft: Draft) -> tuple[str, ...]:
    """The text as the messages it will be, measured as it will really be sent."""

    def weight(text: str) -> int:
        return weigh(
            channel.shape(_reply("", replace(draft, text=text), bridge.clock())), limits.length
        )

    used, most = weight(draft.text), limits.length.most
    if used <= most:
        return (draft.text,)
    wanted = bridge.mapping.too_long(draft.account, draft.visibility)
    if wanted is WhenTooLong.REFUSE:
        raise TooLong(f"{used} of {most}")
    return split(draft.text, most, weight)


def finder(bridge: Bridge, channel: Channel) -> Look | None:
    """How to find on the network what an intent has become, None where there is no way."""
    if not isinstance(channel, FindsOwn):
        return None

    def find(intent: Intent) -> Receipt | None:
        # Of the whole account: the same words to the same person may have been said elsewhere.
        with bridge.ledger.reading() as tx:
            known = intents.known_since(tx, intent.far_side, intent.made_at - DAY)
        return channel.find_sent(as_reply(intent, ()), known)

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


def as_reply(intent: Intent, files: tuple[File, ...]) -> Reply:
    """The frozen draft of an intent, as the channel takes it."""
    return _reply(intent.key, draft_from_json(intent.body), intent.made_at, files)


def _reply(key: str, draft: Draft, at: datetime, files: tuple[File, ...] = ()) -> Reply:
    return Reply(
        key=key,
        account=draft.account,
        visibility=draft.visibility,
        text=draft.text,
        to=draft.to,
        in_reply_to=draft.in_reply_to,
        thread_id=draft.thread_id,
        intended_at=at,
        language=draft.language,
        files=files,
    )
