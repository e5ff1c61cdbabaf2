"""From a delivery to its standing on the ticket, beside what is usually written instead."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench import dropped, rivals
from bench.chapter import Aim, Chapter, Line, Plot, Table, figure, percentile
from bench.eating import NotThrough
from bench.far_side import FarSide, far_side
from bench.ground import Ground, cores
from bench.load import load, request_bytes
from bench.nodered import NotToBeHad
from bench.processes import used
from bench.rivals import Rival
from bench.service import Message

DELAYS = (0.0, 0.05)
PEOPLE = 20
SLOWLY = 4.0
"""Messages in a second of one that waits for nobody."""
UNDER_LOAD = 12.0
"""The same for all."""
WARM = 60
"""Messages before anything is measured."""
CONNECTIONS = 16
PATIENCE = 30.0
OVERHEAD = 30.0
ALONE = "the helpdesk alone"
SQLITE, POSTGRESQL = "bridge, SQLite", "bridge, PostgreSQL"
OURS = (SQLITE, POSTGRESQL)


@dataclass(slots=True)
class Rounds:
    """Each round's percentiles, in milliseconds, of one of them at one delay. Under load: `rates`
    are messages on tickets in a second, `processor` is their processor time, ms for each;
    `missing` never stood on one."""

    calm: list[float] = field(default_factory=list)
    calm_95: list[float] = field(default_factory=list)
    half: list[float] = field(default_factory=list)
    most_95: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    missing: int = 0


Measured = dict[tuple[str, float], Rounds]


def measure(ground: Ground) -> Chapter:
    rounds, calm, loaded = (1, 4, 10) if ground.quick else (3, 8, 40)
    found: Measured = {}
    with _all(ground) as (there, absent):
        words = _Words()
        for rival in there:  # what runs for months has loaded and prepared what it needs
            _times(rival, words.some(4 if ground.quick else WARM), UNDER_LOAD)
        for _ in range(rounds):
            for delay in DELAYS:
                for rival in there:
                    rival.desk.take(delay)
                    here = found.setdefault((rival.name, delay), Rounds())
                    _round(rival, words, calm, loaded, here)
                    half = percentile(here.most_95[-1:], 1)
                    ground.say(f"  {rival.name}, {delay * 1000:.0f} ms: {half:.0f} ms")
                _alone(there[0].desk, found.setdefault((ALONE, delay), Rounds()), calm)
        for rival in there:
            rival.desk.take(0.0)
        lost = dropped.measure(ground, there)
    return _chapter(found, lost, absent)


class _Words:
    """Messages that nobody has sent before; every second one answers one of the first half."""

    def __init__(self) -> None:
        self._next = 0

    def some(self, count: int) -> tuple[Message, ...]:
        first, self._next = self._next, self._next + count
        half = -(-count // 2)
        return tuple(
            Message(
                f"M{first + one}",
                (first + one % half) % PEOPLE,
                above=f"M{first + one - half}" if one >= half else "",
            )
            for one in range(count)
        )


@contextmanager
def _all(ground: Ground) -> Iterator[tuple[list[Rival], str]]:
    """Everybody up, each with a helpdesk of their own; and why one is not there."""
    with ExitStack() as stack:
        there = []
        for name, kind in zip(OURS, ("sqlite", "postgresql"), strict=True):
            folder = stack.enter_context(ground.folder())
            url = stack.enter_context(ground.database(kind, folder))
            desk = stack.enter_context(far_side())
            there.append(stack.enter_context(rivals.bridge(name, desk, url, folder)))
        folder, desk = stack.enter_context(ground.folder()), stack.enter_context(far_side())
        there.append(stack.enter_context(rivals.handrolled(desk, folder)))
        absent = ""
        try:
            folder, desk = stack.enter_context(ground.folder()), stack.enter_context(far_side())
            there.append(stack.enter_context(rivals.node_red(desk, folder)))
        except NotToBeHad as why:
            absent = str(why)
        yield there, absent


def _round(rival: Rival, words: _Words, calm: int, loaded: int, into: Rounds) -> None:
    waits, _ = _times(rival, words.some(calm), SLOWLY)
    into.calm.append(percentile(waits, 0.5) * 1000)
    into.calm_95.append(percentile(waits, 0.95) * 1000)
    before = used(rival.pids())
    waits, took = _times(rival, words.some(loaded), UNDER_LOAD)
    into.processor.append(used(rival.pids()).since(before).seconds / loaded * 1000)
    into.half.append(percentile(waits, 0.5) * 1000)
    into.most_95.append(percentile(waits, 0.95) * 1000)
    into.most.append(max(waits) * 1000)
    into.rates.append(len(waits) / took)
    into.missing += loaded - len(waits)


def _times(rival: Rival, messages: Sequence[Message], rate: float) -> tuple[list[float], float]:
    """Seconds from when each message was due to its standing on a ticket, of those that came to
    stand there; and how long all took. Raises `NotThrough` where none did."""
    requests = [rival.signed(message) for message in messages]
    sent = load(rival.hook, requests, min(CONNECTIONS, len(requests)), rate)
    until = time.monotonic() + PATIENCE
    while True:
        stood = rival.desk.stood()
        if all(one.word in stood for one in messages) or time.monotonic() > until:
            break
        time.sleep(0.1)
    ends = [stood[one.word][0].at for one in messages if one.word in stood]
    if not ends:
        raise NotThrough(f"{rival.name}: none of {len(messages)} messages stands on a ticket")
    waits = [
        stood[one.word][0].at - (sent.began + number / rate)
        for number, one in enumerate(messages)
        if one.word in stood
    ]
    return waits, max(ends) - sent.began


def _alone(desk: FarSide, into: Rounds, calm: int) -> None:
    """What the helpdesk itself takes for one ticket, asked by nobody else."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {rivals.token(desk)}"}
    ticket = b'{"ticket": {"subject": "alone", "comment": {"body": "alone"}}}'
    url = f"{desk.url}/api/v2/tickets"
    sent = load(url, [request_bytes(url, headers, ticket)] * calm, 1, SLOWLY)
    into.calm.append(sent.at(0.5))
    into.calm_95.append(sent.at(0.95))


