"""What clients send as JSON, read with marshmallow into frozen types.

X refuses what it does not know, https://api.x.com/2/openapi.json (`additionalProperties: false`);
what the sandbox cannot do (polls, places) it refuses as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from bridge.sandbox.x.people import invalid

ID = validate.Regexp(r"^[0-9]{1,19}\Z")


@dataclass(frozen=True, slots=True)
class Draft:
    """A post to be written."""

    text: str
    in_reply_to: str = ""
    quotes: str = ""
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A direct message to be written."""

    text: str
    media: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription to be made."""

    kind: str
    person_id: str
    tag: str
    webhook_id: str


class _Reply(Schema):
    in_reply_to_tweet_id = fields.String(required=True, validate=ID)
    auto_populate_reply_metadata = fields.Boolean()
    exclude_reply_user_ids = fields.List(fields.String())


class _Media(Schema):
    media_ids = fields.List(
        fields.String(validate=ID), required=True, validate=validate.Length(min=1, max=4)
    )
    tagged_user_ids = fields.List(fields.String(validate=ID), validate=validate.Length(max=10))


class DraftSchema(Schema):
    """https://docs.x.com/x-api/posts/create-post"""

    text = fields.String(load_default="")
    reply = fields.Nested(_Reply)
    media = fields.Nested(_Media)
    quote_tweet_id = fields.String(load_default="", validate=ID)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Draft:
        return Draft(
            data["text"],
            data.get("reply", {}).get("in_reply_to_tweet_id", ""),
            data["quote_tweet_id"],
            tuple(data.get("media", {}).get("media_ids", ())),
        )


class _Attachment(Schema):
    media_id = fields.String(required=True, validate=ID)


class LetterSchema(Schema):
    """https://docs.x.com/x-api/direct-messages/create-dm-message-by-participant-id"""

    text = fields.String(validate=validate.Length(min=1))
    attachments = fields.List(fields.Nested(_Attachment), validate=validate.Length(min=1, max=1))

    @validates_schema
    def _either(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("text or attachments are required")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Letter:
        attached = data.get("attachments")
        return Letter(data.get("text", ""), attached[0]["media_id"] if attached else "")


class _Filter(Schema):
    user_id = fields.String(load_default="", validate=ID)


class WishSchema(Schema):
    """https://docs.x.com/x-api/activity/create-x-activity-subscription"""

    event_type = fields.String(required=True)
    filter = fields.Nested(_Filter, required=True)
    tag = fields.String(load_default="", validate=validate.Length(min=1, max=200))
    webhook_id = fields.String(load_default="", validate=ID)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Wish:
        about = data["filter"]
        return Wish(data["event_type"], about["user_id"], data["tag"], data["webhook_id"])


class ChangeSchema(Schema):
    """https://docs.x.com/x-api/activity/update-x-activity-subscription"""

    tag = fields.String(validate=validate.Length(min=1, max=200))
    webhook_id = fields.String(validate=ID)


class WebhookSchema(Schema):
    """https://docs.x.com/x-api/webhooks/create-webhook"""

    url = fields.String(required=True, validate=validate.Length(min=1, max=200))


class ReplaySchema(Schema):
    """https://docs.x.com/x-api/webhooks/create-replay-job-for-webhook"""

    webhook_id = fields.String(required=True, validate=ID)
    from_date = fields.NaiveDateTime(format="%Y%m%d%H%M", required=True)
    to_date = fields.NaiveDateTime(format="%Y%m%d%H%M", required=True)


def read(schema: Schema, request: Request) -> Any:
    """What the schema makes of the body. Raises `Refusal`."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise invalid("The body is no JSON object")
    try:
        return schema.load(sent)
    except ValidationError as error:
        said = "; ".join(f"$.{name}: {why}" for name, why in error.messages_dict.items())
        raise invalid(
            said, {name: [str(sent.get(name))] for name in error.messages_dict}
        ) from error
