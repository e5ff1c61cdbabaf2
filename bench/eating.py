"""What messages cost the web process and the worker: processor seconds, and memory that stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isinf
from statistics import linear_regression

from bench.far_side import FarSide
from bench.load import load
from bench.processes import Memory, Used, family, memory, used
from bench.service import Message, Service

CONNECTIONS = 8
PATIENCE = 120.0
FORGOTTEN_AFTER = 900.0
"""Longer than the reconcile looks back, so that it finds all that it would find."""
LOOK = 0.1
WROTE = "POST /api/v2/tickets"


class NotThrough(Exception):
    """Messages that were taken in do not become tickets."""


@dataclass(frozen=True, slots=True)
class Sample:
    """After so many messages in all: what the last `messages` cost, and the memory then."""

    after: int
    messages: int
    used: dict[str, Used]
    memory: dict[str, Memory]

    def per_thousand(self, who: str) -> Used:
        part = 1000 / self.messages
        return Used(self.used[who].user * part, self.used[who].system * part)


LEAST_FOR_SLOPE = 5_000
"""Messages: what is loaded and kept once comes with the first thousands (docs/profiles.md)."""


@dataclass(frozen=True, slots=True)
class Slope:
    """MiB for each 100,000 messages, counted from `first` to `last` messages; `give` is how much
    more or less it may be (two standard errors)."""

    middle: float
    give: float
    first: int
    last: int

    def says(self) -> str:
        if isinf(self.give):
            return "too few messages to tell"
        return f"{self.middle:+,.0f} ± {self.give:,.0f} (from {self.first:,} to {self.last:,})"


def pids(service: Service) -> dict[str, tuple[int, ...]]:
    """ "web" (gunicorn's parent and those that serve) and "worker", of those that run."""
    return {name: family(pid) for name, pid in service.household.pids().items()}


def feed(service: Service, desk: FarSide | None, portion: int, first: int) -> Iterator[Sample]:
    """Messages, so many at a time, for as long as samples are asked for: each of another person,
    each a ticket, numbered from `first`. `desk` None: nobody works, they are only taken in. Raises
    `NotThrough`."""
    who, sent = pids(service), first
    wrote = desk.calls()[WROTE] if desk else 0
    before = {name: used(those) for name, those in who.items()}
    while True:
        words = range(sent, sent + portion)
        came = load(
            service.hook,
            [service.signed(Message(f"M{word}", word)) for word in words],
            CONNECTIONS,
        )
        if came.refused:
            raise NotThrough(f"{came.refused} of {portion} were refused")
        sent, wrote = sent + portion, wrote + portion
        if desk:
            _written(desk, wrote)
            desk.forget(FORGOTTEN_AFTER)
        after = {name: used(those) for name, those in who.items()}
        yield Sample(
            sent - first,
            portion,
            {name: after[name].since(before[name]) for name in who},
            {name: memory(those) for name, those in who.items()},
        )
        before = after


def slope(samples: list[Sample], who: str) -> Slope:
    """By least squares over the later two thirds: what is loaded and kept once comes first."""
    rest = samples[len(samples) // 3 :]
    xs = [sample.after / 100_000 for sample in rest]
    ys = [sample.memory[who].pss for sample in rest]
    if len(rest) < 3 or rest[-1].after < LEAST_FOR_SLOPE:
        return Slope(0.0, inf, rest[0].after, rest[-1].after)
    line = linear_regression(xs, ys)
    off = sum((y - line.slope * x - line.intercept) ** 2 for x, y in zip(xs, ys, strict=True))
    middle = sum(xs) / len(xs)
    spread = sum((x - middle) ** 2 for x in xs)
    give = 2 * (off / (len(xs) - 2) / spread) ** 0.5
    return Slope(line.slope, give, rest[0].after, rest[-1].after)


def _written(desk: FarSide, wanted: int) -> None:
    """However long it takes, as long as it goes on."""
    before, since = -1, time.monotonic()
    while (wrote := desk.calls()[WROTE]) < wanted:
        if wrote != before:
            before, since = wrote, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise NotThrough(f"for {PATIENCE:.0f} seconds no message became a ticket")
        time.sleep(LOOK)
