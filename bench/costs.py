"""What it costs to run: start of every command, processor time for messages, memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from statistics import median

from bench import starting
from bench.chapter import Aim, Chapter, Figure, Line, Plot, Table, figure
from bench.disk import Taken, is_short, taken
from bench.eating import Sample, feed, feed_mixed, pids, slope
from bench.far_side import FarSide, far_side
from bench.ground import Ground
from bench.processes import Memory, memory
from bench.service import LEAVES_OUT, Service, service
from bridge.cli import main

KINDS = ("sqlite", "postgresql")
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
WHO = ("web", "worker")
AT_MOST = 0.3
PORTIONS, THROUGH, TAKEN_IN = 4, 80, 400
"""So many samples, each of so many messages that become tickets, or are only taken in."""
PORTION, SAMPLES = 100, 100
"""Of a long run: so many messages at least between two samples, so many samples at most."""
SLOWEST = 5
"""Commands whose help is shown."""
TICKS = 20
"""Places along the plot, at most."""
STARTS = (
    "Start times are from the call of a command to its end, once its files have been read before; "
    "for what stays up, until `/ready` answers 200 or the worker says that it works. The Python "
    "interpreter alone is part of each. The help of every command was asked for once: the slowest "
    "are shown. What each may load is seen to by tests/cli/test_commands.py, by modules and not by "
    "seconds."
)
PROCESSOR = (
    "Processor time is user and system time of the processes themselves, from `/proc`: "
    "PostgreSQL's own processes and the stand-in helpdesk are not in it. `web` is gunicorn's "
    "parent and the process that serves; the worker has four threads. Each message is another "
    "person's, opens a ticket of its own, and is counted once the ticket stands."
)
MEMORY = (
    "The disk is told with what PostgreSQL's autovacuum has not cleared away yet, where it is on. "
    "Memory is the proportional set size: what processes share counts once. Its slope is a line "
    "through the later two thirds of the samples, with two standard errors; a slope that is "
    "smaller than what follows ± cannot be told from none at this number of messages, and a single "
    "step (a larger reconcile than any before) makes one that is no growth: look at the line. "
    "`python -m bench --only costs --messages 1000000 --ticket-every 20` goes on for that many."
)


@contextmanager
def _running(ground: Ground, kind: str) -> Iterator[tuple[Service, FarSide]]:
    with ExitStack() as stack:
        folder = stack.enter_context(ground.folder())
        url = stack.enter_context(ground.database(kind, folder))
        desk = stack.enter_context(far_side())
        yield stack.enter_context(service(desk, url, folder, mapping=LEAVES_OUT)), desk


def measure(ground: Ground) -> Chapter:
    """Raises `DidNotStart`, `NoDatabase` or `NotThrough`."""
    names = ["web"] if ground.quick else list(main.commands)
    helps = starting.helps(names, 1 if ground.quick else 9)
    starts: dict[str, Figure] = {}
    eaten: dict[str, list[Sample]] = {}
    through: dict[str, list[Sample]] = {}
    alone: dict[str, list[Sample]] = {}
    idle: dict[str, dict[str, Memory]] = {}
    disk: dict[str, Taken] = {}
    for kind in KINDS:
        ground.say(f"    {DATABASES[kind]} …")
        with _running(ground, kind) as (running, desk):
            idle[kind] = {name: memory(those) for name, those in pids(running).items()}
            portions = 3 if ground.quick else PORTIONS
            eaten[kind] = _fed(running, desk, portions, 50 if ground.quick else THROUGH)
            through[kind] = _long(ground, running, desk) if ground.messages else eaten[kind]
            disk[kind] = _disk(running)
            running.household.kill("worker")
            alone[kind] = _fed(running, None, portions, 100 if ground.quick else TAKEN_IN)
            if kind == "sqlite":
                running.household.stop()
                starts = _starts(ground, running)
    return Chapter(
        "What it costs",
        (STARTS, PROCESSOR, MEMORY),
        (
            _started(helps, starts),
            _cpu(eaten, alone),
            _memory(idle, through, alone),
            _on_disk(disk, through),
        ),
        (_plot(through),),
        (_aim(helps[starting.HELP]),),
    )


def _fed(running: Service, desk: FarSide | None, portions: int, portion: int) -> list[Sample]:
    first = 0 if desk else 10**9
    return list(islice(feed(running, desk, portion, first), portions))


def _long(ground: Ground, running: Service, desk: FarSide) -> list[Sample]:
    """As many samples however many messages there are. Ends early where the disk does, or when
    somebody interrupts it."""
    portion = max(PORTION, -(-ground.messages // SAMPLES))
    if ground.ticket_every > 1:
        fed = feed_mixed(running, desk, portion, 10**6, ground.ticket_every)
    else:
        fed = feed(running, desk, portion, 10**6)
    samples: list[Sample] = []
    try:
        for sample in islice(fed, -(-ground.messages // portion)):
            samples.append(sample)
            _say(ground, running, sample)
            if is_short(running.folder):
                ground.say("    the disk is nearly full: this is as far as it goes")
                break
    except KeyboardInterrupt:
        if not samples:
            raise
        ground.say("    interrupted: this is as far as it goes")
    return samples


def _say(ground: Ground, running: Service, sample: Sample) -> None:
    told = ", ".join(
        f"{who} {sample.memory[who].pss:.1f} MiB and {sample.per_thousand(who).seconds:.2f} s for "
        "a thousand"
        for who in WHO
    )
    on_disk = _disk(running)
    ground.say(
        f"    {sample.after:,} messages: {told}; "
        f"ledger {on_disk.ledger:,.0f} MiB, logs {on_disk.logs:,.0f} MiB"
    )


def _disk(running: Service) -> Taken:
    return taken(running.environ["BRIDGE_DATABASE_URL"], running.folder)


def _starts(ground: Ground, running: Service) -> dict[str, Figure]:
    environ, folder = running.environ, running.folder
    rounds = 1 if ground.quick else 2
    lines: dict[str, tuple[str, ...]] = {
        "bridge new-key": ("new-key",),
        "bridge check": ("check",),
        "bridge explain": ("explain", "--text", "My parcel is late."),
        "bridge status": ("status",),
        "bridge migrate, nothing to do": ("migrate",),
        "bridge doctor": ("doctor",),
    }
    return {
        **starting.answers(lines, environ, folder, rounds),
        **starting.migrations(environ, folder, rounds),
        **starting.servers(environ, folder, rounds),
    }


def _started(helps: dict[str, Figure], starts: dict[str, Figure]) -> Table:
    usual = {name: helps[name] for name in (starting.HELP, starting.PYTHON)}
    each = sorted(helps.keys() - usual.keys(), key=lambda name: -helps[name].middle)
    shown = {**starts, **usual, **{name: helps[name] for name in each[:SLOWEST]}}
    rows = [(name, took.says(3)) for name, took in shown.items()]
    if len(each) > SLOWEST:
        most = helps[each[SLOWEST]].middle
        rows.append((f"--help of the {len(each) - SLOWEST} others", f"{most:.3f} at most"))
    return Table("From the call to the answer, seconds", ("command", "seconds"), tuple(rows))


def _cpu(eaten: dict[str, list[Sample]], alone: dict[str, list[Sample]]) -> Table:
    rows = []
    for kind, samples in eaten.items():
        rows += [_cpu_row(who, DATABASES[kind], samples, who) for who in WHO]
    for kind, samples in alone.items():
        rows.append(_cpu_row("web, taking in alone", DATABASES[kind], samples, "web"))
    return Table(
        "Processor seconds for a thousand messages",
        ("process", "database", "seconds", "user", "system", "messages"),
        tuple(rows),
    )


def _cpu_row(name: str, kind: str, samples: list[Sample], who: str) -> tuple[str, ...]:
    each = [sample.per_thousand(who) for sample in samples[1:]]  # the first one warms up
    return (
        name,
        kind,
        figure([one.seconds for one in each]).says(2),
        f"{median(one.user for one in each):.2f}",
        f"{median(one.system for one in each):.2f}",
        f"{sum(sample.messages for sample in samples[1:]):,}",
    )


def _memory(
    idle: dict[str, dict[str, Memory]],
    eaten: dict[str, list[Sample]],
    alone: dict[str, list[Sample]],
) -> Table:
    rows = []
    for kind, samples in eaten.items():
        rows += [_memory_row(who, DATABASES[kind], idle[kind][who], samples, who) for who in WHO]
    for kind, samples in alone.items():
        before = eaten[kind][-1].memory["web"]
        rows.append(_memory_row("web, taking in alone", DATABASES[kind], before, samples, "web"))
    return Table(
        "Memory, MiB",
        ("process", "database", "before", "after", "messages", "for each 100,000 more"),
        tuple(rows),
    )


def _memory_row(
    name: str, kind: str, before: Memory, samples: list[Sample], who: str
) -> tuple[str, ...]:
    last = samples[-1].memory[who]
    return (
        name,
        kind,
        f"{before.pss:.1f}",
        f"{last.pss:.1f}",
        f"{_count(samples):,}",
        slope(samples, who).says(),
    )


def _on_disk(disk: dict[str, Taken], eaten: dict[str, list[Sample]]) -> Table:
    rows = tuple(
        (DATABASES[kind], f"{one.ledger:.1f}", f"{one.logs:.1f}", f"{_count(eaten[kind]):,}")
        for kind, one in disk.items()
    )
    return Table("On the disk, MiB", ("database", "ledger", "logs", "messages"), rows)


def _count(samples: list[Sample]) -> int:
    return sum(sample.messages for sample in samples)


def _thinned(samples: list[Sample]) -> list[Sample]:
    """The last one, and those before it at even steps."""
    return samples[:: len(samples) // -TICKS][::-1]


def _plot(eaten: dict[str, list[Sample]]) -> Plot:
    eaten = {kind: _thinned(samples) for kind, samples in eaten.items()}
    most = max(eaten.values(), key=len)
    lines = []
    for kind, samples in eaten.items():
        for who in WHO:
            values = [round(sample.memory[who].pss, 1) for sample in samples]
            gap = [None] * (len(most) - len(values))
            lines.append(Line(f"{who}, {DATABASES[kind]}", (*values, *gap)))
    across = tuple(f"{sample.after:,}" for sample in most)
    return Plot(
        "costs-memory", "Memory while messages go through", across, tuple(lines), "messages", "MiB"
    )


def _aim(took: Figure) -> Aim:
    return Aim(
        f"`bridge --help` answers within {AT_MOST} s",
        took.middle < AT_MOST,
        f"{took.says(3)} s",
        f"It takes {took.middle - AT_MOST:.3f} s longer: Python itself, click, and the modules of "
        "all commands, whose first lines are shown.",
    )
