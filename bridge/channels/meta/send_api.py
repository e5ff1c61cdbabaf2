"""Sending private messages by the Send API, and finding them again.

- https://developers.facebook.com/docs/graph-api/reference/page/messages
- Windows: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
- Files: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/saving-assets
- Reading back: https://developers.facebook.com/docs/messenger-platform/conversations
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields

from bridge.channels.contract import Limits
from bridge.channels.looking import looking_up
from bridge.channels.meta.calls import Body, Calls, Pairs, part
from bridge.channels.meta.messages import NO_MID
from bridge.channels.meta.payload import EachIfRight, Entity, IfRight, Instant, OpaqueId, Words
from bridge.errors import Expired, NobodyKnows, Refused, TooLong
from bridge.model import DAY, File, Kind, Receipt, Reply
from bridge.text.weigh import weigh

WINDOW = DAY
HUMAN_WINDOW = 7 * DAY
PRIVATE_ANSWER_WINDOW = 7 * DAY
LONGEST_METADATA = 1_000
MESSENGER = "messenger"

_CLOCKS = timedelta(minutes=2)
_NEWEST = 20
"""Of a conversation only the newest twenty messages are told in full."""
_TYPES = ("image", "video", "audio")
_DETAILS = "id,message,from,created_time,attachments"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whose messages: the node that sends (`/{node}/messages`), and the id they come from.

    `platform` is Meta's word for it. `one_id`: people have the same id in public and in private.
    """

    calls: Calls
    node: str
    own_id: str
    platform: str = MESSENGER
    one_id: bool = False

    def wrote(self, who: str, reply: Reply) -> bool:
        """Whether this is us. Where the other's id is known for certain, whoever is not them: by
        which of its ids Instagram names the account itself is not documented."""
        return who != reply.to.id if self.one_id else who == self.own_id


def check(reply: Reply, limits: Limits) -> None:
    """Raises `TooLong` or `Refused` for what would be refused, or half sent."""
    weight = weigh(reply.text, limits.length)
    if weight > limits.length.most:
        raise TooLong(f"{weight} of {limits.length.most}")
    if len(reply.files) > limits.files:
        raise Refused(f"{len(reply.files)} files, and one message takes {limits.files}")
    if reply.text and reply.files and limits.text_or_file:
        raise Refused("one message takes either words or a file")
    if not reply.text and not reply.files:
        raise Refused("there is nothing to send")


def recipient(reply: Reply) -> Body:
    """Whom it reaches: the person, or, as a private answer to what they said in public, whoever
    wrote that. https://developers.facebook.com/documentation/business-messaging/messenger-platform/discovery/private-replies
    """
    if is_private_answer(reply):
        kind = "post_id" if reply.answers is Kind.POST else "comment_id"
        return {kind: reply.in_reply_to}
    return {"id": reply.to.id}


def is_private_answer(reply: Reply) -> bool:
    """Whether it answers something public privately."""
    return bool(reply.in_reply_to) and reply.answers not in (None, Kind.DM)


def window_of(reply: Reply, now: datetime, *, human_agent: bool) -> Body:
    """As what the message is sent. Raises `Expired` where Meta would refuse it anyway, or would
    take it for an answer by a person, which it is not: the tag is for those alone.
    https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
    """
    heard, human_agent = reply.heard_at, human_agent and not reply.automatic
    if is_private_answer(reply) or heard is None or now - heard <= WINDOW:
        return {"messaging_type": "RESPONSE"}
    if human_agent and now - heard <= HUMAN_WINDOW:
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    days = (HUMAN_WINDOW if human_agent else WINDOW).days
    raise Expired(f"{days} day{'s' if days > 1 else ''} after the customer's last message")


def send(mailbox: Mailbox, reply: Reply, text: str, *, human_agent: bool) -> Receipt:
    """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have been sent."""
    calls = mailbox.calls
    window = window_of(reply, calls.surroundings.clock(), human_agent=human_agent)
    message: dict[str, Any] = {"metadata": reply.key[:LONGEST_METADATA]}
    if reply.files:
        message["attachment"] = upload(mailbox, reply.files[0])
    else:
        message["text"] = text
    body: dict[str, Any] = {"recipient": recipient(reply), **window, "message": message}
    if reply.answers is Kind.DM and reply.in_reply_to and not reply.in_reply_to.startswith(NO_MID):
        body["reply_to"] = {"mid": reply.in_reply_to}
    answer = calls.write(f"/{part(mailbox.node)}/messages", body)
    made = answer.text("message_id")
    if not made:
        raise NobodyKnows("Meta took the message and did not say what it made of it")
    return Receipt(made, to=answer.text("recipient_id"))


