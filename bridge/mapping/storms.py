"""When many say the same at once: what counts as alike, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, post_load

from bridge.mapping import values
from bridge.mapping.guards import Priority
from bridge.mapping.shape import OneOrMore, Parsed, Strict


@dataclass(frozen=True, slots=True)
class Storm:
    """What is folded into one ticket, and how an answer to all of it goes out.

    `alike` is a likeness (`bridge.text.alike`, 0 to 1). So many people (`after`) whose posts are
    alike `within` a time begin a storm; one with no new post for `quiet` is over. `samples` are
    shown on its ticket. `group`, `priority` and `tags` are the ticket's ("" and none: as the rules
    route its first post). `answers_per_minute` is how fast an answer to many goes out
    on an account, at most; with `approval` a second person must agree to one.
    """

    alike: float = 0.6
    after: int = 20
    within: timedelta = timedelta(minutes=10)
    quiet: timedelta = timedelta(minutes=60)
    samples: int = 5
    group: str = ""
    priority: str = ""
    tags: tuple[str, ...] = ()
    answers_per_minute: int = 20
    approval: bool = False

    @property
    def seconds_between(self) -> float:
        """From one answer to the next."""
        return 60 / self.answers_per_minute

    def __str__(self) -> str:
        """For admins: when it takes a post, and where to."""
        minutes = self.within.total_seconds() / 60
        where = f" in group {self.group}" if self.group else ""
        return (
            f"into one incident ticket{where} once {self.after} people say the same "
            f"(likeness {self.alike:g}) within {minutes:g} minutes"
        )


LEAST_ALIKE = 0.45
"""Below that, posts in one language begin to be alike by chance."""

_LONGEST_WITHIN = timedelta(hours=24)
_LONGEST_QUIET = timedelta(days=7)


def _alike(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValidationError(f"must be a number from {LEAST_ALIKE} to 1: 0.6 is usual")
    if not LEAST_ALIKE <= value <= 1:
        meant = value / 100
        hint = f": did you mean {meant:g}?" if LEAST_ALIKE <= meant <= 1 else ": 0.6 is usual"
        raise ValidationError(f"must be from {LEAST_ALIKE} to 1, and here is {value:g}{hint}")
    return float(value)


def _between(least: int, most: int) -> Any:
    def parse(value: Any) -> int:
        found = values.number(value)
        if not least <= found <= most:
            raise ValidationError(f"must be from {least} to {most}, and here is {found}")
        return found

    return parse


def _at_most(longest: timedelta, said: str) -> Any:
    def parse(value: Any) -> timedelta:
        found = values.duration(value)
        if found > longest:
            raise ValidationError(f"must be {said} at most")
        return found

    return parse


class StormSchema(Strict):
    alike = Parsed(_alike)
    after = Parsed(_between(3, 10_000))
    within = Parsed(_at_most(_LONGEST_WITHIN, "24h"))
    quiet = Parsed(_at_most(_LONGEST_QUIET, "7d"))
    samples = Parsed(_between(1, 20))
    group = Parsed(values.name_or_id)
    priority = Parsed(values.one_of(Priority))
    tags = OneOrMore(values.tag)
    answers_per_minute = Parsed(_between(1, 600))
    approval = Parsed(values.flag)

    @post_load
    def made(self, data: Any, **kwargs: Any) -> Storm:
        if "priority" in data:
            data["priority"] = str(data["priority"])
        return Storm(**data)
