"""What messages cost the web process and the worker: processor seconds, and memory that stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from math import inf, isinf
from statistics import linear_regression

from sqlalchemy import func, select

from bench.far_side import FarSide
from bench.load import Loaded, load
from bench.processes import Memory, Used, family, memory, used
from bench.service import SAID_AGAIN, Message, Service
from bridge.ledger import Ledger
from bridge.ledger.tables import posts

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
    sent, counter = first, _Counter(pids(service))
    wrote = desk.calls()[WROTE] if desk else 0
    while True:
        _taken(_send(service, range(sent, sent + portion), 1), portion)
        sent, wrote = sent + portion, wrote + portion
        if desk:
            _written(desk, wrote)
            desk.forget(FORGOTTEN_AFTER)
        yield counter.sample(sent - first, portion)


def feed_mixed(
    service: Service, desk: FarSide, portion: int, first: int, every: int
) -> Iterator[Sample]:
    """As `feed`, but one in `every` becomes a ticket and a rule leaves out the others, and the next
    portion is sent while the last one is worked at: as a service that is never idle. A portion is
    through when its tickets stand and the ledger has all its posts. Raises `NotThrough`."""
    sent, counter = first, _Counter(pids(service))
    wrote = desk.calls()[WROTE]
    ledger = Ledger(service.environ["BRIDGE_DATABASE_URL"])
    before = _posts(ledger)
    with closing(ledger), ThreadPoolExecutor(1) as sender:
        coming = sender.submit(_send, service, range(sent, sent + portion), every)
        while True:
            words, sent = range(sent, sent + portion), sent + portion
            came = coming.result()
            coming = sender.submit(_send, service, range(sent, sent + portion), every)
            _taken(came, portion)
            wrote += sum(word % every == 0 for word in words)
            _written(desk, wrote)
            _grown(ledger, before + sent - first)
            desk.forget(FORGOTTEN_AFTER)
            yield counter.sample(sent - first, portion)


class _Counter:
    """What processes used since the last sample."""

    def __init__(self, who: dict[str, tuple[int, ...]]) -> None:
        self._who = who
        self._before = {name: used(those) for name, those in who.items()}

    def sample(self, after: int, messages: int) -> Sample:
        now = {name: used(those) for name, those in self._who.items()}
        since = {name: now[name].since(self._before[name]) for name in now}
        self._before = now
        return Sample(
            after, messages, since, {name: memory(those) for name, those in self._who.items()}
        )


def _send(service: Service, words: Sequence[int], every: int) -> Loaded:
    usual = Message("", 0).text
    return load(
        service.hook,
        [
            service.signed(Message(f"M{word}", word, SAID_AGAIN if word % every else usual))
            for word in words
        ],
        CONNECTIONS,
    )


def _taken(came: Loaded, portion: int) -> None:
    if came.refused:
        raise NotThrough(f"{came.refused} of {portion} were refused")


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
    _until(lambda: desk.calls()[WROTE], wanted, "no message became a ticket", LOOK)


def _grown(ledger: Ledger, wanted: int) -> None:
    # Seldom: a million of them take a twentieth of a second to count.
    _until(lambda: _posts(ledger), wanted, "no message became a post", 10 * LOOK)


def _posts(ledger: Ledger) -> int:
    with ledger.reading() as tx:
        return tx.conn.execute(select(func.count()).select_from(posts)).scalar_one()


def _until(look: Callable[[], int], wanted: int, stalled: str, pause: float) -> None:
    """However long it takes, as long as it goes on."""
    before, since = -1, time.monotonic()
    while (seen := look()) < wanted:
        if seen != before:
            before, since = seen, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise NotThrough(f"for {PATIENCE:.0f} seconds {stalled}")
        time.sleep(pause)
