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
    from bridge.mapping import MappingError, load

    source = path or Path(os.environ.get("BRIDGE_MAPPINGS", "").strip() or "mappings")
    if not source.exists():
        raise click.UsageError(f"there is no {source}: name a file, or set BRIDGE_MAPPINGS")
    mistakes: tuple[Problem, ...] = ()
    advice: tuple[Problem, ...] = ()
    says = ""
    try:
        mapping = load(source, registry.installed(), os.environ)
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
