"""What may be posted to `/{phone-number-id}/messages`, as a schema made from Meta's examples.

https://github.com/facebook/openapi (business-messaging) has the examples;
https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
the limits. Meta's own schema of it contradicts its examples, so this one is ours: strict where the
examples agree, silent about what is inside interactive messages, contacts and components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from bridge.sandbox.meta.refusals import whatsapp_parameter

LONGEST = 4096
LONGEST_CALLBACK_DATA = 512
MEDIA = ("image", "video", "audio", "document", "sticker")
KINDS = (*MEDIA, "text", "location", "contacts", "interactive", "template", "reaction")


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class _Text(_Strict):
    body = fields.String(required=True, validate=validate.Length(1, LONGEST))
    preview_url = fields.Boolean()


class _Media(_Strict):
    """By the id of an upload, or by a link; one of the two."""

    id = fields.String()
    link = fields.String()

    @validates_schema
    def _one_of(self, data: dict[str, Any], **_: Any) -> None:
        if ("id" in data) == ("link" in data):
            raise ValidationError("either id or link")


class _Captioned(_Media):
    caption = fields.String(validate=validate.Length(max=1024))


class _Document(_Captioned):
    filename = fields.String()


class _Location(_Strict):
    latitude = fields.Float(required=True)
    longitude = fields.Float(required=True)
    name = fields.String()
    address = fields.String()


class _Language(_Strict):
    code = fields.String(required=True)
    policy = fields.String(validate=validate.Equal("deterministic"))


class _Template(_Strict):
    name = fields.String(required=True)
    language = fields.Nested(_Language, required=True)
    components = fields.List(fields.Dict())


class _Reaction(_Strict):
    message_id = fields.String(required=True)
    emoji = fields.String(required=True)


class _Context(_Strict):
    message_id = fields.String(required=True)


class _Interactive(Schema):
    class Meta:
        unknown = "include"

    type = fields.String(required=True)
    action = fields.Dict(required=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as asked for: exactly one of `to` and `recipient` is given."""

    kind: str
    content: Any
    to: str
    recipient: str
    context: str
    callback_data: str


class MessageSchema(_Strict):
    """Raises `ValidationError` unless all of it is as in the examples."""

    messaging_product = fields.String(required=True, validate=validate.Equal("whatsapp"))
    recipient_type = fields.String(validate=validate.Equal("individual"))
    to = fields.String(validate=validate.Length(min=1))
    recipient = fields.String(validate=validate.Length(min=1))
    type = fields.String(validate=validate.OneOf(KINDS))
    context = fields.Nested(_Context)
    biz_opaque_callback_data = fields.String(validate=validate.Length(max=LONGEST_CALLBACK_DATA))
    text = fields.Nested(_Text)
    image = fields.Nested(_Captioned)
    video = fields.Nested(_Captioned)
    audio = fields.Nested(_Media)
    sticker = fields.Nested(_Media)
    document = fields.Nested(_Document)
    location = fields.Nested(_Location)
    contacts = fields.List(fields.Dict(), validate=validate.Length(min=1))
    interactive = fields.Nested(_Interactive)
    template = fields.Nested(_Template)
    reaction = fields.Nested(_Reaction)

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        if ("to" in data) == ("recipient" in data):
            raise ValidationError("either to or recipient", "to")
        given = [kind for kind in KINDS if kind in data]
        # Where `type` is missing, one kind of content is enough to tell: an example has it so.
        if len(given) != 1 or data.get("type", given[0]) != given[0]:
            raise ValidationError("exactly the content that type names", "type")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Asked:
        kind = next(one for one in KINDS if one in data)
        return Asked(
            kind=kind,
            content=data[kind],
            to=data.get("to", ""),
            recipient=data.get("recipient", ""),
            context=data.get("context", {}).get("message_id", ""),
            callback_data=data.get("biz_opaque_callback_data", ""),
        )


class SeenSchema(_Strict):
    """That a message was read, and that somebody is typing."""

    messaging_product = fields.String(required=True, validate=validate.Equal("whatsapp"))
    status = fields.String(required=True, validate=validate.Equal("read"))
    message_id = fields.String(required=True)
    typing_indicator = fields.Dict()


def read_asked(body: dict[str, Any]) -> Asked | str:
    """A message, or the id of one that was seen. Raises `Refusal`."""
    try:
        if "status" in body:
            return str(SeenSchema().load(body)["message_id"])
        asked: Asked = MessageSchema().load(body)
    except ValidationError as error:
        raise whatsapp_parameter(str(error.messages)) from None
    return asked
