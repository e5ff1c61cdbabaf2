"""What a mapping says about a Mastodon account."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from bridge.channels.fields import ServerUrl, Token


class MastodonOptions(Schema):
    """`url`, `token`; how often to look for mentions and for edits; how public answers appear."""

    url = ServerUrl(required=True, metadata={"help": "The server's own address, https://…"})
    token = Token(required=True, metadata={"help": "Your application: 'Your access token'"})
    poll_seconds = fields.Float(
        load_default=15.0, validate=validate.Range(min=1, max=3600, error="must be 1 to 3600")
    )
    reread_minutes = fields.Float(
        load_default=10.0, validate=validate.Range(min=1, max=1440, error="must be 1 to 1440")
    )
    public_visibility = fields.String(
        load_default="public", validate=validate.OneOf(("public", "unlisted"))
    )
