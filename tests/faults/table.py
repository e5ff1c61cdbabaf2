"""How all of it ended, as tables for a reader: for each flow its points × the faults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from faults.flows import FLOWS
from faults.kinds import KINDS

NOT_EXACT = "NOT EXACT"


@dataclass(frozen=True)
class Cell:
    """How one flow ended with one fault at one point. `problems` is empty unless it was wrong."""

    flow: str
    kind: str
    point: str
    fault: str
    result: str
    problems: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return NOT_EXACT if self.problems else self.result


def tables(cells: Iterable[Cell]) -> Iterator[str]:
    """Lines of text, and a sum at the end."""
    by_flow: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    results: dict[str, int] = defaultdict(int)
    for cell in sorted(cells, key=_place):
        by_flow[cell.flow][cell.kind].append(cell)
        results[cell.shown] += 1
    for flow, kinds in by_flow.items():
        yield f"## {flow}"
        for kind, of_kind in kinds.items():
            yield ""
            yield from _table(kind, of_kind)
        yield ""
    told = ", ".join(f"{count} {result}" for result, count in sorted(results.items()))
    yield f"{sum(results.values())} runs: {told}"


def _place(cell: Cell) -> tuple[int, str, int]:
    """In the order in which flows and faults are named, whichever process ran them; the points
    stay as they are passed."""
    faults = [fault for kind in KINDS.values() for fault in kind]
    return list(FLOWS).index(cell.flow), cell.kind, faults.index(cell.fault)


def _table(kind: str, cells: list[Cell]) -> Iterator[str]:
    faults = list(dict.fromkeys(cell.fault for cell in cells))
    points = dict.fromkeys(cell.point for cell in cells)
    ends: dict[tuple[str, str], list[str]] = defaultdict(list)
    for cell in cells:
        ends[cell.point, cell.fault].append(cell.shown)
    rows = [[kind, *faults]]
    rows += [[point, *(_shown(ends[point, fault]) for fault in faults)] for point in points]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _shown(results: list[str]) -> str:
    """The worst of them, and of how many."""
    if not results:
        return "·"
    worst = NOT_EXACT if NOT_EXACT in results else max(results, key=len)
    return worst if len(results) == 1 else f"{worst} ×{len(results)}"