# ------------------------------------------------------------------ what is said of it


def _chapter(found: Measured, lost: Table, absent: str) -> Chapter:
    names = [name for name in dict.fromkeys(name for name, _ in found) if name != ALONE]
    columns = (
        "",
        "helpdesk takes",
        "one at a time: median",
        "95 %",
        "under load: median",
        "95 %",
        "longest",
        "a second",
        "processor for each",
    )
    rows = tuple(_row(name, delay, found[name, delay]) for delay in DELAYS for name in names)
    alone = tuple(_row(ALONE, delay, found[ALONE, delay]) for delay in DELAYS)
    about = (
        (
            "From the moment at which a message is due to be sent until it stands on its ticket, "
            f"in milliseconds. One at a time: {SLOWLY:g} messages a second; under load: "
            f"{UNDER_LOAD:g} a second, the same for all, over {CONNECTIONS} connections. Half of "
            "them open a ticket, half are appended to one. Processor is that of their own "
            "processes under load, without database, helpdesk and sender. Everybody has had "
            f"{WARM} messages before."
        ),
        (
            "Flask and zenpy: a webhook as an engineer writes it in an afternoon "
            "([bench/handrolled.py](../bench/handrolled.py)): gunicorn, the helpdesk asked inside "
            "the request, SQLite for which thread is which ticket. Node-RED: a flow of nine nodes "
            "that does the same ([bench/nodered.py](../bench/nodered.py)). The bridge is one web "
            f"process and one worker with {rivals.THREADS} threads; Flask and zenpy are two "
            f"processes with {rivals.THREADS} threads together; Node-RED is one process by nature, "
            "and asks the helpdesk as often at once as it likes. Each has a helpdesk of its own, "
            "asked by nobody else."
        ),
        (
            f"{ALONE[0].upper()}{ALONE[1:]} is a single call that opens a ticket. The stand-in is "
            "one Python process; its share is in everybody's figures."
        ),
        (
            f"The bridge's leases end after {rivals.LEASE:g} seconds here and not after two "
            "minutes, so that what a killed worker held is not waited for so long."
        ),
        *((f"Node-RED was not measured: {absent}.",) if absent else ()),
    )
    return Chapter(
        "From the network to the ticket",
        about,
        (
            Table("Milliseconds until it stands on the ticket", columns, (*rows, *alone)),
            lost,
        ),
        (_plot(found, names),),
        (*_ahead(found, names), *_overhead(found)),
    )


