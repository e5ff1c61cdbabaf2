"""`check`: the mapping before it decides anything."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import FINE, PROBLEMS, json_option, print_json

if TYPE_CHECKING:
    from bridge.mapping import Problem


@click.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@json_option
@click.pass_context
def check(ctx: click.Context, path: Path | None, *, as_json: bool) -> None:
    """Tell every mistake in the mapping.

    Each with its file and line, and what to write instead.

    PATH is a file or a folder of *.yaml; without it, BRIDGE_MAPPINGS. Advice is no mistake.

    Exit codes: 0 it can be used, 1 there are mistakes, 2 there is no such file.
    """
    from bridge.channels import registry
    from bridge.environment import Environment
    from bridge.mapping import MappingError, load

    source = path or Path(os.environ.get("BRIDGE_MAPPINGS", "").strip() or "mappings")
    if not source.exists():
        raise click.UsageError(f"there is no {source}: name a file, or set BRIDGE_MAPPINGS")
    mistakes: tuple[Problem, ...] = ()
    advice: tuple[Problem, ...] = ()
    says = ""
    try:
        mapping = load(source, registry.installed(), Environment(os.environ, _sealed))
    except MappingError as wrong:
        mistakes = wrong.problems
    else:
        advice = mapping.advice
        says = f"{len(mapping.accounts)} accounts, {len(mapping.rules)} rules: it can be used"
    if as_json:
        print_json(
            {
                "usable": not mistakes,
                "mistakes": [asdict(each) for each in mistakes],
                "advice": [asdict(each) for each in advice],
            }
        )
    else:
        for each in mistakes:
            click.echo(str(each))
        for each in advice:
            click.echo(f"{each} (advice)")
        count = len(mistakes)
        click.echo(says or f"{count} mistake{'s' if count > 1 else ''}", err=bool(mistakes))
    ctx.exit(PROBLEMS if mistakes else FINE)


def _sealed(name: str) -> str | None:
    """What the ledger keeps under a name. A mapping can be checked where there is no ledger, or no
    key to it: then the variable is only told as not set."""
    from bridge.environment import environment, has_database
    from bridge.errors import BridgeError
    from bridge.ledger import Ledger
    from bridge.settings import load

    try:
        settings = load(os.environ)
        if not has_database(settings):
            return None
        ledger = Ledger(settings.database_url)
    except (BridgeError, ValueError, OSError) as wrong:
        click.echo(f"{name}: stored secrets cannot be looked at: {wrong}", err=True)
        return None
    try:
        return environment({}, settings, ledger).get(name)
    except BridgeError as wrong:
        click.echo(wrong.because, err=True)
        return None
    finally:
        ledger.close()
