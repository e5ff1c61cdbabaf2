"""What a mapping says about a website."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from bridge.errors import Misconfigured
from bridge.settings import Secret
from bridge.signing import key_of


class SigningSecrets(fields.Field[tuple[Secret, ...]]):
    """One secret or a list of them, already resolved; several may share one environment value,
    separated by spaces or commas, so that a secret can be changed without a gap."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[Secret, ...]:
        given = value if isinstance(value, (list, tuple)) else [value]
        if not all(isinstance(each, Secret) for each in given):
            raise ValidationError("must be a secret from the environment (env:NAME)")
        found = tuple(
            Secret(part) for each in given for part in re.split(r"[\s,]+", each.reveal()) if part
        )
        if not found:
            raise ValidationError("is empty")
        for position, secret in enumerate(found, 1):
            try:
                key_of(secret)
            except Misconfigured as wrong:
                which = f"secret {position} of {len(found)}: " if len(found) > 1 else ""
                raise ValidationError(f"{which}{wrong.because}") from wrong
        return found


class ReplyUrl(fields.Field[str]):
    """Where replies are posted. The admin chose it, so it may be inside the house."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        wrong = ValidationError("must be an address, like https://shop.example/support/replies")
        if not isinstance(value, str) or re.search(r"[\s\x00-\x1f\\]", value.strip()):
            raise wrong
        try:
            parts = urlsplit(value.strip())
            port_is_right = parts.port is None or parts.port > 0
        except ValueError as odd:
            raise wrong from odd
        if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right:
            raise wrong
        if parts.username or parts.password or parts.fragment:
            raise ValidationError("must not carry a user name, a password or a #")
        return value.strip()


class SiteOptions(Schema):
    """`secret` verifies what comes in, `reply_secret` signs what goes out to `reply_url`.

    `private: true` takes every message as private, whatever it says of itself, and answers
    nothing in public: for a contact form, or a chat in an app.
    """

    secret = SigningSecrets(required=True, metadata={"help": "The website signs with it: whsec_…"})
    reply_url = ReplyUrl(required=True, metadata={"help": "Where the website takes replies"})
    reply_secret = SigningSecrets(
        required=True, metadata={"help": "We sign replies with it: whsec_…"}
    )
    private = fields.Boolean(load_default=False)
    max_characters = fields.Integer(
        load_default=10_000,
        validate=validate.Range(min=1, max=50_000, error="must be 1 to 50000"),
    )
