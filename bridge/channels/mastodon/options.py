"""What a mapping says about a Mastodon account."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from bridge.settings import Secret


class Token(fields.Field[Secret]):
    """A secret, already resolved: a token written into the mapping itself is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Secret:
        if not isinstance(value, Secret):
            raise ValidationError("must be a secret, not a token in plain text")
        if not re.fullmatch(r"[\x21-\x7e]+", value.reveal()):
            raise ValidationError("is empty, or holds spaces or signs that no token has")
        return value


class ServerUrl(fields.Field[str]):
    """`https://example.social`, without a slash at the end."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        wrong = ValidationError("must be the server's address, like https://example.social")
        if not isinstance(value, str):
            raise wrong
        url = value.strip().rstrip("/")
        try:
            parts = urlsplit(url)
            port_is_right = parts.port is None or parts.port > 0
        except ValueError as odd:
            raise wrong from odd
        if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right:
            raise wrong
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValidationError("must be the bare address, without a name, ? or #")
        return url


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
