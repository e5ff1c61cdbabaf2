"""`python -m bench`: 0 if all was measured, 1 if something could not be."""

from __future__ import annotations

import os
import sys
import time
from importlib import import_module
from pathlib import Path

import click

from bench import SUBJECTS
from bench.chapter import Chapter
from bench.eating import NotThrough
from bench.ground import MOST, POSTS, Ground, machine
from bench.report import FIGURES, Measured, OtherMachine, Run, joined, read, write
from bridge.model import utcnow
from bridge.sandbox.household import DidNotStart
from soak.database import NoDatabase


@click.command()
@click.option("--only", multiple=True, type=click.Choice(SUBJECTS), help="These subjects alone.")
@click.option("--quick", is_flag=True, help="Everything small, to see that it works.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the report; with --only its other chapters stay as they are.  "
    "[default: docs; nowhere with --only or --quick]",
)
@click.option(
    "--messages",
    type=click.IntRange(min=0),
    default=0,
    help="For costs: so many through everything, however long that takes.",
)
@click.option(
    "--ticket-every",
    type=click.IntRange(min=1),
    default=1,
    help="For --messages: one in so many becomes a ticket, a rule leaves out the others.  "
    "[default: 1]",
)
def main(
    only: tuple[str, ...], quick: bool, into: Path | None, messages: int, ticket_every: int
) -> None:
    """Measure, print, and write the report."""
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:5.0f} s {text}")

    ground = Ground(quick, say, messages, _asked(MOST), _asked(POSTS), ticket_every)
    folder = into or (None if only or quick else Path("docs"))
    before = _before(folder) if folder and only else None
    measured: list[Measured] = []
    missing = []
    for name in SUBJECTS:
        if only and name not in only:
            continue
        click.echo(f"--- {name}")
        at = time.monotonic()
        try:
            chapter = import_module(f"bench.{name}").measure(ground)
        except (DidNotStart, NoDatabase, NotThrough) as wrong:
            click.echo(f"could not be measured: {wrong}", err=True)
            missing.append(name)
            continue
        took = time.monotonic() - at
        asked = ground.asked(name)
        measured.append(Measured(name, f"{utcnow():%Y-%m-%d}", took, chapter, asked))
        _print(chapter)
        click.echo(f"    {took:.0f} s")
    run = Run(machine(), tuple(measured))
    if missing and into is None:
        folder = None
    if folder is not None:
        write(joined(before, run) if before else run, folder)
        click.echo(f"written: {folder / 'performance.md'}")
    click.echo(f"{(time.monotonic() - began) / 60:.1f} minutes")
    sys.exit(1 if missing else 0)


def _asked(name: str) -> int:
    try:
        return int(os.environ.get(name, "0"))
    except ValueError:
        raise click.ClickException(f"{name} is not a number") from None


def _before(folder: Path) -> Run | None:
    """What the report there says by now. Complains before anything is measured."""
    if not (folder / FIGURES).exists():
        return None
    before = read(folder)
    try:
        joined(before, Run(machine(), ()))
    except OtherMachine as other:
        raise click.ClickException(str(other)) from other
    return before


def _print(chapter: Chapter) -> None:
    for table in chapter.tables:
        click.echo(f"  {table.heading}")
        widths = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
        for row in (table.columns, *table.rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo(f"    {'  '.join(cells).rstrip()}")
    for aim in chapter.aims:
        click.echo(f"  {'met   ' if aim.is_met else 'MISSED'} {aim.says}: {aim.measured}")
        if not aim.is_met:
            click.echo(f"         {aim.limit}")


if __name__ == "__main__":
    main()
