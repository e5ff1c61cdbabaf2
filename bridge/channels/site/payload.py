"""What a website posts in: `{type, timestamp, data}`, checked with every mistake told at once.

The form follows Standard Webhooks ("Payload structure"):
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

CREATED, EDITED, DELETED = "message.created", "message.edited", "message.deleted"
LONGEST_TEXT = 50_000
MOST_MEDIA = 20
_MOST_MISTAKES = 10
_MOST_FIELDS = 100
_PLAIN = {
    "Missing data for required field.": "is missing",
    "Field may not be null.": "must not be null",
    "Not a valid string.": "must be text",
    "Invalid input type.": "must be an object",
}


class Words(fields.String):
    """Text of a bounded length; null is the same as left out."""

    def __init__(self, most: int, **more: Any) -> None:
        if not more.get("required"):
            more = {"load_default": "", "allow_none": True, **more}
        super().__init__(**more)
        self._most = most

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **_: Any) -> Any:
        loaded = super().deserialize(value, attr, data)
        if loaded is None:
            return ""
        if isinstance(loaded, str) and len(loaded) > self._most:
            raise ValidationError(f"is longer than {self._most:,} characters")
        return loaded


class Id(Words):
    """An opaque id: text or a whole number, kept as text."""

    def __init__(self, **more: Any) -> None:
        super().__init__(200, **more)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **_: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            value = str(value)
        loaded = super().deserialize(value, attr, data)
        if isinstance(loaded, str) and re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", loaded):
            raise ValidationError("must not hold control characters")
        if self.required and not loaded.strip():
            raise ValidationError("is empty")
        return loaded


class Link(Words):
    """An http or https address."""

    def __init__(self, **more: Any) -> None:
        super().__init__(2_000, **more)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **_: Any) -> Any:
        loaded = super().deserialize(value, attr, data)
        if isinstance(loaded, str) and loaded and not is_link(loaded):
            raise ValidationError("must be an http or https address")
        return loaded


class Instant(fields.Field[datetime]):
    """ISO 8601 with a time zone, kept in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        wrong = ValidationError("must be a time with its zone, like 2026-11-21T12:00:00Z")
        if not isinstance(value, str):
            raise wrong
        try:
            at = datetime.fromisoformat(value)
            if at.tzinfo is None:
                raise wrong
            return at.astimezone(UTC)
        except (ValueError, OverflowError) as odd:
            raise wrong from odd


def is_link(text: str) -> bool:
    """Whether it is an http or https address that can be shown and opened."""
    if re.search(r"[\s\x00-\x1f\x7f\ud800-\udfff<>\"\\]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


class _Part(Schema):
    """Unknown fields are let through, so that a website can grow; near misses are told."""

    class Meta:
        unknown = EXCLUDE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _near_misses(self, _data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, dict):
            return
        unused = [name for name in self.fields if name not in original]
        told = {}
        for name in list(original)[:_MOST_FIELDS]:
            if name in self.fields or len(name) > 40:
                continue
            near = difflib.get_close_matches(name.lower().replace("-", "_"), unused, 1, 0.85)
            if near:
                told[name] = [f"is not known; did you mean {near[0]}?"]
        if told:
            raise ValidationError(told)


_LANGUAGE = validate.Regexp(
    r"(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)?\Z", error="must be a language tag, like en or pt-BR"
)


class _Author(_Part):
    id = Id(required=True)
    name = Words(300)
    handle = Words(300)
    profile_url = Link()
    avatar_url = Link()
    language = Words(60, validate=_LANGUAGE)
    followers = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=0, max=2**53, error="must be a number of people"),
        error_messages={"invalid": "must be a whole number"},
    )


class _Media(_Part):
    url = Link(required=True)
    content_type = Words(200)
    filename = Words(300)
    description = Words(2_000)


class _Message(_Part):
    id = Id(required=True)
    thread_id = Id()
    parent_id = Id()
    visibility = fields.String(
        load_default="private",
        validate=validate.OneOf(("public", "private"), error="must be public or private"),
        error_messages={"invalid": "must be public or private", "null": "must not be null"},
    )
    author = fields.Nested(
        _Author, required=True, error_messages={"required": "is missing", "null": "is missing"}
    )
    text = Words(LONGEST_TEXT, required=True)
    subject = Words(300)
    language = Words(60, validate=_LANGUAGE)
    url = Link()
    created_at = Instant(load_default=None, allow_none=True)
    media = fields.List(
        fields.Nested(_Media, error_messages={"null": "must be an object"}),
        load_default=list,
        validate=validate.Length(max=MOST_MEDIA, error=f"takes {MOST_MEDIA} files at most"),
        error_messages={"invalid": "must be a list", "null": "must be a list"},
    )


class _Removed(_Part):
    id = Id(required=True)
    reason = Words(300)


class _Envelope(_Part):
    type = fields.String(
        required=True,
        validate=validate.OneOf(
            (CREATED, EDITED, DELETED), error=f"must be {CREATED}, {EDITED} or {DELETED}"
        ),
        error_messages={"required": "is missing", "invalid": "must be text", "null": "is missing"},
    )
    timestamp = Instant(required=True, error_messages={"null": "is missing"})
    data = fields.Raw(required=True, allow_none=True)


# Made once: a schema takes longer to make than to use.
_ENVELOPE, _MESSAGE, _REMOVED = _Envelope(), _Message(), _Removed()


def read(body: bytes) -> tuple[str, datetime, dict[str, Any]]:
    """The type, the time and the checked data. Raises `ValidationError` with every mistake, each
    named by the way to it (`data.author.id is missing`)."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as odd:
        raise ValidationError("the body is not JSON in UTF-8") from odd
    if not isinstance(given, dict):
        raise ValidationError("the body must be an object with type, timestamp and data")
    mistakes: list[str] = []
    envelope = _checked(_ENVELOPE, given, (), mistakes)
    kind = given.get("type")
    if "data" in given:
        shape = _REMOVED if kind == DELETED else _MESSAGE
        data = _checked(shape, given["data"], ("data",), mistakes)
    if mistakes:
        more = len(mistakes) - _MOST_MISTAKES
        told = mistakes[:_MOST_MISTAKES] + ([f"and {more} more"] if more > 0 else [])
        raise ValidationError("; ".join(told))
    return envelope["type"], envelope["timestamp"], data


def _checked(
    schema: Schema, given: Any, way: tuple[str, ...], mistakes: list[str]
) -> dict[str, Any]:
    try:
        return dict(schema.load(given))
    except ValidationError as error:
        mistakes.extend(_flat(error.messages, way))
        return {}


def _flat(messages: Any, way: tuple[str, ...]) -> Iterator[str]:
    if isinstance(messages, dict):
        for name, below in messages.items():
            yield from _flat(below, way if name == "_schema" else (*way, str(name)))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, dict):
            yield from _flat(message, way)
        else:
            yield f"{'.'.join(way)} {_plain(message)}".strip()


def _plain(message: str) -> str:
    return _PLAIN.get(message, message)
