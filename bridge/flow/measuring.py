"""How long customers wait, and how many answers keep the promise. Pure functions.

A waiting spell begins with the first thing a customer says that is not answered yet, and ends with
the first answer of an agent to them. What the bridge says by itself ends none; it is told apart.

Percentiles are nearest-rank: the shortest of the times that were measured within which at least
that share of them lies. Nothing is made up between two of them, and of nothing there is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import TypeVar

from bridge.ledger.dialogues import Said, Solved, Who
from bridge.ledger.periods import Period
from bridge.mapping.openings import OpeningHours
from bridge.mapping.service import Service, Targets
from bridge.model import DAY, MINUTE, Visibility

MEDIAN, NINETIETH = Fraction(1, 2), Fraction(9, 10)

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Spell:
    """One customer's waiting. `visibility` is that of what it began with. `closed`: nobody waits
    any more although nobody answered: the ticket was solved, or the words were taken back."""

    account: str
    network: str
    visibility: Visibility
    began_at: datetime
    answered_at: datetime | None = None
    answered_as: Visibility | None = None
    automatic_at: datetime | None = None
    closed: bool = False

    @property
    def waited(self) -> timedelta | None:
        return self.answered_at - self.began_at if self.answered_at else None

    @property
    def automatic_after(self) -> timedelta | None:
        return self.automatic_at - self.began_at if self.automatic_at else None

    @property
    def waits(self) -> bool:
        return self.answered_at is None and not self.closed


@dataclass(frozen=True, slots=True)
class Times:
    """Of how many, and the times; None of none."""

    count: int
    median: timedelta | None
    ninetieth: timedelta | None


@dataclass(frozen=True, slots=True)
class Answering:
    """The spells of one account, network or hour. Of `promised` spells it is known whether the
    promise was kept, and of so many it was (`in_time`)."""

    spells: int
    waiting: int
    closed: int
    first: Times
    automatic: Times
    promised: int
    in_time: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.in_time, self.promised) if self.promised else None


@dataclass(frozen=True, slots=True)
class Resolution:
    """One solved ticket: from the first thing the customer said in it."""

    account: str
    began_at: datetime
    solved_at: datetime

    @property
    def took(self) -> timedelta:
        return self.solved_at - self.began_at


@dataclass(frozen=True, slots=True)
class Privately:
    """Public posts that were answered, and how many of them privately."""

    answered: int
    privately: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.privately, self.answered) if self.answered else None


# ------------------------------------------------------------------ spells


def spells(said: Iterable[Said], solved: Iterable[Solved] = ()) -> tuple[Spell, ...]:
    """Every spell, in the order in which they began."""
    found: list[Spell] = []
    for _, events in sorted(_by_conversation(said, solved).items()):
        found += _spells(events)
    return tuple(sorted(found, key=lambda each: (each.began_at, each.account)))


def within(found: Iterable[Spell], period: Period) -> tuple[Spell, ...]:
    """Those that began in the period."""
    return tuple(each for each in found if period.since <= each.began_at < period.until)


def _by_conversation(
    said: Iterable[Said], solved: Iterable[Solved]
) -> dict[int, list[Said | datetime]]:
    events: dict[int, list[Said | datetime]] = defaultdict(list)
    for each in said:
        events[each.conversation].append(each)
    for ticket in solved:
        if ticket.at is not None and ticket.conversation in events:
            events[ticket.conversation].append(ticket.at)
    return events


def _order(event: Said | datetime) -> tuple[datetime, int]:
    """At the same instant: the question, the answer, the end."""
    if isinstance(event, datetime):
        return event, 2
    return event.at, 0 if event.who is Who.CUSTOMER else 1


def _spells(events: list[Said | datetime]) -> list[Spell]:
    """Of one conversation."""
    found: list[Spell] = []
    open_ones: dict[int | None, Spell] = {}
    standing: set[int | None] = set()
    for event in sorted(events, key=_order):
        if isinstance(event, datetime):
            for spell in open_ones.values():
                spell.closed = True
            open_ones.clear()
            standing.clear()
        elif event.who is Who.CUSTOMER:
            if event.person not in open_ones:
                spell = Spell(event.account, event.network, event.visibility, event.at)
                open_ones[event.person] = spell
                found.append(spell)
            if not event.gone:
                standing.add(event.person)
        elif event.who is Who.AUTOMATIC:
            for spell in open_ones.values():
                spell.automatic_at = spell.automatic_at or event.at
        else:
            answered = [event.person] if event.person is not None else list(open_ones)
            for person in answered:
                if person in open_ones:
                    spell = open_ones.pop(person)
                    spell.answered_at, spell.answered_as = event.at, event.visibility
                    standing.discard(person)
    for person, spell in open_ones.items():
        spell.closed = person not in standing  # all of it was taken back
    return found


# ------------------------------------------------------------------ times and shares


def percentile(values: Sequence[timedelta], share: Fraction) -> timedelta | None:
    """Nearest-rank; None of none. `share` is more than 0 and at most 1."""
    if not values:
        return None
    return sorted(values)[ceil(share * len(values)) - 1]


def times(values: Iterable[timedelta | None]) -> Times:
    """What is not known is not counted."""
    known = [each for each in values if each is not None]
    return Times(len(known), percentile(known, MEDIAN), percentile(known, NINETIETH))


def kept(spell: Spell, service: Service, now: datetime) -> bool | None:
    """Whether the promise was kept; None where there was none, or where it may still be."""
    target = (service.targets or Targets()).of(spell.visibility)
    if target is None or spell.closed:
        return None
    used = open_time(service.hours, spell.began_at, spell.answered_at or now)
    if used > target:
        return False
    return True if spell.answered_at else None


def open_time(hours: OpeningHours | None, since: datetime, until: datetime) -> timedelta:
    """All of it where there are no hours."""
    return hours.between(since, until) if hours else until - since


def answering(
    found: Iterable[Spell], service: Callable[[str], Service], now: datetime
) -> Answering:
    spells = tuple(found)
    promises = [kept(each, service(each.account), now) for each in spells]
    return Answering(
        spells=len(spells),
        waiting=sum(each.waits for each in spells),
        closed=sum(each.closed for each in spells),
        first=times(each.waited for each in spells),
        automatic=times(each.automatic_after for each in spells),
        promised=sum(each is not None for each in promises),
        in_time=sum(each is True for each in promises),
    )


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, tuple[T, ...]]:
    """Items by what they have in common, in the order in which that first came up."""
    found: dict[K, list[T]] = {}
    for each in items:
        found.setdefault(key(each), []).append(each)
    return {name: tuple(some) for name, some in found.items()}


def privately(found: Iterable[Spell]) -> Privately:
    public = [each for each in found if each.answered_at and each.visibility is Visibility.PUBLIC]
    private = sum(each.answered_as is Visibility.PRIVATE for each in public)
    return Privately(len(public), private)


# ------------------------------------------------------------------ resolution


def resolutions(
    said: Iterable[Said], solved: Iterable[Solved], period: Period
) -> tuple[Resolution, ...]:
    """Every ticket that was solved in the period. A follow-up begins with the first thing that was
    said after the ticket before it was solved."""
    asked: dict[int, list[datetime]] = defaultdict(list)
    for each in said:
        if each.who is Who.CUSTOMER:
            asked[each.conversation].append(each.at)
    before: dict[int, datetime] = {}
    found = []
    for ticket in sorted(solved, key=lambda each: each.since):
        if ticket.at is None:
            continue
        earlier = before.get(ticket.conversation)
        begun = [
            at
            for at in asked[ticket.conversation]
            if at <= ticket.at and (earlier is None or at > earlier)
        ]
        before[ticket.conversation] = max(ticket.at, earlier or ticket.at)
        if begun and period.since <= ticket.at < period.until:
            found.append(Resolution(ticket.account, min(begun), ticket.at))
    return tuple(found)


# ------------------------------------------------------------------ Facebook's badge

BADGE_SHARE, BADGE_WITHIN, BADGE_OVER = Fraction(9, 10), 15 * MINUTE, 7 * DAY
"""https://www.facebook.com/help/475643069256244 (a response rate of 90% and a response time of 15
minutes over the last 7 days) and https://www.facebook.com/business/help/201893553741970 (90% of
all messages within 15 minutes)."""


@dataclass(frozen=True, slots=True)
class Badge:
    """Where a Page stands: of `asked` messages that could have been answered in time so many were
    (`quick`). `answered`: in whatever time. `needed`: so many more quick answers in a row would
    reach the share."""

    asked: int
    quick: int
    answered: int
    median: timedelta | None

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.quick, self.asked) if self.asked else None

    @property
    def is_reached(self) -> bool:
        return self.share is not None and self.share >= BADGE_SHARE

    @property
    def needed(self) -> int:
        missing = BADGE_SHARE * self.asked - self.quick
        return max(0, ceil(missing / (1 - BADGE_SHARE)))


def badge(found: Iterable[Spell], now: datetime) -> Badge:
    """Of the private spells of one Page's account. What was asked less than 15 minutes ago and is
    not answered yet is not judged."""
    counted = [
        each
        for each in found
        if each.visibility is Visibility.PRIVATE
        and now - BADGE_OVER <= each.began_at <= now
        and (each.answered_at is not None or now - each.began_at > BADGE_WITHIN)
    ]
    waits = [each.waited for each in counted if each.waited is not None]
    return Badge(
        asked=len(counted),
        quick=sum(each <= BADGE_WITHIN for each in waits),
        answered=len(waits),
        median=percentile(waits, MEDIAN),
    )
