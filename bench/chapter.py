"""What a measurement says: figures with their spread, tables, plots, and whether its aims are met.

All of it is plain data that goes to JSON and back, so that the report can be made anew from the
figures that a run printed, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """Several measurements of one thing: their median, and the least and the most of them."""

    middle: float
    least: float
    most: float
    rounds: int

    def says(self, digits: int = 1) -> str:
        """The median with its spread, for a table's cell."""
        if self.rounds == 1:
            return f"{self.middle:,.{digits}f}"
        return f"{self.middle:,.{digits}f} ({self.least:,.{digits}f}–{self.most:,.{digits}f})"


@dataclass(frozen=True, slots=True)
class Table:
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot, or a row of bars: one value for each of the plot's `across`; None where
    nothing was measured."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """`name` becomes its file's; `across` are what stands below it; `kind` is "line" or "bar"."""

    name: str
    title: str
    across: tuple[str, ...]
    lines: tuple[Line, ...]
    x_title: str
    y_title: str
    kind: str = "line"


@dataclass(frozen=True, slots=True)
class Aim:
    """`says` what was wanted, `measured` what came out. `limit`: where it is missed, by how much
    and what limits it."""

    says: str
    is_met: bool
    measured: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """`about` are paragraphs: what was measured, how, and what it does not tell."""

    title: str
    about: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    aims: tuple[Aim, ...] = ()


def figure(values: Sequence[float]) -> Figure:
    """Raises `ValueError` for nothing measured."""
    if not values:
        raise ValueError("a figure needs at least one measurement")
    return Figure(median(values), min(values), max(values), len(values))


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` (0 to 1) of them do not exceed."""
    if not values or not 0 <= part <= 1:
        raise ValueError("a percentile needs measurements, and a part between 0 and 1")
    ordered = sorted(values)
    return ordered[max(0, -(-int(part * 1000) * len(ordered) // 1000) - 1)]


def to_json(chapter: Chapter) -> dict[str, Any]:
    return asdict(chapter)


def from_json(raw: dict[str, Any]) -> Chapter:
    """The chapter that `to_json` was given. Raises `KeyError` or `TypeError` for anything else."""
    return Chapter(
        raw["title"],
        tuple(raw["about"]),
        tuple(
            Table(one["heading"], tuple(one["columns"]), tuple(tuple(row) for row in one["rows"]))
            for one in raw["tables"]
        ),
        tuple(
            Plot(
                **{
                    **one,
                    "across": tuple(one["across"]),
                    "lines": tuple(
                        Line(line["name"], tuple(line["values"])) for line in one["lines"]
                    ),
                }
            )
            for one in raw["plots"]
        ),
        tuple(Aim(**one) for one in raw["aims"]),
    )
