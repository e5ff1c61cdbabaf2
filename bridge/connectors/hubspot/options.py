"""What is said about a HubSpot account that history goes to."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from bridge.channels.fields import ServerUrl, Token

_REFRESHED = ("client_id", "client_secret", "refresh_token")


class HubSpotOptions(Schema):
    """A token that stays, or an app's id, secret and refresh token; the channel, and the inbox."""

    channel_id = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9]+\Z", error="must be the channel's number"),
        metadata={"help": "The custom channel that your app registered"},
    )
    inbox_id = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9]+\Z", error="must be the inbox's number"),
        metadata={"help": "The inbox, or help desk, in which the messages appear"},
    )
    account = fields.String(
        load_default="helpdesk-bridge",
        validate=validate.Length(1, 100),
        metadata={"help": "How the channel account is called there"},
    )
    token = Token(load_default=None, metadata={"help": "An access token that stays"})
    client_id = fields.String(load_default="")
    client_secret = Token(load_default=None)
    refresh_token = Token(load_default=None)
    url = ServerUrl(load_default="https://api.hubapi.com")
    calls_per_hour = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=10),
        metadata={"help": "At most so many calls an hour, where others share the limit"},
    )

    @validates_schema
    def _one_way_in(self, data: dict[str, Any], **_: Any) -> None:
        missing = [name for name in _REFRESHED if not data.get(name)]
        if not data.get("token") and missing:
            said = "needed, as there is no `token`" if len(missing) < 3 else "or `token`: needed"
            raise ValidationError({name: [said] for name in missing})
