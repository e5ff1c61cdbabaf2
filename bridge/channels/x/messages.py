"""Direct messages as they come over the wire, in two shapes, and encrypted ones.

- In events, the shape of API v1.1: https://docs.x.com/x-api/activity/event-payloads
- Read: https://docs.x.com/x-api/direct-messages/lookup/integrate
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load

from bridge.channels.fields import IfRight, Instant, OpaqueId, Words
from bridge.channels.x.payload import (
    AttachmentsSchema,
    EntitiesSchema,
    Entity,
    Picture,
    PictureSchema,
    Url,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Milliseconds(fields.Field[datetime]):
    """Since 1970, as text or as a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValidationError("is no instant")
        try:
            return _EPOCH + timedelta(milliseconds=int(value))
        except (ValueError, OverflowError) as wrong:
            raise ValidationError("is no instant") from wrong


@dataclass(frozen=True, slots=True)
class Message:
    """A direct message. `recipient_id` is told by events, `conversation_id` (of both
    people's ids) by what is read."""

    id: str
    sender_id: str
    recipient_id: str
    conversation_id: str
    text: str
    created_at: datetime
    urls: tuple[Url, ...]
    media_keys: tuple[str, ...]
    pictures: tuple[Picture, ...]


class _TargetSchema(Entity):
    recipient_id = OpaqueId(required=True)


class _AttachmentSchema(Entity):
    media = IfRight(PictureSchema().load, None)


class _MessageDataSchema(Entity):
    text = Words(load_default="")
    entities = IfRight(EntitiesSchema().load, None)
    attachment = IfRight(_AttachmentSchema().load, None)


class _MessageCreateSchema(Entity):
    target = fields.Nested(_TargetSchema, required=True)
    sender_id = OpaqueId(required=True)
    message_data = fields.Nested(_MessageDataSchema, required=True)


class EventMessageSchema(Entity):
    """A message as events bring it."""

    id = OpaqueId(required=True)
    created_timestamp = Milliseconds(required=True)
    message_create = fields.Nested(_MessageCreateSchema, required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Message:
        made = data["message_create"]
        said = made["message_data"]
        picture = (said["attachment"] or {}).get("media")
        return Message(
            id=data["id"],
            sender_id=made["sender_id"],
            recipient_id=made["target"]["recipient_id"],
            conversation_id="",
            text=said["text"],
            created_at=data["created_timestamp"],
            urls=(said["entities"] or {}).get("urls", ()),
            media_keys=(),
            pictures=(picture,) if picture else (),
        )


class ReadMessageSchema(Entity):
    """A message as `GET /2/dm_events` brings it."""

    id = OpaqueId(required=True)
    sender_id = OpaqueId(required=True)
    dm_conversation_id = Words(required=True)
    text = Words(load_default="")
    created_at = Instant(required=True)
    entities = IfRight(EntitiesSchema().load, None)
    attachments = IfRight(AttachmentsSchema().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Message:
        return Message(
            id=data["id"],
            sender_id=data["sender_id"],
            recipient_id="",
            conversation_id=data["dm_conversation_id"],
            text=data["text"],
            created_at=data["created_at"],
            urls=(data["entities"] or {}).get("urls", ()),
            media_keys=(data["attachments"] or {}).get("media_keys", ()),
            pictures=(),
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted message: all that can be known of it. `conversation_id` names both people."""

    id: str
    sender_id: str
    conversation_id: str
    created_at: datetime


class SealedSchema(Entity):
    id = OpaqueId(required=True)
    sender_id = OpaqueId(required=True)
    conversation_id = Words(required=True)
    created_at_msec = Milliseconds(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Sealed:
        data["created_at"] = data.pop("created_at_msec")
        return Sealed(**data)
