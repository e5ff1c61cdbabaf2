"""What WhatsApp tells, checked at the edge and frozen.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, post_load

from bridge.channels.meta.payload import (
    Count,
    EachIfRight,
    Entity,
    IfRight,
    Instant,
    OpaqueId,
    Words,
)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody as a delivery introduces them. A phone number (`wa_id`) or a business-scoped user
    id may be missing:
    https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
    """

    user_id: str
    wa_id: str
    name: str
    username: str

    @property
    def ids(self) -> frozenset[str]:
        return frozenset({self.user_id, self.wa_id}) - {""}


class _Profile(Entity):
    name = IfRight(Words().deserialize)
    username = IfRight(Words().deserialize)


class _ContactSchema(Entity):
    user_id = IfRight(OpaqueId().deserialize)
    wa_id = IfRight(OpaqueId().deserialize)
    profile = IfRight(_Profile().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Contact:
        shown = data["profile"] or {"name": "", "username": ""}
        return Contact(data["user_id"], data["wa_id"], shown["name"], shown["username"])


class _Numbered(Entity):
    phone_number_id = IfRight(OpaqueId().deserialize)


class ValueSchema(Entity):
    """What stands around the messages and statuses of a change; those are read one by one."""

    metadata = IfRight(_Numbered().load, None)
    contacts = EachIfRight(_ContactSchema().load)


class _Context(Entity):
    id = IfRight(OpaqueId().deserialize)


class _File(Entity):
    id = OpaqueId(required=True)
    mime_type = IfRight(Words().deserialize)
    caption = IfRight(Words().deserialize)
    filename = IfRight(Words().deserialize)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file behind an id. It can be fetched for seven days."""

    id: str
    mime_type: str
    caption: str
    filename: str


class FileSchema(_File):
    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Attached:
        return Attached(data["id"], data["mime_type"], data["caption"], data["filename"])


class _Changed(Entity):
    original_message_id = OpaqueId(required=True)
    message = IfRight(lambda one: one, None)


class _Wrong(Entity):
    code = IfRight(Count().deserialize, 0)
    title = IfRight(Words().deserialize)
    message = IfRight(Words().deserialize)
    error_data = IfRight(lambda one: one, None)


@dataclass(frozen=True, slots=True)
class Failure:
    code: int
    words: str


class FailureSchema(_Wrong):
    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Failure:
        inner = data["error_data"]
        details = inner.get("details") if isinstance(inner, dict) else ""
        said = details if isinstance(details, str) and details else data["message"]
        return Failure(data["code"], said or data["title"])


class MessageSchema(Entity):
    """The frame of a message; what stands under its type is read by type. Exactly one of `from`
    and `from_user_id` may be missing; of an echo those are `to` and `to_user_id`."""

    id = OpaqueId(required=True)
    type = Words(required=True)
    timestamp = Instant(required=True)
    sender = IfRight(OpaqueId().deserialize)
    from_user_id = IfRight(OpaqueId().deserialize)
    to = IfRight(OpaqueId().deserialize)
    to_user_id = IfRight(OpaqueId().deserialize)
    context = IfRight(_Context().load, None)
    referral = IfRight(lambda one: one, None)
    edit = IfRight(_Changed().load, None)
    revoke = IfRight(_Changed().load, None)
    errors = EachIfRight(FailureSchema().load)


class StatusSchema(Entity):
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status"""

    id = OpaqueId(required=True)
    status = Words(required=True)
    timestamp = Instant(required=True)
    biz_opaque_callback_data = IfRight(Words().deserialize)
    errors = EachIfRight(FailureSchema().load)


def read(schema: Entity, data: Any) -> dict[str, Any]:
    """Raises `ValidationError`. `from` is no name in Python: it is read as `sender`."""
    if not isinstance(data, dict):
        raise ValidationError("is no object")
    loaded: dict[str, Any] = schema.load({**data, "sender": data.get("from")})
    return loaded
