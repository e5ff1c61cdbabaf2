"""The report: `docs/performance.md`, its plots, and the figures that both are made from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pygal  # type: ignore[import-untyped]
from pygal.style import CleanStyle  # type: ignore[import-untyped]

from bench import SUBJECTS
from bench.chapter import Aim, Chapter, Plot, Table, from_json, to_json

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

PAGE, FIGURES, PLOTS = "performance.md", "performance/figures.json", "performance"


class OtherMachine(Exception):
    """Chapters of two machines do not stand in one report."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A chapter, all of it from one run on one day. `took` is seconds; `asked` is what was asked of
    it beyond `make bench`."""

    subject: str
    day: str
    took: float
    chapter: Chapter
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What `make bench` measured on one machine: all of it at once, or some chapters anew."""

    machine: tuple[tuple[str, str], ...]
    measured: tuple[Measured, ...]

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        return tuple(one.chapter for one in self.measured)


def joined(before: Run, now: Run) -> Run:
    """`before`, with what was measured anew in the place of what it had of it.

    Raises `OtherMachine`.
    """
    if before.machine != now.machine:
        raise OtherMachine("the report there is of another machine: measure all of it here")
    anew = {one.subject: one for one in now.measured}
    kept = {one.subject: one for one in before.measured}
    order = (name for name in SUBJECTS if name in kept | anew)
    return Run(now.machine, tuple((kept | anew)[name] for name in order))


def write(run: Run, docs: Path) -> None:
    """The page, a file for each plot, and the figures; plots of earlier runs go."""
    folder = docs / PLOTS
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    (docs / FIGURES).write_text(json.dumps(_raw(run), indent=1, ensure_ascii=False) + "\n")
    (docs / PAGE).write_text(page(run))
    for chapter in run.chapters:
        for plot in chapter.plots:
            (folder / f"{plot.name}.svg").write_bytes(drawn(plot))


def read(docs: Path) -> Run:
    """The run that the page in `docs` tells of."""
    raw = json.loads((docs / FIGURES).read_text())
    return Run(
        tuple((name, value) for name, value in raw["machine"]),
        tuple(
            Measured(
                one["subject"],
                one["day"],
                one["took"],
                from_json(one["chapter"]),
                one.get("asked", ""),
            )
            for one in raw["measured"]
        ),
    )


def _raw(run: Run) -> dict[str, object]:
    return {
        "machine": run.machine,
        "measured": [
            {
                "subject": one.subject,
                "day": one.day,
                "took": one.took,
                "asked": one.asked,
                "chapter": to_json(one.chapter),
            }
            for one in run.measured
        ],
    }


def page(run: Run) -> str:
    """The whole page, as Markdown."""
    return "\n".join(_page(run))


def _page(run: Run) -> Iterator[str]:
    yield "# Performance"
    yield ""
    yield (
        "Made by `make bench`, from the figures that it printed "
        f"([performance/figures.json]({FIGURES})) and from nothing else. What is compared was "
        "measured side by side, each chapter in one run: the ratios carry over to other machines, "
        "the figures do not. A figure is a median, its spread (least–most) in brackets where there "
        "was more than one round. The helpdesk and the networks are the stand-ins of this "
        "project: what a real one adds comes on top."
    )
    yield ""
    yield (
        "What was improved because of such figures, and the profiles: [profiles.md](profiles.md). "
        "What follows for large installations: [scaling.md](scaling.md)."
    )
    yield ""
    yield from _rows(("", ""), (*run.machine, ("All chapters", _together(run))))
    yield ""
    yield "## Aims"
    yield ""
    yield from _rows(("", "aim", "measured"), tuple(_judged(run)))
    yield ""
    for one in run.measured:
        yield from _chapter(one)


def _together(run: Run) -> str:
    """How long, and where that is not how long `make bench` takes."""

    def minutes(those: Iterable[Measured]) -> str:
        return f"{sum(one.took for one in those) / 60:.1f} minutes"

    says = minutes(run.measured)
    if more := [one for one in run.measured if one.asked]:
        says += f", {minutes(more)} of it for what was asked beyond `make bench`"
    there = {one.subject for one in run.measured}
    if missing := [name for name in SUBJECTS if name not in there]:
        says += f"; not measured: {', '.join(missing)}"
    return says


def _judged(run: Run) -> Iterator[tuple[str, ...]]:
    for chapter in run.chapters:
        for aim in chapter.aims:
            yield ("met" if aim.is_met else "**missed**", aim.says, aim.measured)


def _chapter(measured: Measured) -> Iterator[str]:
    chapter = measured.chapter
    yield f"## {chapter.title}"
    yield ""
    asked = f" with `{measured.asked}`" if measured.asked else ""
    yield f"Measured on {measured.day}{asked}, in {measured.took:.0f} seconds."
    yield ""
    for paragraph in chapter.about:
        yield paragraph
        yield ""
    for table in chapter.tables:
        yield from _table(table)
    for plot in chapter.plots:
        yield f"![{plot.title}]({PLOTS}/{plot.name}.svg)"
        yield ""
    for aim in chapter.aims:
        yield from _aim(aim)
    if chapter.aims:
        yield ""


def _table(table: Table) -> Iterator[str]:
    yield f"**{table.heading}**"
    yield ""
    yield from _rows(table.columns, table.rows)
    yield ""


def _rows(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _aim(aim: Aim) -> Iterator[str]:
    if aim.is_met:
        yield f"- met: {aim.says}: {aim.measured}."
        return
    yield f"- **missed**: {aim.says}: {aim.measured}. {aim.limit}"


def drawn(plot: Plot) -> bytes:
    """A plot as SVG that needs no script; the same plot gives the same bytes."""
    kind = pygal.Bar if plot.kind == "bar" else pygal.Line
    chart = kind(
        style=CleanStyle,
        disable_xml_declaration=True,
        no_prefix=True,
        js=(),
        width=900,
        height=420,
        include_x_axis=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
    )
    chart.title, chart.x_title, chart.y_title = plot.title, plot.x_title, plot.y_title
    chart.x_labels = plot.across
    for line in plot.lines:
        chart.add(line.name, list(line.values))
    # pygal writes the day on which it draws into a comment.
    return _COMMENT.sub("", chart.render(is_unicode=True)).encode()
