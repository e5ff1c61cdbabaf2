"""Whether the millionth conversation costs what the ten-thousandth did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import event

from bench.chapter import Aim, Chapter, Figure, Line, Plot, Table, figure
from bench.disk import weight
from bench.filling import fill
from bench.ground import Ground
from bench.growth_work import WORK, Grown
from bench.story import SHOP
from bridge.ledger import Ledger, accounts, migrate

MOST_FILLED, MOST_ON_SQLITE = 300_000, 100_000
"""As many as there is time for. A million takes some minutes more to fill, and 27 GiB of disk:
`BENCH_MOST=1000000 python -m bench --only growth --into docs`."""
SMALLEST, BETWEEN = 10_000, 100_000
ROUNDS, TIMES = 5, 10
MOST = 1.20


def measure(ground: Ground) -> Chapter:
    rounds, times = (2, 2) if ground.quick else (ROUNDS, TIMES)
    sizes = {
        "postgresql": _up_to(ground.most or MOST_FILLED),
        "sqlite": _up_to(ground.most or MOST_ON_SQLITE),
    }
    if ground.quick:
        sizes = dict.fromkeys(sizes, (200, 400))
    tables, weights, plots, aims = [], [], [], []
    for kind, of_kind in sizes.items():
        with ExitStack() as stack:
            grown = [stack.enter_context(_grown(ground, kind, size)) for size in of_kind]
            weights.append(_weights(kind, grown))
            found = _measured(ground, grown, rounds, times)
        tables.append(_table(kind, of_kind, found))
        plots.append(_plot(kind, of_kind, found))
        aims += [_aim(kind, name, of_kind, figures) for name, figures in found.items()]
    return Chapter("Growth", ABOUT, (*tables, _weighed(weights)), tuple(plots), tuple(aims))


def _up_to(most: int) -> tuple[int, ...]:
    return (*(size for size in (SMALLEST, BETWEEN) if size < most), most)


ABOUT = (
    (
        "Ledgers that so many conversations went through, "
        "side by side: each measurement goes around all of them before the next. A conversation "
        "has three posts, an agent's answer, and what the service keeps of them (45 rows). What is "
        "measured is the ledger's part, in this process, by the service's own functions: HTTP and "
        "the helpdesk add the same at every size and would hide what grows."
    ),
    (
        "PostgreSQL's tables are unlogged and SQLite waits for no disk here: what durability costs "
        "is the same at every size too (it is in the other chapters). All reads come from memory, "
        "as they do where the working set fits into it. How far it goes is a matter of time alone: "
        f"`make bench` fills {MOST_FILLED:,} conversations into PostgreSQL and {MOST_ON_SQLITE:,} "
        "into SQLite, `BENCH_MOST=1000000 python -m bench --only growth --into docs` a million."
    ),
)


@contextmanager
def _grown(ground: Ground, kind: str, size: int) -> Iterator[Grown]:
    with ground.folder() as folder, ground.database(kind, folder) as url:
        at = time.monotonic()
        ledger = Ledger(url)
        try:
            migrate.upgrade(ledger)
            fill(ledger, size, logged=False)
            ground.say(f"    {kind}, {size:,} conversations: {time.monotonic() - at:.0f} s")
            if ledger.is_sqlite:
                _hurry(ledger)
            with ledger.writing() as tx:
                accounts.is_on(tx, SHOP, "site")
            yield Grown(kind, size, ledger)
        finally:
            ledger.close()


def _hurry(ledger: Ledger) -> None:
    def off(raw: object, _record: object) -> None:
        raw.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]

    ledger.engine.dispose()
    event.listen(ledger.engine, "connect", off)


def _measured(
    ground: Ground, grown: list[Grown], rounds: int, times: int
) -> dict[str, list[Figure]]:
    """Work → milliseconds at each size."""
    found: dict[str, list[Figure]] = {}
    began = time.monotonic()
    for name, work in WORK.items():
        taken: list[list[float]] = [[] for _ in grown]
        for each in grown:
            work(each)  # what is read for the first time is not in memory yet
        for turn in range(rounds):
            order = range(len(grown)) if turn % 2 else reversed(range(len(grown)))
            for place in order:
                at = time.perf_counter()
                for _ in range(times):
                    work(grown[place])
                taken[place].append((time.perf_counter() - at) / times * 1000)
        found[name] = [figure(values) for values in taken]
    ground.say(f"    measured: {time.monotonic() - began:.0f} s")
    return found


def _weights(kind: str, grown: list[Grown]) -> tuple[str, ...]:
    """How much of the disk a conversation takes, with its indexes, in the largest and the smallest
    of these ledgers."""
    ends = (grown[0], grown[-1])
    each = (f"{one.size:,}: {weight(one.ledger) / one.size / 1024:.1f}" for one in ends)
    return (_called(kind), *each)


def _weighed(rows: list[tuple[str, ...]]) -> Table:
    columns = ("", "the smallest", "the largest")
    return Table("KiB on disk for each conversation, indexes included", columns, tuple(rows))


# ---------------------------------------------------------------- how it is told


def _table(kind: str, sizes: tuple[int, ...], found: dict[str, list[Figure]]) -> Table:
    rows = []
    for name, figures in found.items():
        first = figures[0].middle
        times = (f"{each.middle / first:.2f}" for each in figures[1:])
        rows.append((name, *(each.says(2) for each in figures), *times))
    columns = (
        "ms",
        *(f"{size:,}" for size in sizes),
        *(f"{size:,} : {sizes[0]:,}" for size in sizes[1:]),
    )
    return Table(
        f"{_called(kind)}: milliseconds by conversations in the ledger", columns, tuple(rows)
    )


def _plot(kind: str, sizes: tuple[int, ...], found: dict[str, list[Figure]]) -> Plot:
    return Plot(
        name=f"growth-{kind}",
        title=f"{_called(kind)}: times as long as with {sizes[0]:,} conversations",
        across=tuple(f"{size:,}" for size in sizes),
        lines=tuple(
            Line(name, tuple(round(each.middle / figures[0].middle, 2) for each in figures))
            for name, figures in found.items()
        ),
        x_title="conversations in the ledger",
        y_title="times as long",
    )


def _aim(kind: str, name: str, sizes: tuple[int, ...], figures: list[Figure]) -> Aim:
    ratio = figures[-1].middle / figures[0].middle
    says = f"{_called(kind)}: {name} stays within 20 % from {sizes[0]:,} to {sizes[-1]:,}"
    measured = f"{ratio:.2f} times as long"
    if ratio <= MOST:
        return Aim(says, True, measured)
    first, last = figures[0], figures[-1]
    spread = f"single rounds took {first.least:.2f} to {first.most:.2f} ms with {sizes[0]:,}"
    limit = f"By {(ratio - MOST) * 100:.0f} points: {last.middle - first.middle:.2f} ms more. " + (
        f"This run cannot tell it from chance: {spread}."
        if last.least <= first.most
        else f"More than chance: {spread}, and never less than {last.least:.2f} ms with "
        f"{sizes[-1]:,}. No statement reads more rows (tests/ledger/test_plans.py): what is "
        "left is how deep indexes are, and how much of them lies near at hand."
    )
    return Aim(says, False, measured, limit)


def _called(kind: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
