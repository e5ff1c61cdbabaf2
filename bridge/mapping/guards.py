"""What must not go out in public unseen: personal data, some words, answers by beginners.

Each key an account leaves out is as it stands at the top.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import regex
from marshmallow import ValidationError, post_load, validates_schema

from bridge.mapping import values
from bridge.mapping.shape import OneOrMore, Parsed, Strict, section
from bridge.mapping.words import shown

PATTERN_MOST = 200
PATIENCE = 0.05
"""Seconds that a brand's own pattern may take for one text: an unlucky one takes for ever."""


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class PersonalData(StrEnum):
    """What becomes of a public reply that holds any."""

    HOLD = "hold"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Approval:
    """When a second person must agree to a public reply: any one of these is enough.

    `first_replies`: so many replies of each agent. `agents` are names, or ids at the helpdesk.
    """

    first_replies: int = 0
    agents: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardChoice:
    """What was written in one place; None where nothing was."""

    personal_data: PersonalData | None = None
    order_numbers: tuple[str, ...] | None = None
    may_say: tuple[str, ...] | None = None
    tone: tuple[str, ...] | None = None
    approval: Approval | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """What holds for an account. `order_numbers` are patterns of the `regex` module, `may_say`
    what is the brand's own and may stand in public (its address, its telephone)."""

    personal_data: PersonalData = PersonalData.HOLD
    order_numbers: tuple[str, ...] = ()
    may_say: tuple[str, ...] = ()
    tone: tuple[str, ...] = ()
    approval: Approval = field(default=Approval())


def settle_guard(own: GuardChoice, overall: GuardChoice) -> Guard:
    chosen = {}
    for name in GuardChoice.__dataclass_fields__:
        for choice in (overall, own):
            value = getattr(choice, name)
            if value is not None:
                chosen[name] = value
    return Guard(**chosen)


def _pattern(value: Any) -> str:
    """A regular expression that finds something, and not everything."""
    text = values.line(value)
    if len(text) > PATTERN_MOST:
        raise ValidationError(f"is {len(text)} characters long, at most {PATTERN_MOST} fit")
    try:
        compiled = regex.compile(text)
        everywhere = compiled.search("", timeout=PATIENCE)
    except (regex.error, TimeoutError, RecursionError) as error:
        raise ValidationError(f'"{shown(text)}" is not a pattern: {error}') from error
    if everywhere:
        raise ValidationError(f'"{shown(text)}" fits everything: name what must be there')
    return text


class ApprovalSchema(Strict):
    first_replies = Parsed(values.number)
    agents = OneOrMore(values.name_or_id)
    priority = OneOrMore(values.one_of(Priority), attribute="priorities")
    words = OneOrMore(values.searched)

    @validates_schema(pass_original=True)
    def something(self, data: Any, original: Any, **kwargs: Any) -> None:
        if original == {}:
            raise ValidationError("is empty: say when, or leave `approval` out")

    @post_load
    def made(self, data: Any, **kwargs: Any) -> Approval:
        return Approval(**data)


class GuardSchema(Strict):
    personal_data = Parsed(values.one_of(PersonalData))
    order_number = OneOrMore(_pattern, attribute="order_numbers")
    may_say = OneOrMore(values.searched)
    tone = OneOrMore(values.searched)
    approval = section(ApprovalSchema)

    @post_load
    def made(self, data: Any, **kwargs: Any) -> GuardChoice:
        return GuardChoice(**data)
