"""What is said about a Zoho CRM organisation that history goes to."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from bridge.channels.fields import ServerUrl, Token
from bridge.records import Resource

_API_NAME = validate.Regexp(r"([A-Za-z][A-Za-z0-9_]{0,49})?\Z", error="must be an API name")


def _module(name: str, what: str) -> fields.String:
    said = f"API name of the module for {what}; empty: they are left out"
    return fields.String(load_default=name, validate=_API_NAME, metadata={"help": said})


class ZohoOptions(Schema):
    """The data centre, the client that signs in, and how the modules are called."""

    accounts_url = ServerUrl(
        required=True, metadata={"help": "Of your data centre: https://accounts.zoho.eu"}
    )
    api_url = ServerUrl(
        required=True, metadata={"help": "Of the same data centre: https://www.zohoapis.eu"}
    )
    client_id = fields.String(required=True, metadata={"help": "Of a Self Client"})
    client_secret = Token(required=True)
    refresh_token = Token(required=True)
    customers = _module("Contacts", "customers")
    identities = _module("Social_Profiles", "identities on networks")
    conversations = _module("Social_Conversations", "conversations")
    interactions = _module("Social_Messages", "what was said")
    workflows = fields.Boolean(
        load_default=False, metadata={"help": "Whether Zoho's workflow rules run for our rows"}
    )
    keep_credits = fields.Integer(
        load_default=1000,
        validate=validate.Range(min=0),
        metadata={"help": "API credits of the day that are left to others"},
    )
    calls_per_hour = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=10),
        metadata={"help": "At most so many calls an hour: 100 rows each"},
    )


OPTION_OF = {
    Resource.CUSTOMER: "customers",
    Resource.IDENTITY: "identities",
    Resource.CONVERSATION: "conversations",
    Resource.INTERACTION: "interactions",
}
