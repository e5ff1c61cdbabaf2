"""What a mapping says about a WhatsApp number."""

from __future__ import annotations

from marshmallow import fields, validate

from bridge.channels.meta.options import MetaOptions
from bridge.channels.meta.payload import OpaqueId


class WhatsAppOptions(MetaOptions):
    """`phone_number_id` is the number's id at Meta, not the number; `waba_id` that of the business
    account it belongs to. `template` is an approved template that agents may send once the
    customer's day is over, `template_language` the language it was approved in; it may have one
    variable, for what the agent adds.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
    """

    phone_number_id = OpaqueId(required=True, metadata={"help": "API setup: not the number"})
    waba_id = OpaqueId(required=True, metadata={"help": "API setup: the business account's id"})
    template = fields.String(
        load_default="",
        validate=validate.Regexp(r"[a-z0-9_]{0,512}\Z", error="must be the name of a template"),
    )
    template_language = fields.String(
        load_default="en_US",
        validate=validate.Regexp(r"[a-z]{2,3}(_[A-Z]{2})?\Z", error="must be like en_US"),
    )
