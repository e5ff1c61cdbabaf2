"""What a mapping says about any account on one of Meta's products."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from bridge.channels.fields import ServerUrl, Token
from bridge.channels.meta.payload import OpaqueId

GRAPH = "https://graph.facebook.com"
VERSION = "v25.0"

__all__ = ["GRAPH", "VERSION", "MetaOptions", "PageOptions", "ServerUrl", "Token"]


class MetaOptions(Schema):
    """The app (`app_id`, `app_secret`), the word it proves itself with when an address is entered
    (`verify_token`), and the account's own `access_token`; `url` and `version` of the Graph API.

    `human_agent`: the app was granted the feature Human Agent, so that people may be answered for
    seven days instead of one.
    """

    app_id = OpaqueId(required=True, metadata={"help": "App settings, Basic: the app's id"})
    app_secret = Token(required=True, metadata={"help": "App settings, Basic: its secret"})
    verify_token = Token(
        required=True,
        metadata={"help": "A word of yours that Meta repeats when it asks us", "own_choice": True},
    )
    access_token = Token(required=True, metadata={"help": "A system user's or the Page's"})
    url = ServerUrl(load_default=GRAPH)
    version = fields.String(
        load_default=VERSION,
        validate=validate.Regexp(r"v[0-9]{1,3}\.[0-9]", error=f"must be like {VERSION}"),
    )
    human_agent = fields.Boolean(load_default=False)


class PageOptions(MetaOptions):
    """A Facebook Page's."""

    page_id = OpaqueId(required=True, metadata={"help": "The Page's own id, a long number"})
