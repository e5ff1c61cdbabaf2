"""Taking a webhook in: how many a second, how soon each is answered, and what that costs beside the
least that any service must do.

A webhook is answered when it is on disk. So the bridge is compared with a service that does nothing
but put one row on the same disk (`bench.floors`), and with one that does nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count

from bench.chapter import Aim, Chapter, Figure, Line, Plot, Table, figure
from bench.far_side import far_side
from bench.floors import floor
from bench.ground import Ground
from bench.load import Loaded, load, request_bytes
from bench.service import Message, Service, body_of, service
from bridge.model import utcnow

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SHAPES = {"sqlite": ((1, 2), (1, 8)), "postgresql": ((1, 2), (1, 8), (2, 8))}
"""Processes of the web server, and threads of each. More processes are for PostgreSQL: on SQLite
whoever writes takes a turn."""
USUAL = (1, 8)
WANTED_SHARE, WANTED_WAIT, WANTED_LONGEST = 0.8, 15.0, 250.0

_words = count()


@dataclass(frozen=True, slots=True)
class Shape:
    """One database, so many processes and threads; what it managed a second, round by round."""

    kind: str
    processes: int
    threads: int
    nothing: Figure
    row: Figure
    ours: Figure
    share: Figure

    @property
    def says(self) -> str:
        return f"{KINDS[self.kind]}, {self.processes} × {self.threads}"


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds at `rate` webhooks a second. `busy`: workers wrote at the same time."""

    kind: str
    busy: bool
    rate: float
    loaded: Loaded

    @property
    def longest(self) -> float:
        return max(self.loaded.waits) * 1000

    @property
    def says(self) -> str:
        return KINDS[self.kind] + (", workers at work" if self.busy else "")


def measure(ground: Ground) -> Chapter:
    shapes: list[Shape] = []
    waits: list[Waits] = []
    for kind in KINDS:
        for processes, threads in (USUAL,) if ground.quick else SHAPES[kind]:
            with _doors(ground, kind, processes, threads) as doors:
                shapes.append(_raced(ground, kind, processes, threads, doors))
                ground.say(f"  {shapes[-1].says}: {shapes[-1].share.middle:.2f} of a row's rate")
                if (processes, threads) == USUAL:
                    half = shapes[-1].ours.middle / 2
                    waits.append(_paced(ground, kind, doors.ours, half, busy=False))
        waits.append(_beside_workers(ground, kind, half))
    return _chapter(tuple(shapes), tuple(waits))


@dataclass(frozen=True, slots=True)
class _Doors:
    """What is running: the bridge, and the addresses of the two floors."""

    ours: Service
    nothing: str
    row: str


@contextmanager
def _doors(ground: Ground, kind: str, processes: int, threads: int) -> Iterator[_Doors]:
    with ExitStack() as stack:
        ours, theirs = stack.enter_context(ground.folder()), stack.enter_context(ground.folder())
        url = stack.enter_context(ground.database(kind, ours))
        rows = stack.enter_context(ground.database(kind, theirs))
        desk = stack.enter_context(far_side())
        yield _Doors(
            stack.enter_context(
                service(desk, url, ours, workers=0, processes=processes, threads=threads)
            ),
            stack.enter_context(floor("nothing", theirs, processes=processes, threads=threads)),
            stack.enter_context(
                floor("one_row", theirs, processes=processes, threads=threads, database=rows)
            ),
        )


def _raced(ground: Ground, kind: str, processes: int, threads: int, doors: _Doors) -> Shape:
    """Each as fast as it can, one after the other, in rounds; as many connections as threads."""
    many, rounds = (40, 1) if ground.quick else (350, 3)
    connections = processes * threads
    nothing, row, ours = [], [], []
    for turn in range(rounds + 1):
        plain = body_of(Message("M0", 0), utcnow())
        to_nothing, to_row = (
            [request_bytes(url, {"Content-Type": "application/json"}, plain)] * many
            for url in (doors.nothing, doors.row)
        )
        found = (
            load(doors.nothing, to_nothing, connections).rate,
            load(doors.row, to_row, connections).rate,
            load(doors.ours.hook, _signed(doors.ours, many), connections).rate,
        )
        if turn == 0 and rounds > 1:
            continue  # everything is opened and made for the first time
        nothing.append(found[0])
        row.append(found[1])
        ours.append(found[2])
    share = figure([mine / theirs for mine, theirs in zip(ours, row, strict=True)])
    return Shape(kind, processes, threads, figure(nothing), figure(row), figure(ours), share)


def _paced(ground: Ground, kind: str, ours: Service, rate: float, *, busy: bool) -> Waits:
    seconds = 0.5 if ground.quick else 4.0
    requests = _signed(ours, max(20, int(rate * seconds)))
    return Waits(kind, busy, rate, load(ours.hook, requests, 2 * USUAL[1], rate))


