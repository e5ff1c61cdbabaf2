"""What the schemas are made of: fields that tell every mistake in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema

from bridge.mapping.words import unknown

_MESSAGES = {"required": "is missing", "null": "is empty", "type": "must hold keys"}


class UnknownKey(str):
    """A message about a key itself, not about its value."""

    __slots__ = ()


class Parsed(fields.Field[Any]):
    """A value that one function of `values` understands."""

    def __init__(self, parse: Callable[[Any], Any], **kwargs: Any) -> None:
        super().__init__(error_messages=dict(_MESSAGES), **kwargs)
        self.parse = parse

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return self.parse(value)


class OneOrMore(Parsed):
    """One value, or a list of them; never an empty list, which would silently mean "all"."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            return (self.parse(value),)
        if not value:
            raise ValidationError("is an empty list: leave it out, or name something")
        found, wrong = [], {}
        for position, item in enumerate(value):
            try:
                found.append(self.parse(item))
            except ValidationError as error:
                wrong[position] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return tuple(dict.fromkeys(found))


class Table(Parsed):
    """Words and values that admins choose themselves."""

    def __init__(self, key: Callable[[Any], str], parse: Callable[[Any], Any], **kw: Any) -> None:
        super().__init__(parse, **kw)
        self.key = key

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("type")
        found, wrong = {}, {}
        for name, item in value.items():
            try:
                found[self.key(name)] = self.parse(item)
            except ValidationError as error:
                wrong[name] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return found


class Strict(Schema):
    """Keys that are not known are mistakes, told together with the nearest that are."""

    class Meta:
        unknown = EXCLUDE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def known_keys(self, data: Any, original: Any, **kwargs: Any) -> None:
        known = [field.data_key or name for name, field in self.fields.items()]
        given = original if isinstance(original, dict) else {}
        wrong = {
            key: [UnknownKey(unknown(key, known, what="key"))] for key in given if key not in known
        }
        if wrong:
            raise ValidationError(wrong)


Strict.error_messages = _MESSAGES


def section(schema: type[Schema], **kwargs: Any) -> fields.Nested:
    return fields.Nested(schema, error_messages=dict(_MESSAGES), **kwargs)
