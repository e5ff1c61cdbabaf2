"""An account's options as questions: which there are, and what is wrong with an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing

from bridge.mapping.options import flat, is_secret, plain_words
from bridge.settings import Secret

OWN_CHOICE = "own_choice"
"""In a field's metadata: a secret that nobody hands out, so that it may be drawn."""


@dataclass(frozen=True, slots=True)
class Question:
    """One option. `default` is as one would write it, "" for none."""

    name: str
    required: bool
    secret: bool
    default: str
    help: str
    own_choice: bool


def questions(schema: Schema) -> tuple[Question, ...]:
    """What is needed first, else in the order of the schema."""
    asked = (_question(name, field) for name, field in schema.fields.items())
    return tuple(sorted(asked, key=lambda each: not each.required))


def _question(name: str, field: fields.Field[Any]) -> Question:
    default = field.load_default
    told = default is not missing and default is not None
    return Question(
        name=field.data_key or name,
        required=field.required,
        secret=is_secret(name),
        default=written(default) if told else "",
        help=str(field.metadata.get("help", "")),
        own_choice=bool(field.metadata.get(OWN_CHOICE)),
    )


def written(value: Any) -> str:
    """A plain value as a mapping has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def wrong_with(schema: Schema, name: str, answer: str) -> str:
    """What is wrong with one answer by itself, "" if nothing."""
    known = {field.data_key or key: field for key, field in schema.fields.items()}
    try:
        known[name].deserialize(_given(name, answer), name, {})
    except ValidationError as wrong:
        return "; ".join(plain_words(said) for _, said in flat(wrong.messages))
    return ""


def loaded(schema: Schema, answers: Mapping[str, str]) -> dict[str, Any]:
    """The options as a channel takes them. Raises `ValidationError`."""
    return dict(schema.load({name: _given(name, said) for name, said in answers.items()}))


def wrong_together(schema: Schema, answers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What is wrong with all of them, by option ("" for the whole)."""
    try:
        loaded(schema, answers)
    except ValidationError as wrong:
        return tuple(
            (str(way[0]) if way else "", plain_words(said)) for way, said in flat(wrong.messages)
        )
    return ()


def value_of(schema: Schema, name: str, answer: str) -> Any:
    """What a mapping should hold for a plain answer: a flag or a number as such, else its text."""
    known = {field.data_key or key: field for key, field in schema.fields.items()}
    made = known[name].deserialize(answer, name, {})
    return made if isinstance(made, (bool, int, float)) else answer


def _given(name: str, answer: str) -> Any:
    return Secret(answer) if is_secret(name) else answer