def _beside_workers(ground: Ground, kind: str, rate: float) -> Waits:
    """The same rate while one worker process works off what comes in."""
    with ground.folder() as folder, ground.database(kind, folder) as url, far_side() as desk:
        processes, threads = USUAL
        with service(desk, url, folder, processes=processes, threads=threads) as ours:
            load(ours.hook, _signed(ours, 40), 8)  # the worker has something to do
            return _paced(ground, kind, ours, rate, busy=True)


def _signed(ours: Service, many: int) -> list[bytes]:
    """Of a hundred people, each message its own thread, every fourth private."""
    return [
        ours.signed(Message(f"M{word}", word % 100, private=word % 4 == 0))
        for word in (next(_words) for _ in range(many))
    ]


def _chapter(shapes: tuple[Shape, ...], waits: tuple[Waits, ...]) -> Chapter:
    return Chapter(
        "Taking a webhook in",
        (
            (
                "A webhook is answered 200 when it is committed. *Nothing* is Flask under "
                "gunicorn's threads that answers 200 and does no work; *one row* is the same with "
                "one row committed as durably as the ledger does it (SQLite: write-ahead log and "
                "`synchronous=FULL`; PostgreSQL: as it comes, waiting for the disk) over a pooled "
                "connection. *The bridge* checks the signature and the message, knows a delivery "
                "that it has, and wakes a worker. As many connections as threads, each sending its "
                "next request when the last was answered; client, server and database share this "
                "machine."
            ),
            (
                "Waiting times are counted from when a request was due at half of the bridge's own "
                "highest rate, so that a stall is seen by everybody who would have waited in it."
            ),
        ),
        tables=(_rates(shapes), _waiting(waits)),
        plots=(_plot(shapes),),
        aims=(_share(shapes), _wait(waits), _longest(waits)),
    )


def _rates(shapes: tuple[Shape, ...]) -> Table:
    return Table(
        "Webhooks a second, as many as it can",
        ("database, processes × threads", "nothing", "one row", "the bridge", "bridge / one row"),
        tuple(
            (one.says, one.nothing.says(0), one.row.says(0), one.ours.says(0), one.share.says(2))
            for one in shapes
        ),
    )


def _waiting(waits: tuple[Waits, ...]) -> Table:
    return Table(
        f"Milliseconds until the answer, at half of that rate ({USUAL[0]} × {USUAL[1]})",
        ("database", "a second", "median", "99th percentile", "longest", "refused"),
        tuple(
            (
                one.says,
                f"{one.rate:,.0f}",
                f"{one.loaded.at(0.5):.1f}",
                f"{one.loaded.at(0.99):.1f}",
                f"{one.longest:.1f}",
                str(one.loaded.refused),
            )
            for one in waits
        ),
    )


def _plot(shapes: tuple[Shape, ...]) -> Plot:
    return Plot(
        "accepting-rates",
        "Webhooks a second, each on disk before it is answered",
        tuple(one.says for one in shapes),
        (
            Line("one row", tuple(one.row.middle for one in shapes)),
            Line("the bridge", tuple(one.ours.middle for one in shapes)),
        ),
        "database, processes × threads",
        "a second",
        "bar",
    )


def _share(shapes: tuple[Shape, ...]) -> Aim:
    worst = min(shapes, key=lambda one: one.share.middle)
    return Aim(
        f"at least {WANTED_SHARE:.0%} of the rate at which one row is committed, everywhere",
        worst.share.middle >= WANTED_SHARE,
        f"{worst.share.middle:.0%} at the worst ({worst.says})",
        f"{WANTED_SHARE - worst.share.middle:.0%} of that rate are missing with {worst.says}: what "
        "remains is processor time in Python (signature, the message's check, the log line), which "
        "the floor does not spend.",
    )


def _wait(waits: tuple[Waits, ...]) -> Aim:
    worst = max((one for one in waits if not one.busy), key=lambda one: one.loaded.at(0.99))
    measured = worst.loaded.at(0.99)
    return Aim(
        f"the 99th percentile below {WANTED_WAIT:.0f} ms at half of the highest rate",
        measured < WANTED_WAIT and not worst.loaded.refused,
        f"{measured:.1f} ms at the worst ({worst.says})",
        f"{measured - WANTED_WAIT:.1f} ms too long with {worst.says}; client, server and database "
        "share the processors.",
    )


def _longest(waits: tuple[Waits, ...]) -> Aim:
    worst = max((one for one in waits if one.busy), key=lambda one: one.longest)
    refused = sum(one.loaded.refused for one in waits)
    return Aim(
        f"nobody waits longer than {WANTED_LONGEST:.0f} ms while workers write, nobody is refused",
        worst.longest < WANTED_LONGEST and not refused,
        f"{worst.longest:.0f} ms at the longest ({worst.says}), {refused} refused",
        f"{worst.longest - WANTED_LONGEST:.0f} ms too long with {worst.says}: web and workers "
        "share the processors, and on SQLite they take turns to write.",
    )
