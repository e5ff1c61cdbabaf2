"""`crm sync`, `crm backfill`, `crm follow`: the customer history on its way into CRMs."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from queue import Empty
from typing import TYPE_CHECKING

import click

from bridge.cli.common import FINE, PROBLEMS, one_line, opened, settings_and_logs
from bridge.signals import Inbox, at_once_next_time, hearing

if TYPE_CHECKING:
    from bridge.connectors.following import Following
    from bridge.connectors.syncing import Did, Sync
    from bridge.ledger.targets import State
    from bridge.records import Change

FIRST_ROWS = 10


@click.command()
@click.argument("name")
@click.option("--once", is_flag=True, help="End when nothing is left; without, go on until told.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be written.")
@click.pass_context
def sync(ctx: click.Context, name: str, *, once: bool, dry_run: bool) -> None:
    """Write what changed into one CRM.

    With --dry-run the feed is read and the CRM is not asked at all.

    Exit codes: 0 fine, 1 rows were not taken, or the CRM could not be written to.
    """
    from bridge.cli.crm import target
    from bridge.connectors.syncing import until_done
    from bridge.ledger.targets import State

    if not once and not dry_run:
        ctx.exit(_follow((name,)))
    counted: Counter[State] = Counter()

    def told(did: Did) -> None:
        counted.update(did.tally.rows)

    with target(name) as found:
        if dry_run:
            _rehearse(found)
            return
        until_done(found, told)
    _tell(counted)
    ctx.exit(PROBLEMS if counted[State.AGAIN] + counted[State.PERSON] else FINE)


@click.command()
@click.argument("name")
@click.option("--anew", is_flag=True, help="Write everything again, also what is there already.")
@click.pass_context
def backfill(ctx: click.Context, name: str, *, anew: bool) -> None:
    """Bring everything there is into one CRM, by its own way for many rows where it has one.

    May be interrupted and begun again: it goes on where it was. Afterwards `bridge crm follow`
    goes on with what changes. Where that runs already, both take turns; --anew begins when the page
    is done that is on its way.

    Exit codes: 0 fine, 1 rows were not taken, or the CRM could not be written to.
    """
    from bridge.cli.crm import target
    from bridge.connectors.syncing import until_done
    from bridge.ledger import targets
    from bridge.ledger.targets import State

    counted: Counter[State] = Counter()
    with target(name) as found:
        if anew:
            found.anew()
        with found.ledger.reading() as tx:
            _, many = targets.progress(tx)
        with click.progressbar(length=many, label=name, file=sys.stderr) as bar:

            def told(did: Did) -> None:
                counted.update(did.tally.rows)
                with found.ledger.reading() as tx:
                    done, bar.length = targets.progress(tx, did.change_id)
                bar.update(max((done if did.has_more else bar.length) - bar.pos, 0))

            until_done(found, told, bulk=True)
    _tell(counted)
    ctx.exit(PROBLEMS if counted[State.AGAIN] + counted[State.PERSON] else FINE)


@click.command()
@click.pass_context
def follow(ctx: click.Context) -> None:
    """Keep all targets up, until told to stop (SIGTERM, after the batch that is on its way)."""
    ctx.exit(_follow(()))


def _follow(only: tuple[str, ...]) -> int:
    from bridge.connectors import following
    from bridge.connectors.opening import Means, named
    from bridge.connectors.opening import opened as target_opened
    from bridge.environment import environment

    settings = settings_and_logs()
    with opened(settings) as ledger:
        known = environment(os.environ, settings, ledger)
        for name in only:
            named(ledger, name)
        crew = following.Following(
            ledger,
            lambda name, wait: target_opened(
                named(ledger, name),
                Means(settings, ledger, known, wait, between=lambda: wait(0)),
            ),
            only,
        )
        return FINE if _until_told(crew, following.NEW_ONES) else PROBLEMS


def _until_told(crew: Following, every: float) -> bool:
    """False when a thread ended by a defect: the process ends with it, so that whoever keeps it
    running starts it anew."""
    over: Inbox[bool] = Inbox()
    usual = threading.excepthook

    def stop(number: int) -> None:
        over.put(True)
        at_once_next_time(number)

    def lost(args: threading.ExceptHookArgs) -> None:
        usual(args)
        over.put(False)

    threading.excepthook = lost
    with hearing(stop):
        while True:
            crew.look()
            try:
                asked = over.get(every)
            except Empty:
                continue
            crew.stop()
            return asked


def _rehearse(sync: Sync) -> None:
    from bridge.connectors.feed import MustRestart
    from bridge.connectors.opening import named

    counts: Counter[tuple[str, str]] = Counter()
    first: list[Change] = []
    cursor, more = named(sync.ledger, sync.name).cursor, True
    while more:
        try:
            page = sync.feed.page(cursor)
        except MustRestart as old:
            click.echo(old.because)
            cursor = ""
            continue
        cursor, more = page.resume, page.has_more
        for change in page.changes:
            what = "leave out" if change.resource not in sync.crm.takes else "write"
            what = "remove" if change.record.deleted and what == "write" else what
            counts[what, str(change.resource)] += 1
        first += page.changes[: FIRST_ROWS - len(first)]
    for (what, resource), many in sorted(counts.items(), reverse=True):
        click.echo(f"would {what} {many:,} {resource}{'' if many == 1 else 's'}")
    if not counts:
        click.echo("nothing has changed")
    for change in first:
        record = change.record
        shown = getattr(record, "text", "") or getattr(record, "name", "")
        gone = "gone" if record.deleted else getattr(record, "platform", "")
        click.echo(f"  {record.id:16} {gone:10} {one_line(shown, 60)}".rstrip())
    click.echo("nothing was sent")


def _tell(counted: Counter[State]) -> None:
    told = [f"{counted[state]:,} {_WORDS[state]}" for state in counted if counted[state]]
    click.echo(", ".join(told) or "nothing has changed")


_WORDS = {
    "written": "written",
    "removed": "removed",
    "left_out": "left out",
    "again": "tried again later",
    "person": "for you to look at: `bridge crm errors`",
    "unseen": "not told any more",
}
