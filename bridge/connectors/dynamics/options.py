"""What is said about a Dynamics 365 environment that history goes to."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from bridge.channels.fields import ServerUrl, Token

_NUMBERS = r"([a-z0-9_-]+=[0-9]{1,9}(,[a-z0-9_-]+=[0-9]{1,9})*)?\Z"


class DynamicsOptions(Schema):
    """The environment, the app registration that signs in, and how our ids are called there."""

    url = ServerUrl(required=True, metadata={"help": "https://<org>.crm4.dynamics.com"})
    tenant_id = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9A-Za-z.-]+\Z", error="must be the directory (tenant) ID"),
        metadata={"help": "Directory (tenant) ID of the app registration"},
    )
    client_id = fields.String(
        required=True, metadata={"help": "Application (client) ID of the app registration"}
    )
    client_secret = Token(required=True, metadata={"help": "The value of its client secret"})
    prefix = fields.String(
        load_default="new",
        validate=validate.Regexp(r"[a-z][a-z0-9]{1,7}\Z", error="must be a publisher's prefix"),
        metadata={"help": "Prefix of the publisher under which the columns are made"},
    )
    customers = fields.String(
        load_default="contacts",
        validate=validate.OneOf(("contacts", "none")),
        metadata={"help": "Whether each customer is a contact there"},
    )
    communities = fields.String(
        load_default="",
        validate=validate.Regexp(_NUMBERS, error="must be like mastodon=3,instagram=4"),
        metadata={"help": "Numbers that you added to Social Channel: mastodon=3,instagram=4"},
    )
    login_url = ServerUrl(load_default="https://login.microsoftonline.com")
    calls_per_hour = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=10),
        metadata={"help": "At most so many calls an hour, where others share the limit"},
    )


def numbers(said: str) -> dict[str, int]:
    """`communities`, by network."""
    pairs = (each.split("=") for each in said.split(",") if each)
    return {network: int(number) for network, number in pairs}
