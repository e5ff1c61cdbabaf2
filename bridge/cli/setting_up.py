"""`setup`: the helpdesk made ready, after a plan that is shown first."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.common import (
    FINE,
    PROBLEMS,
    json_option,
    opened,
    print_json,
    print_table,
    settings_and_logs,
)
from bridge.cli.findings import Examined, show
from bridge.model import Urgency

if TYPE_CHECKING:
    from bridge.helpdesks.zendesk.setup import Did, Plan, Setup, Step


@click.group()
def setup() -> None:
    """Make a helpdesk ready for the bridge."""


@setup.command()
@click.option("--yes", is_flag=True, help="Do what the plan says without asking.")
@click.option("--dry-run", is_flag=True, help="Only show the plan.")
@click.option("--undo", is_flag=True, help="Take away what was made here, and nothing else.")
@click.option(
    "--show-app-secret",
    is_flag=True,
    help="Only show the secret for the sidebar app's settings. It appears on the screen.",
)
@json_option
@click.pass_context
def zendesk(
    ctx: click.Context,
    *,
    yes: bool,
    dry_run: bool,
    undo: bool,
    show_app_secret: bool,
    as_json: bool,
) -> None:
    """Make Zendesk ready: fields, webhook, views, macros.

    Safe to repeat. The plan is shown before anything is changed; what is there already is used,
    what somebody changed is left. Groups that the mapping names are looked for, and triggers that
    would write e-mail to customers are named; neither is ever changed.

    What was made is remembered in the database: the bridge finds its ticket fields there, and
    --undo what it may remove. Without a terminal nothing is changed unless --yes is given.

    Exit codes: 0 it is ready (or, with --dry-run, nothing is in the way), 1 something is in the
    way or could not be done, 2 wrong use or settings.
    """
    with _setup() as setting_up:
        if show_app_secret:
            _show_app_secret(setting_up)
            return
        click.echo("looking at Zendesk …", err=True)
        plan = setting_up.undoing() if undo else setting_up.plan()
        if not as_json:
            _show(plan)
        did: tuple[Did, ...] = ()
        if plan.to_do and not dry_run and _agreed(yes=yes, as_json=as_json):
            steps = setting_up.undo(plan) if undo else setting_up.apply(plan)
            did = tuple(_with_progress(steps, quiet=as_json))
            if not as_json:
                _tell_end(setting_up, did, undo=undo)
    done = {(each.step.kind, each.step.name) for each in did if not each.wrong}
    left = [step for step in plan.to_do if (step.kind, step.name) not in done]
    if as_json:
        print_json(_told(plan, did))
    stands = plan.in_the_way or any(each.urgency is Urgency.PROBLEM for each in plan.findings)
    ctx.exit(PROBLEMS if stands or (left and not dry_run) else FINE)


@contextmanager
def _setup() -> Iterator[Setup]:
    """Raises `Misconfigured`."""
    from bridge.ledger.secrets import Safe
    from bridge.opening import LedgerTokens, read_mapping
    from bridge.setting_up import opened_setup

    settings = settings_and_logs()
    mapping = read_mapping(settings, os.environ)
    with opened(settings) as ledger:
        tokens = LedgerTokens(ledger, Safe(settings.secret_keys))
        with opened_setup(settings, mapping, ledger, tokens) as setting_up:
            yield setting_up


def _show(plan: Plan) -> None:
    if plan.steps:
        rows = [
            (step.verdict, step.kind.replace("_", " "), step.title, step.says)
            for step in plan.steps
        ]
        print_table(("PLAN", "KIND", "TITLE", "BECAUSE"), rows)
    if plan.findings:
        click.echo()
        show(Examined("what only you can see to", plan.findings))
    click.echo()
    many = len(plan.to_do)
    click.echo(f"{many} thing{'' if many == 1 else 's'} to do" if many else "nothing to do")


def _agreed(*, yes: bool, as_json: bool) -> bool:
    if yes:
        return True
    if as_json or not sys.stdin.isatty():
        click.echo("nothing was changed: give --yes to do what the plan says", err=True)
        return False
    if click.confirm("Do it?", default=False, err=True):
        return True
    click.echo("nothing was changed", err=True)
    return False


def _with_progress(steps: Iterable[Did], *, quiet: bool) -> Iterator[Did]:
    """A line for each thing, when it is done."""
    for each in steps:
        if not quiet:
            sign = f"PROBLEM  {each.wrong}" if each.wrong else "done"
            click.echo(
                f"  {each.step.verdict} {each.step.kind.replace('_', ' ')} "
                f"“{each.step.title}”: {sign}"
            )
        yield each


def _tell_end(setting_up: Setup, did: tuple[Did, ...], *, undo: bool) -> None:
    from bridge.helpdesks.zendesk.setup import Kind, Verdict

    wrong = sum(bool(each.wrong) for each in did)
    if wrong:
        click.echo(f"{wrong} could not be done: mend what is said there, and run it again")
    if undo:
        click.echo("now restart web and workers: they forget the fields at the start")
        return
    click.echo("now restart web and workers: they learn the fields at the start. Then:")
    click.echo("  bridge doctor")
    made = [each.step for each in did if not each.wrong and each.step.verdict is Verdict.MAKE]
    if any(step.kind is Kind.SECRET and step.name == "app" for step in made):
        click.echo()
        _show_app_secret(setting_up)


def _show_app_secret(setting_up: Setup) -> None:
    """Only here, and only on the standard output."""
    secret = setting_up.app_secret()
    if not secret:
        raise click.UsageError("there is none yet: `bridge setup zendesk` makes it")
    click.echo("Secret of the sidebar app, for its setting shared_secret:")
    click.echo(f"  {secret.reveal()}")
    click.echo("Paste it there when you install the app; nowhere else. It can be shown again with")
    click.echo("  bridge setup zendesk --show-app-secret")


def _told(plan: Plan, did: tuple[Did, ...]) -> dict[str, Any]:
    """Without any secret."""
    became = {(each.step.kind, each.step.name): each.wrong or "done" for each in did}

    def step(one: Step) -> dict[str, Any]:
        return {**asdict(one), "became": became.get((one.kind, one.name))}

    return {
        "to_do": len(plan.to_do),
        "steps": [step(one) for one in plan.steps],
        "findings": [asdict(each) for each in plan.findings],
    }
