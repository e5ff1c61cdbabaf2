"""The `fields` of a read, `id,from{name},comments.order(reverse_chronological).limit(5){id}`.

https://developers.facebook.com/docs/graph-api/guides/field-expansion/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.sandbox.meta.refusals import Refusal, Wrong, no_such_field


@dataclass(frozen=True, slots=True)
class Want:
    """One field that is asked for, with its modifiers and what is asked for inside it."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    inside: tuple[Want, ...] = ()


Known = dict[str, Callable[[Want], Any]]
"""How each field that an object has is made; None leaves it out of the answer."""


def parsed(text: str) -> tuple[Want, ...]:
    """Raises `Refusal` for brackets that do not close."""
    return tuple(_want(part) for part in _parts(text) if part)


def _parts(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        if sign in "{(":
            depth += 1
        elif sign in "})":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
        if depth < 0:
            raise _unreadable(text)
    if depth:
        raise _unreadable(text)
    return [*parts, text[start:].strip()]


def _want(part: str) -> Want:
    head, brace, rest = part.partition("{")
    if brace and not rest.endswith("}"):
        raise _unreadable(part)
    name, *modifiers = head.split(".")
    given: dict[str, str] = {}
    for modifier in modifiers:
        key, bracket, value = modifier.partition("(")
        if not bracket or not value.endswith(")"):
            raise _unreadable(part)
        given[key] = value[:-1]
    return Want(name, given, parsed(rest[:-1]) if brace else ())


def _unreadable(text: str) -> Refusal:
    return Refusal(Wrong(2500, f'Syntax error "Expected end of string" at: {text}'))


def picked(
    known: Known, wanted: tuple[Want, ...], usual: tuple[str, ...], kind: str
) -> dict[str, Any]:
    """The fields asked for (`usual` if none), and the id always. Raises `Refusal` for any that
    the object does not have."""
    answer: dict[str, Any] = {}
    for want in wanted or tuple(Want(name) for name in usual):
        if want.name not in known:
            raise no_such_field(want.name, kind)
        value = known[want.name](want)
        if value is not None:
            answer[want.name] = value
    if "id" in known:
        answer["id"] = known["id"](Want("id"))
    return answer
