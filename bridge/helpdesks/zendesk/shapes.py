"""The ground that Zendesk's answers are read on: ids, nulls, texts and instants.

Everything but ids is nullable in Zendesk's own contract, and ids come as numbers from the API
and as strings in events: both are normalised here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load

Raw = dict[str, Any]


class Id(fields.Field[str]):
    """A number, or a number in a string, as a string of digits; anything else is ""."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        found = id_of(value)
        if self.required and not found:
            raise ValidationError("not an id")
        return found


def id_of(value: object) -> str:
    """A number, or a number in a string, as a string of digits; anything else is ""."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value) if value > 0 else ""
    text = value.strip() if isinstance(value, str) else ""
    return text if text.isascii() and text.isdigit() and text.strip("0") else ""


class Text(fields.Field[str]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        return value if isinstance(value, str) else ""


class Instant(fields.Field[datetime]):
    """UTC, with or without fractions; what is unreadable is the beginning of time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else BEGINNING
        except ValueError:
            at = BEGINNING
        return at if at.tzinfo else at.replace(tzinfo=UTC)


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

MERGED = "closed_by_merge"
"""The tag that Zendesk puts on the ticket that was merged into another."""


class Answer(Schema):
    class Meta:
        unknown = EXCLUDE

    builds: type[Any]

    @pre_load
    def _leave_out_nulls(self, data: Any, **_: Any) -> Any:
        """Zendesk may answer null for anything: the same as not answering."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Any:
        return self.builds(**data)


def text() -> Text:
    return Text(load_default="")


def mapping() -> fields.Raw:
    return fields.Raw(load_default=None)


def dig(value: object, *path: str) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def mark_in(metadata: object) -> str:
    """Our mark in a comment's or an audit's metadata, "" if the bridge did not write it."""
    mark = dig(metadata, "custom", "bridge", "mark")
    return mark if isinstance(mark, str) else ""


def one(key: str, schema: type[Answer]) -> Callable[[Raw], Any]:
    """Reads the one thing that an answer holds under `key`."""
    made = Schema.from_dict({key: fields.Nested(schema, required=True)})
    holder = made(unknown=EXCLUDE)
    return lambda page: holder.load(page)[key]


def many(key: str, schema: type[Answer]) -> Callable[[Raw], tuple[Any, ...]]:
    """Reads the list that an answer holds under `key`."""
    made = Schema.from_dict({key: fields.List(fields.Nested(schema), required=True)})
    holder = made(unknown=EXCLUDE)
    return lambda page: tuple(holder.load(page)[key])


def whole(schema: type[Answer]) -> Callable[[Raw], Any]:
    """Reads an answer that is the thing itself."""
    return schema().load
