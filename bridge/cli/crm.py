"""`crm`: CRMs that the customer history is kept up in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import (
    FINE,
    PROBLEMS,
    Commands,
    json_option,
    one_line,
    opened,
    print_json,
    print_table,
    settings_and_logs,
    when,
)
from bridge.cli.crm_adding import add, remove
from bridge.cli.crm_following import backfill, follow, sync

if TYPE_CHECKING:
    from bridge.connectors.contract import Crm, Step
    from bridge.connectors.syncing import Sync
    from bridge.ledger import Ledger
    from bridge.ledger.targets import Target


@click.group(cls=Commands)
def crm() -> None:
    """CRMs that the customer history is kept up in.

    A target is one CRM's organisation. `add` and `setup` make it ready, `backfill` brings what
    there is, `follow` keeps all targets up. docs/crm.md tells more.
    """


@contextmanager
def target(name: str, wait: Callable[[float], None] = time.sleep) -> Iterator[Sync]:
    """A target by its name. Raises `Misconfigured`."""
    from bridge.connectors.opening import Means, named
    from bridge.connectors.opening import opened as target_opened
    from bridge.environment import environment

    settings = settings_and_logs()
    with opened(settings) as ledger:
        known = environment(os.environ, settings, ledger)
        yield target_opened(named(ledger, name), Means(settings, ledger, known, wait))


@crm.command()
def kinds() -> None:
    """Tell which CRMs there are connectors for."""
    from bridge.connecting.options import questions
    from bridge.connectors import registry

    rows = []
    for name, kind in sorted(registry.installed().items()):
        asked = [each.name for each in questions(kind.Options()) if each.required]
        rows.append((name, ", ".join(asked), f"docs/crm-{name}.md"))
    print_table(("CRM", "NEEDS", "TOLD IN"), rows)


@crm.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do what the plan says without asking.")
@click.option("--dry-run", is_flag=True, help="Only show the plan.")
@click.option(
    "--package",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Only write a package that an admin of the CRM deploys by hand, where there is one.",
)
@click.pass_context
def setup(ctx: click.Context, name: str, *, yes: bool, dry_run: bool, package: Path | None) -> None:
    """Make a CRM ready: objects, fields, keys.

    Safe to repeat. The plan is shown before anything is changed, also what only a person can do.

    Exit codes: 0 it is ready (or, with --dry-run, the plan was shown), 1 something is left to do.
    """
    with target(name) as found:
        if package is not None:
            _write_package(found.crm, package)
            return
        plan = found.crm.plan()
        _show(plan)
        to_do = [step for step in plan if not step.there and not step.person]
        if dry_run or all(step.there for step in plan):
            return
        if to_do and not yes and not click.confirm("Do it?", default=False, err=True):
            click.echo("nothing was changed", err=True)
            ctx.exit(PROBLEMS)
        for step in to_do:
            found.crm.make(step)
            click.echo(f"  made {step.kind} “{step.name}”")
        left = [step for step in found.crm.plan() if not step.there]
        if left:
            click.echo("\nleft to do:")
            _show(left)
    ctx.exit(PROBLEMS if left else FINE)


def _show(plan: tuple[Step, ...] | list[Step]) -> None:
    rows = []
    for step in plan:
        verdict = "there" if step.there else "person" if step.person else "make"
        rows.append((verdict, step.kind, step.name, step.says))
    print_table(("PLAN", "KIND", "NAME", "BECAUSE"), rows)
    for said in dict.fromkeys(step.person for step in plan if step.person and not step.there):
        click.echo(f"  → {said}")


def _write_package(crm: Crm, to: Path) -> None:
    from bridge.connectors.contract import Packs

    if not isinstance(crm, Packs):
        raise click.UsageError("this CRM takes no package: docs/ tells what to do by hand")
    package = crm.package()
    try:
        to.write_bytes(package)
    except OSError as wrong:
        raise click.ClickException(f"{to} cannot be written: {wrong.strerror}") from wrong
    click.echo(f"{to} is written: an admin of the CRM deploys it")


@crm.command()
@click.argument("name")
@click.pass_context
def check(ctx: click.Context, name: str) -> None:
    """Look whether the CRM can be written to, and our own API be read.

    Exit codes: 0 fine, 1 problems were found.
    """
    from bridge.cli.findings import look, show
    from bridge.model import Finding, Urgency

    with target(name) as found:
        target_state = _one(found.ledger, name)

        def feed() -> tuple[Finding, ...]:
            found.feed.page(target_state.cursor)
            return (Finding("feed", Urgency.OK, "is answered"),)

        parts = (look("the CRM", found.crm.examine), look("our own API", feed))
        for part in parts:
            show(part)
    ctx.exit(PROBLEMS if any(part.problems for part in parts) else FINE)


@crm.command()
@json_option
def status(*, as_json: bool) -> None:
    """Tell how each target stands."""
    from bridge.ledger import targets
    from bridge.ledger.targets import State

    with opened(settings_and_logs()) as ledger, ledger.reading() as tx:
        every = [(each, targets.counts(tx, each.name)) for each in targets.every(tx)]
    if as_json:
        hidden = ("options", "cursor")
        print_json(
            [
                {key: value for key, value in asdict(each).items() if key not in hidden}
                | {"rows": counts.by_state}
                for each, counts in every
            ]
        )
        return
    print_table(
        ("TARGET", "CRM", "STATE", "WRITTEN", "AGAIN", "FOR A PERSON", "LAST", "BECAUSE"),
        [
            (
                each.name,
                each.crm,
                each.state,
                f"{counts[State.WRITTEN]:,}",
                f"{counts[State.AGAIN]:,}",
                f"{counts[State.PERSON]:,}",
                when(each.synced_at),
                one_line(each.because),
            )
            for each, counts in every
        ],
    )


@crm.command()
@click.argument("name")
@click.option("--limit", default=100, show_default=True, help="At most so many rows.")
@json_option
def errors(name: str, *, limit: int, as_json: bool) -> None:
    """Tell which rows the CRM did not take, and why."""
    from bridge.ledger import targets
    from bridge.ledger.targets import State

    with opened(settings_and_logs()) as ledger:
        _one(ledger, name)
        with ledger.reading() as tx:
            rows = targets.rows(tx, name, (State.AGAIN, State.PERSON), most=limit)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        ("ROW", "CODE", "TRIES", "NEXT", "BECAUSE"),
        [
            (
                row.object_id,
                row.code,
                str(row.tries),
                when(row.due_at) or "when you say so",
                one_line(row.because, 200),
            )
            for row in rows
        ],
    )


@crm.command()
@click.argument("name")
@click.option("--row", help="Only this one, however it stands.")
@click.pass_context
def retry(ctx: click.Context, name: str, *, row: str | None) -> None:
    """Try rows that the CRM did not take again, at once.

    They are written by the next `sync`, or by `follow`.
    """
    from bridge.ledger import targets

    with opened(settings_and_logs()) as ledger:
        _one(ledger, name)
        with ledger.writing() as tx:
            many = targets.try_again(tx, name, row)
    click.echo(f"{many} row{'' if many == 1 else 's'} will be tried again")
    ctx.exit(PROBLEMS if row and not many else FINE)


def _one(ledger: Ledger, name: str) -> Target:
    from bridge.connectors.opening import named

    return named(ledger, name)


for command in (add, remove, sync, backfill, follow):
    crm.add_command(command)
