"""Days, times of day and time zones as admins write them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from bridge.mapping import hours, values
from bridge.mapping.hours import Span
from bridge.mapping.words import unknown
from bridge.mapping.zones import zones


def zone(value: Any) -> str:
    name = values.line(value)
    if name not in zones():
        raise ValidationError(unknown(name, zones(), what="time zone"))
    return name


def week(value: Any) -> tuple[Span, ...]:
    if not isinstance(value, dict) or not value:
        raise ValidationError('must hold days and times: `mon-fri: "09:00-17:30"`')
    found: list[Span] = []
    wrong: dict[str, list[str]] = {}
    for names, times in value.items():
        try:
            on = hours.days(names)
            for time in times if isinstance(times, list) and times else [times]:
                found.extend(hours.spans(on, values.line(time)))
        except ValidationError as error:
            wrong[names] = [str(message) for message in error.messages]
        except ValueError as error:
            day = str(error) in (names, *(part.strip() for part in names.split("-")))
            hint = (
                unknown(str(error), [*hours.DAYS, "daily"], what="day")
                if day
                else f'"{error}" is not a time of day: write "09:00-17:30"'
            )
            wrong[names] = [hint]
    if wrong:
        raise ValidationError(wrong)
    return tuple(found)
