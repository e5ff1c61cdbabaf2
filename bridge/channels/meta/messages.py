"""A private message as Messenger and Instagram tell it, checked at the edge and frozen.

- https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages
- https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-echoes
- https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load

from bridge.channels.meta.payload import (
    Count,
    EachIfRight,
    Entity,
    IfRight,
    Instant,
    Link,
    OpaqueId,
    Truth,
    Words,
)


class _Id(Entity):
    id = OpaqueId(required=True)


class _Coordinates(Entity):
    lat = fields.Float(required=True, allow_nan=False)
    long = fields.Float(required=True, allow_nan=False)


class _Payload(Entity):
    url = IfRight(Link().deserialize)
    title = IfRight(Words().deserialize)
    coordinates = IfRight(_Coordinates().load, None)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What hangs on a message; `type` is Meta's word. `place` is latitude and longitude."""

    type: str
    url: str
    title: str
    place: tuple[float, float] | None


class _AttachmentSchema(Entity):
    type = IfRight(Words().deserialize)
    title = IfRight(Words().deserialize)
    url = IfRight(Link().deserialize)
    payload = IfRight(_Payload().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Attachment:
        inner = data["payload"] or {"url": "", "title": "", "coordinates": None}
        at = inner["coordinates"]
        return Attachment(
            type=data["type"],
            url=inner["url"] or data["url"],
            title=inner["title"] or data["title"],
            place=(at["lat"], at["long"]) if at else None,
        )


class _Story(Entity):
    url = IfRight(Link().deserialize)
    id = IfRight(OpaqueId().deserialize)


class _ReplyTo(Entity):
    mid = IfRight(OpaqueId().deserialize)
    story = IfRight(_Story().load, None)


class _Referral(Entity):
    source = IfRight(Words().deserialize)
    ad_id = IfRight(OpaqueId().deserialize)


class _MessageSchema(Entity):
    mid = OpaqueId(required=True)
    text = Words(load_default="", allow_none=True)
    attachments = EachIfRight(_AttachmentSchema().load)
    reply_to = IfRight(_ReplyTo().load, None)
    referral = IfRight(_Referral().load, None)
    is_echo = IfRight(Truth().deserialize, False)
    is_self = IfRight(Truth().deserialize, False)
    is_deleted = IfRight(Truth().deserialize, False)
    is_unsupported = IfRight(Truth().deserialize, False)
    app_id = IfRight(OpaqueId().deserialize)
    metadata = IfRight(Words().deserialize)


class _PostbackSchema(Entity):
    mid = IfRight(OpaqueId().deserialize)
    title = IfRight(Words().deserialize)
    payload = IfRight(Words().deserialize)
    referral = IfRight(_Referral().load, None)


class _EditSchema(Entity):
    mid = OpaqueId(required=True)
    text = Words(load_default="", allow_none=True)
    num_edit = IfRight(Count().deserialize, 1)


class _FrameSchema(Entity):
    sender = fields.Nested(_Id, required=True)
    recipient = fields.Nested(_Id, required=True)
    timestamp = Instant(required=True)
    message = fields.Nested(_MessageSchema)
    postback = fields.Nested(_PostbackSchema)
    message_edit = fields.Nested(_EditSchema)


@dataclass(frozen=True, slots=True)
class Talk:
    """One message, a button that was pressed, or an edit (`edit`: which one, 0 for none).

    `sender` and `recipient` are ids, one of them the account's. `answers` is the message that it
    answers, `story` the link to the story ("" where it has run out), `of_story` that there is one.
    `payload` is what stands behind the button. `app_id` and `metadata` are those of an echo.
    `is_self`: the account wrote to itself.
    """

    mid: str
    sender: str
    recipient: str
    at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    answers: str = ""
    of_story: bool = False
    story: str = ""
    payload: str = ""
    edit: int = 0
    from_ad: bool = False
    is_echo: bool = False
    is_self: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False
    app_id: str = ""
    metadata: str = ""


NO_MID = "postback:"
"""What the ids begin with that are not Meta's."""
SAID = ("message", "postback", "message_edit")


def kind_of(said: Any) -> str:
    """What an item of `messaging` or `standby` is: the one key that is not its frame, as Meta
    writes it ("message", "read", "reaction", …); "" where there is none."""
    if not isinstance(said, dict):
        raise ValidationError("is no message")
    for known in SAID:
        if known in said:
            return known
    frame = ("sender", "recipient", "timestamp", "requested_owner_app_id")
    return next((name[:50] for name in said if name not in frame), "")


def read(said: Any) -> Talk:
    """Raises `ValidationError` for what is none of `SAID`, or not as it must be."""
    kind = kind_of(said)
    framed = {name: said.get(name) for name in ("sender", "recipient", "timestamp", kind)}
    told: dict[str, Any] = _FrameSchema().load(framed)
    common: dict[str, Any] = {
        "sender": told["sender"]["id"],
        "recipient": told["recipient"]["id"],
        "at": told["timestamp"],
    }
    if kind == "postback":
        return _pressed(told["postback"], common)
    if kind == "message_edit":
        edit = told["message_edit"]
        return Talk(
            mid=edit["mid"], text=edit["text"] or "", edit=max(1, edit["num_edit"]), **common
        )
    return _message(told["message"], common)


def _pressed(postback: dict[str, Any], common: dict[str, Any]) -> Talk:
    """Older ones carry no id: the moment stands in."""
    moment = f"{NO_MID}{common['sender']}:{common['at']:%Y%m%d%H%M%S%f}"
    return Talk(
        mid=postback["mid"] or moment,
        text=postback["title"],
        payload=postback["payload"],
        from_ad=_is_ad(postback["referral"]),
        **common,
    )


def _message(message: dict[str, Any], common: dict[str, Any]) -> Talk:
    answered = message["reply_to"] or {"mid": "", "story": None}
    story = answered["story"]
    return Talk(
        mid=message["mid"],
        text=message["text"] or "",
        attachments=message["attachments"],
        answers=answered["mid"],
        of_story=story is not None,
        story=story["url"] if story else "",
        from_ad=_is_ad(message["referral"]),
        is_echo=message["is_echo"],
        is_self=message["is_self"],
        is_deleted=message["is_deleted"],
        is_unsupported=message["is_unsupported"],
        app_id=message["app_id"],
        metadata=message["metadata"],
        **common,
    )


def _is_ad(referral: dict[str, Any] | None) -> bool:
    return referral is not None and bool(referral["ad_id"] or referral["source"].upper() == "ADS")