def _row(name: str, delay: float, rounds: Rounds) -> tuple[str, ...]:
    def cell(values: list[float], digits: int = 0) -> str:
        return figure(values).says(digits) if values else ""

    return (
        name,
        f"{delay * 1000:.0f} ms",
        cell(rounds.calm),
        cell(rounds.calm_95),
        cell(rounds.half),
        cell(rounds.most_95) + (f"; {rounds.missing} never" if rounds.missing else ""),
        cell(rounds.most),
        cell(rounds.rates, 1),
        cell(rounds.processor),
    )


def _plot(found: Measured, names: list[str]) -> Plot:
    return Plot(
        "through",
        "Until it stands on the ticket, under load (95th percentile)",
        tuple(f"helpdesk takes {delay * 1000:.0f} ms" for delay in DELAYS),
        tuple(
            Line(name, tuple(figure(found[name, delay].most_95).middle for delay in DELAYS))
            for name in names
        ),
        "",
        "milliseconds",
        "bar",
    )


def _ahead(found: Measured, names: list[str]) -> Iterator[Aim]:
    others = [name for name in names if name not in OURS]
    for delay in DELAYS:
        for name in OURS:
            ours = found[name, delay]
            theirs = {each: found[each, delay] for each in others}
            says = ", ".join(f"{each} {_late(at):.0f} ms" for each, at in theirs.items())
            behind = [each for each, at in theirs.items() if _late(at) <= _late(ours)]
            yield Aim(
                f"{name}: ahead of the others at the 95th percentile under load, with a helpdesk "
                f"that takes {delay * 1000:.0f} ms",
                not behind and not ours.missing,
                f"{_late(ours):.0f} ms; {says}",
                _limit(behind, ours, theirs),
            )


def _late(rounds: Rounds) -> float:
    return figure(rounds.most_95).middle


def _limit(behind: list[str], ours: Rounds, theirs: dict[str, Rounds]) -> str:
    if ours.missing:
        return f"{ours.missing} never stood on a ticket."
    if not behind:
        return ""
    by = ", ".join(f"{_late(ours) - _late(theirs[each]):.0f} ms behind {each}" for each in behind)
    cost = ", ".join(f"{each} {_processor(theirs[each]):.0f}" for each in behind)
    mine = _processor(ours)
    return (
        f"{by}. A message costs the bridge {mine:.0f} ms of processor time ({cost}): at "
        f"{UNDER_LOAD:g} a second {mine * UNDER_LOAD / 1000:.1f} of the {cores()} cores that it "
        "shares with database, helpdesk and sender. It is on disk before it is answered, before it "
        "is sent and with its receipt; what that is for is in the next table."
    )


def _processor(rounds: Rounds) -> float:
    return figure(rounds.processor).middle


def _overhead(found: Measured) -> Iterator[Aim]:
    for name in OURS:
        for delay in DELAYS:
            rounds = found[name, delay]
            alone = figure(found[ALONE, delay].calm).middle
            above = figure(rounds.calm).middle - alone
            yield Aim(
                f"{name}: less than {OVERHEAD:g} ms above the helpdesk's own time at the median, "
                f"one message at a time, with a helpdesk that takes {delay * 1000:.0f} ms",
                above < OVERHEAD,
                f"{above:.0f} ms above {alone:.0f} ms",
                f"{above - OVERHEAD:.0f} ms too many. Web and worker spend "
                f"{_processor(rounds):.0f} ms of processor time on a message (under load); the "
                "rest is waiting: for commits, for the wake-up, for a core."
                if above >= OVERHEAD
                else "",
            )
