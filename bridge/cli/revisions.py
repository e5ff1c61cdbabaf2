"""What `bridge mapping` tells: revisions, refusals, and where posts would have gone."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import one_line, when

if TYPE_CHECKING:
    from bridge.flow.foreseeing import Fate, Foreseen
    from bridge.ledger.mappings import Overtaken, Revision


def tell_foreseen(found: Foreseen) -> None:
    more = ", the newest of more" if found.cut else ""
    click.echo(
        f"{found.posts} posts since {when(found.since)} UTC{more}: {found.changed} would have gone "
        f"elsewhere, {found.unchanged} as they did"
    )
    for each in found.changes:
        mark = "! " if each.after.is_lost else "  "
        click.echo(f"{mark}{each.count}: {_fate(each.before)} → {_fate(each.after)}")
        for sample in each.samples:
            said = one_line(sample.excerpt, 60)
            click.echo(f"      {sample.kind} by @{sample.author} on {sample.account}: {said}")
    if found.lost:
        click.echo(f"! {found.lost} would be taken by no rule any more, and make no ticket")


def _fate(fate: Fate) -> str:
    by = f" (rule {fate.rule!r})" if fate.rule not in ("", "-") else ""
    return f"{fate.told}{by}"


def refused(since: Overtaken, path: Path, live: int) -> click.ClickException:
    from bridge.ledger.mappings import named

    told = "\n".join(
        f"  {each.number}  {when(each.published_at)}  {named(each)}: {each.comment or '-'}"
        for each in since.since
    )
    return click.ClickException(
        f"nothing was published. {path} has not seen what is live; since "
        f"{f'revision {since.base}' if since.base else 'the beginning'} there came:\n{told}\n"
        "See it with `bridge mapping diff`. Then either `bridge mapping pull` and make your change "
        f"there, or publish over it with --over {live}"
    )


def latest_of(latest: Revision | None) -> Revision:
    if latest is None:
        raise click.ClickException("nothing is published yet: start `bridge worker` first")
    return latest


def found_of(revision: Revision | None, number: int) -> Revision:
    if revision is None:
        raise click.ClickException(f"there is no revision {number}")
    return revision


def me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody at the command line"
