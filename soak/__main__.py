"""`python -m soak`: 0 if all was exact, 1 if not, 2 if it could not be done."""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from bridge.sandbox.household import DidNotStart
from soak.database import NoDatabase
from soak.plan import Wanted
from soak.run import soak


@click.command(context_settings={"show_default": True})
@click.option("--seconds", type=click.FloatRange(2, 3600), default=60.0, help="How long.")
@click.option("--rate", type=click.FloatRange(0.1, 50), default=4.0, help="Posts in a second.")
@click.option("--workers", type=click.IntRange(1, 8), default=2, help="Worker processes.")
@click.option("--seed", type=int, default=1, help="The same seed, the same plan.")
@click.option(
    "--kill-every", type=click.FloatRange(0), default=15.0, help="Seconds; 0 kills nobody."
)
@click.option(
    "--fault-every", type=click.FloatRange(0), default=6.0, help="Seconds; 0 for no faults."
)
@click.option(
    "--patience", type=click.FloatRange(1, 3600), default=180.0, help="Seconds for the backlog."
)
@click.option(
    "--database",
    default="sqlite",
    help='"sqlite", "postgresql" (the one on this machine), or the address of a PostgreSQL server; '
    "a database of its own is made there, and dropped.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where logs and SQLite file are kept.  [default: nowhere]",
)
def main(
    seconds: float,
    rate: float,
    workers: int,
    seed: int,
    kill_every: float,
    fault_every: float,
    patience: float,
    database: str,
    folder: Path | None,
) -> None:
    """Post, answer, kill and count on this machine, for a while."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(2))
    wanted = Wanted(seconds, rate, workers, seed, kill_every, fault_every)
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridge-soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise click.BadParameter("it must be empty", param_hint="--folder")
        try:
            exact = soak(wanted, database, folder.resolve(), patience, click.echo)
        except (DidNotStart, NoDatabase) as wrong:
            click.echo(str(wrong), err=True)
            sys.exit(2)
    sys.exit(0 if exact else 1)


if __name__ == "__main__":
    main()
