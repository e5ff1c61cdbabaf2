"""When the brand is there, what it promises, and what it says by itself, only ever privately.

Each section an account leaves out is as it stands at the top.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from bridge.mapping import values
from bridge.mapping.openings import Holiday, OpeningHours
from bridge.mapping.shape import OneOrMore, Parsed, Strict, Table, section
from bridge.mapping.week import week, zone
from bridge.mapping.words import unknown
from bridge.model import Visibility
from bridge.text.placeholders import PEOPLES, Placeholder, Word, placeholders

SAID_MOST = 600
"""Characters of what the bridge says by itself in private."""

Words = tuple[tuple[str, str], ...]
"""Language tag → text."""

_HOLIDAY = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Targets:
    """Within how much time the brand wants to answer, counted in opening hours where there are
    any (None: no promise). `nudge` is how long before that passes the ticket says so."""

    public: timedelta | None = None
    private: timedelta | None = None
    nudge: timedelta = timedelta(minutes=15)

    def of(self, visibility: Visibility) -> timedelta | None:
        return self.private if visibility is Visibility.PRIVATE else self.public


@dataclass(frozen=True, slots=True)
class Csat:
    """How satisfaction is asked for, so long after a ticket was solved."""

    ask: Words
    thanks: Words = ()
    after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Service:
    """What was chosen, in one place or for an account; None where nothing was. `away` and
    `acknowledge` are texts with placeholders."""

    hours: OpeningHours | None = None
    away: Words | None = None
    acknowledge: Words | None = None
    targets: Targets | None = None
    csat: Csat | None = None


def settle_service(own: Service, overall: Service) -> Service:
    chosen = {}
    for name in Service.__dataclass_fields__:
        mine, all_others = getattr(own, name), getattr(overall, name)
        chosen[name] = all_others if mine is None else mine
    return Service(**chosen)


def _holiday(value: Any) -> Holiday:
    match = _HOLIDAY.fullmatch(value) if isinstance(value, str) else None
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        assert month is not None
        assert day is not None
        date(2024 if year is None else year, month, day)  # a leap year, so that 02-29 is a day
    except ValueError as error:
        raise ValidationError(
            'must be a day: "2026-12-24", or "12-25" for that day of every year (in quotes)'
        ) from error
    return Holiday(year, month, day)


def said(value: Any) -> str:
    """What the bridge says by itself in private, with placeholders of the closed grammar."""
    if not isinstance(value, str) or not value.strip():
        raise ValidationError("must be text")
    text = value.strip()
    if len(text) > SAID_MOST:
        raise ValidationError(f"is {len(text)} characters long, at most {SAID_MOST} fit")
    for placeholder in placeholders(text):
        _fillable(placeholder)
    return text


def _fillable(placeholder: Placeholder) -> None:
    """What the bridge says by itself must be sayable to everybody: nobody is there to mend it."""
    word = placeholder.known
    if word is None:
        raise ValidationError(unknown(placeholder.word, Word, what="placeholder"))
    if word is Word.AGENT:
        raise ValidationError(f"{placeholder.whole}: nobody answers here, the bridge speaks")
    if word in PEOPLES and placeholder.fallback is None:
        raise ValidationError(
            f"{placeholder.whole}: not everybody shows one, so say what stands there instead: "
            f"[[{word}|...]]"
        )


def needs_hours(service: Service) -> str:
    """Which text cannot be said by an account without hours, "" if there is none."""
    if service.hours is not None:
        return ""
    if service.away:
        return 'an away message needs `hours`: when is the account "away"?'
    csat = service.csat
    said_by_itself = (
        service.acknowledge or (),
        csat.ask if csat else (),
        csat.thanks if csat else (),
    )
    for _, text in (each for words in said_by_itself for each in words):
        for placeholder in placeholders(text):
            if placeholder.known is Word.OPENING and placeholder.fallback is None:
                return f"{placeholder.whole} needs `hours`, or a fallback: when does it open?"
    return ""


def _words(**kwargs: Any) -> Table:
    return Table(values.language, said, **kwargs)


class OpeningHoursSchema(Strict):
    zone = Parsed(zone, required=True)
    open = Parsed(week, required=True)
    holidays = OneOrMore(_holiday)

    @post_load
    def made(self, data: Any, **kwargs: Any) -> OpeningHours:
        return OpeningHours(data["zone"], data["open"], data.get("holidays", ()))


class TargetsSchema(Strict):
    public = Parsed(values.duration)
    private = Parsed(values.duration)
    nudge = Parsed(values.duration)

    @validates_schema(pass_original=True)
    def something(self, data: Any, original: Any, **kwargs: Any) -> None:
        if isinstance(original, dict) and not {"public", "private"} & set(original):
            raise ValidationError("needs `public` or `private`: within how much time you answer")

    @post_load
    def made(self, data: Any, **kwargs: Any) -> Targets:
        return Targets(**data)


class CsatSchema(Strict):
    ask = _words(required=True)
    thanks = _words()
    after = Parsed(values.duration)

    @post_load
    def made(self, data: Any, **kwargs: Any) -> Csat:
        data["ask"] = tuple(data["ask"].items())
        data["thanks"] = tuple(data.get("thanks", {}).items())
        return Csat(**data)


class ServiceSchema(Strict):
    """Mixed into what may be chosen for all accounts, and for each."""

    hours = section(OpeningHoursSchema)
    away = _words()
    acknowledge = _words()
    targets = section(TargetsSchema)
    csat = section(CsatSchema)


def service_of(data: Any) -> Service:
    """The choices among what a schema loaded."""
    return Service(
        hours=data.get("hours"),
        away=tuple(data["away"].items()) if "away" in data else None,
        acknowledge=tuple(data["acknowledge"].items()) if "acknowledge" in data else None,
        targets=data.get("targets"),
        csat=data.get("csat"),
    )
