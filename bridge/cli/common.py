"""What the commands share: how they fail, how they print, how they open things."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bridge.errors import BridgeError, Misconfigured

if TYPE_CHECKING:
    from bridge.ledger import Ledger
    from bridge.settings import Settings

FINE, PROBLEMS, WRONG = 0, 1, 2

json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document, for machines."
)


class _Number(click.ParamType["int"]):
    name = "integer"

    def __init__(self, most: int) -> None:
        self._range = click.IntRange(1, most)

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        return self._range.convert(value, param, ctx)


NUMBER = _Number(2**62)
"""Of a row or a change: more than either database can count to is no number."""
REVISION = _Number(2**31 - 1)
"""Of a mapping: they are counted in a smaller column."""


class Commands(click.Group):
    """In the order they are added; what only a person can mend is a sentence, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BridgeError as wrong:
            complain(wrong)
            ctx.exit(WRONG if isinstance(wrong, Misconfigured) else PROBLEMS)


def complain(wrong: BridgeError) -> None:
    """On the standard error: every mistake of a mapping on a line of its own."""
    from bridge.mapping import MappingError

    lines = [str(problem) for problem in wrong.problems] if isinstance(wrong, MappingError) else []
    said = lines or wrong.because.removeprefix("settings: ").split("; ")
    for line in said:
        click.echo(line, err=True)
    if isinstance(wrong, MappingError):
        click.echo(f"{len(lines)} mistake{'s' if len(lines) != 1 else ''} in the mapping", err=True)


def settings_and_logs() -> Settings:
    """The settings, checked, with the logs set up after them. Raises `Misconfigured`."""
    from bridge import logs
    from bridge.settings import load

    settings = load(os.environ)
    logs.set_up(os.environ, settings.log_level)
    return settings


@contextmanager
def opened(settings: Settings, *, current: bool = True) -> Iterator[Ledger]:
    """The ledger, closed at the end. `current`: only if its tables are of this release."""
    from sqlalchemy.exc import DBAPIError

    from bridge.broker import tell_by_broker
    from bridge.ledger import migrate
    from bridge.ledger.store import ledger_at

    ledger = ledger_at(settings.database_url)
    try:
        tell_by_broker(ledger, settings)
        if current:
            migrate.require_current(ledger)
        yield ledger
    except DBAPIError as trouble:
        raise click.ClickException(f"the database does not answer: {trouble.orig}") from trouble
    finally:
        ledger.close()


def print_json(value: object) -> None:
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they must be; the last one may be long."""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    widths[-1] = 0
    for row in (heads, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def when(at: datetime | None) -> str:
    """To the second, in UTC."""
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else ""


def one_line(text: str, most: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


@contextmanager
def progress(items: Sequence[Any], label: str) -> Iterator[Iterator[Any]]:
    """A bar on the standard error; results stay alone on the standard output."""
    with click.progressbar(items, label=label, file=sys.stderr) as bar:
        yield iter(bar)
