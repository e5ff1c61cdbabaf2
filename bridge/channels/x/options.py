"""What a mapping says about an account on X."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from bridge.channels.fields import ServerUrl, Token

SELF_SERVE, ENTERPRISE = "self_serve", "enterprise"
OAUTH1 = ("consumer_key", "access_token", "access_token_secret")
OAUTH2 = ("client_id", "refresh_token")


class UserId(fields.Field[str]):
    """A number of up to nineteen digits, kept as text; YAML reads it as a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not re.fullmatch("[0-9]{1,19}", text):
            raise ValidationError("must be the account's number, like 2244994945")
        return text


class Handle(fields.Field[str]):
    """A name on X, with or without its @."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"@?[A-Za-z0-9_]{1,15}", value.strip()):
            raise ValidationError("must be a name on X, like XDevelopers")
        return value.strip().removeprefix("@")


def _from(least: float, most: float) -> validate.Range:
    return validate.Range(min=least, max=most, error=f"must be {least:g} to {most:g}")


class XOptions(Schema):
    """Who we are there, how we sign in, what X sold us, and what it may cost.

    Signing in is either by the four keys of OAuth 1.0a or by OAuth 2.0 with a refresh token. The
    consumer secret is needed in both cases: X signs with it. `bearer_token` is the app's own.
    """

    url = ServerUrl(load_default="https://api.x.com")
    user_id = UserId(required=True)
    handle = Handle(required=True)
    consumer_secret = Token(required=True)
    consumer_key = fields.String(load_default="")
    access_token = Token(load_default=None)
    access_token_secret = Token(load_default=None)
    client_id = fields.String(load_default="")
    client_secret = Token(load_default=None)
    refresh_token = Token(load_default=None)
    bearer_token = Token(load_default=None)
    plan = fields.String(load_default=SELF_SERVE, validate=validate.OneOf((SELF_SERVE, ENTERPRISE)))
    replies_summon = fields.Boolean(load_default=False)
    owned_reads = fields.Boolean(load_default=False)
    budget = fields.Float(load_default=None, allow_none=True, validate=_from(0, 1_000_000))
    poll_minutes = fields.Float(load_default=15.0, validate=_from(1, 1440))
    reread_hours = fields.Float(load_default=12.0, validate=_from(1, 168))
    max_characters = fields.Integer(load_default=280, validate=_from(280, 25_000))
    direct_messages = fields.Boolean(load_default=True)

    @validates_schema(skip_on_field_errors=True)
    def _one_way_to_sign_in(self, data: dict[str, Any], **_: Any) -> None:
        given = {name for name in (*OAUTH1, *OAUTH2) if data.get(name)}
        ways = [way for way in (OAUTH1, OAUTH2) if given & set(way)]
        if len(ways) != 1:
            raise ValidationError(
                f"name either {', '.join(OAUTH1)} (OAuth 1.0a) or {' and '.join(OAUTH2)} (OAuth 2)"
            )
        for name in ways[0]:
            if name not in given:
                raise ValidationError("is missing", name)