def upload(mailbox: Mailbox, file: File) -> Body:
    """The attachment that a file became. It is seen by nobody until it is sent."""
    family = file.content_type.partition("/")[0]
    kind = family if family in _TYPES else "file"
    described = {"attachment": {"type": kind, "payload": {"is_reusable": True}}}
    beside: Pairs = () if mailbox.platform == MESSENGER else (("platform", mailbox.platform),)
    form: Pairs = (("message", json.dumps(described)), *beside)
    answer = mailbox.calls.upload(
        f"/{part(mailbox.node)}/message_attachments", form, "filedata", file
    )
    attachment_id = answer.text("attachment_id")
    if not attachment_id:
        raise Refused(f"Meta took {file.filename} and did not say what it made of it")
    return {"type": kind, "payload": {"attachment_id": attachment_id}}


# ------------------------------------------------------------------ finding it again


class _Who(Entity):
    id = OpaqueId(required=True)
    name = IfRight(Words().deserialize)


class _Listed(Entity):
    data = EachIfRight(lambda one: one)


class _Message(Entity):
    id = OpaqueId(required=True)
    message = Words(load_default="", allow_none=True)
    created_time = Instant(required=True)
    sender = fields.Nested(_Who, required=True, data_key="from")
    attachments = IfRight(_Listed().load, None)


class _Participants(Entity):
    data = EachIfRight(_Who().load)


class _Conversation(Entity):
    participants = IfRight(_Participants().load, None)
    messages = IfRight(_Listed().load, None)


def find(mailbox: Mailbox, reply: Reply, text: str, known: frozenset[str]) -> Receipt | None:
    """The message that `reply` became: from us, saying the same, not older than the intent (two
    minutes for the clocks), and no other message of ours; the oldest, if several.

    Whose conversation it would be in is not known of a private answer to a public post, because
    people have another id there: the newest ones are looked through for somebody of that name. If
    that misses it, nothing is doubled: Meta refuses a second private answer.

    Raises as a read does, and `NobodyKnows` where we may not look, or it may stand behind too many
    newer ones.
    """
    wanted = f"participants,messages.limit({_NEWEST}){{{_DETAILS}}}"
    by_name = is_private_answer(reply) and not mailbox.one_id
    whose: Pairs = () if by_name else (("user_id", reply.to.id),)
    asked: Pairs = (
        ("platform", mailbox.platform),
        ("fields", wanted),
        ("limit", str(_NEWEST)),
        *whose,
    )
    with looking_up():
        listed = mailbox.calls.get(f"/{part(mailbox.node)}/conversations", asked)
    since = reply.intended_at - _CLOCKS
    fits = [
        (said["created_time"], said["id"], to)
        for said, to in _said(listed.rows(), mailbox, reply, by_name=by_name)
        if said["id"] not in known and said["created_time"] >= since and _same(said, reply, text)
    ]
    if not fits:
        if not by_name and any(_goes_on(row, since) for row in listed.rows()):
            raise NobodyKnows(f"more than {_NEWEST} messages came after it: it cannot be seen")
        return None
    _, message_id, to = min(fits)
    return Receipt(message_id, to=to)


def _said(
    rows: tuple[Any, ...], mailbox: Mailbox, reply: Reply, *, by_name: bool
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each message of ours in a conversation (with somebody of the right name, if that is all that
    is known), and whom it went to."""
    for row in rows:
        conversation = _loaded(_Conversation(), row) or {}
        people = (conversation.get("participants") or {"data": ()})["data"]
        others = [one for one in people if not mailbox.wrote(one["id"], reply)]
        if by_name and reply.to.name not in [one["name"] for one in others]:
            continue
        to = others[0]["id"] if others else ""
        for one in (conversation.get("messages") or {"data": ()})["data"]:
            said = _loaded(_Message(), one)
            if said and mailbox.wrote(said["sender"]["id"], reply):
                yield said, to


def _goes_on(row: Any, since: datetime) -> bool:
    """Whether a conversation has more messages since then than we were shown."""
    conversation = _loaded(_Conversation(), row) or {}
    listed = (conversation.get("messages") or {"data": ()})["data"]
    told = [said["created_time"] for one in listed if (said := _loaded(_Message(), one))]
    return len(listed) >= _NEWEST and all(at >= since for at in told)


def _loaded(schema: Entity, data: Any) -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError:
        return None
    return loaded


def _same(said: dict[str, Any], reply: Reply, text: str) -> bool:
    attached = bool((said["attachments"] or {"data": ()})["data"])
    if reply.files:
        return attached
    return not attached and gist(said["message"] or "") == gist(text)


def gist(text: str) -> str:
    """What is left of a text when its spaces are made even: for comparing only."""
    return " ".join(text.split())
