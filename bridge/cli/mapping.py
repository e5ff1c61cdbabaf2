"""`mapping`: the live rules as numbered revisions, and the files on this disk beside them."""

from __future__ import annotations

import os
from collections.abc import Mapping as Environ
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import (
    PROBLEMS,
    REVISION,
    Commands,
    json_option,
    one_line,
    opened,
    print_json,
    print_table,
    settings_and_logs,
    when,
)
from bridge.cli.revisions import found_of, latest_of, me, refused, tell_foreseen

if TYPE_CHECKING:
    from bridge.flow.foreseeing import Foreseen
    from bridge.ledger import Ledger
    from bridge.ledger.mappings import Revision
    from bridge.mapping import Mapping
    from bridge.settings import Settings

_message = click.option(
    "-m", "--message", "comment", required=True, help="Why: it stands in the history."
)
_author = click.option("--author", help="Who publishes. Default: the name you are signed in with.")
_over = click.option(
    "--over", type=REVISION, metavar="N", help="You have seen revision N, and publish over it."
)


@click.group("mapping", cls=Commands)
def mapping() -> None:
    """The live mapping: published, compared, rolled back.

    What is live is the ledger's latest revision. Running processes take a new one up within
    seconds. The console publishes there too, so nothing is overwritten that was not seen: `pull`
    brings what is live to the files, `apply` publishes them.
    """


@mapping.command()
@click.option("--force", is_flag=True, help="Over changes that nobody has published.")
@json_option
def pull(*, force: bool, as_json: bool) -> None:
    """Write what is live over the files of BRIDGE_MAPPINGS.

    Files that were changed and never published stay as they are, unless --force. Beside them its
    number is noted, by which `apply` knows what you have seen.
    """
    from bridge.flow.publishing import files_of
    from bridge.ledger import mappings
    from bridge.mapping.compare import compare, unified
    from bridge.mapping.folder import Seen, local, note, write

    settings = settings_and_logs()
    path = Path(settings.mappings)
    with opened(settings) as ledger, ledger.reading() as tx:
        live = latest_of(mappings.latest(tx))
        here = local(path)
        known = not here.files or (here.digest and mappings.has_digest(tx, here.digest))
    gone: tuple[str, ...] = ()
    if here.digest != live.digest:
        if not known and not force:
            changed = unified(compare(files_of(live), here.files))
            raise click.ClickException(
                f"{path} holds changes that nobody has published (from what is live, revision "
                f"{live.number}):\n{changed}\nPublish them with `bridge mapping apply --over "
                f"{live.number}`, or let them go with --force"
            )
        gone = write(path, files_of(live))
    note(path, Seen(live.number, live.digest))
    if as_json:
        print_json({"number": live.number, "path": str(path), "removed": gone})
        return
    click.echo(f"{path} is revision {live.number}")
    for name in gone:
        click.echo(f"  {name}: taken away, it is not in it")


@mapping.command("apply")
@_message
@_author
@_over
@click.option("--preview", "look", is_flag=True, help="Show what it changes, and ask.")
@json_option
def apply_files(
    comment: str, author: str | None, over: int | None, *, look: bool, as_json: bool
) -> None:
    """Check the files of BRIDGE_MAPPINGS, and make them live.

    Refused when something else was published since they were pulled or applied: it says who
    published what, and what to do. Exit codes: 0 live, 1 refused, 2 mistakes in the files.
    """
    from bridge.flow import publishing
    from bridge.ledger import mappings
    from bridge.ledger.mappings import Origin
    from bridge.mapping.folder import Seen, local, note

    settings = settings_and_logs()
    path = Path(settings.mappings)
    with opened(settings) as ledger:
        here = local(path)
        draft = _files(settings, ledger)
        with ledger.reading() as tx:
            latest = mappings.latest(tx)
            managed = mappings.is_managed(tx, here.seen.number)
        live = latest.number if latest else 0
        base = live if over is None and not managed else (over or here.seen.number)
        if look:
            tell_foreseen(_foresee(settings, ledger, draft, latest))
            click.confirm("Publish it?", abort=True)
        try:
            with ledger.writing() as tx:
                done = publishing.put(
                    tx,
                    draft,
                    author=author or me(),
                    comment=comment,
                    base=base,
                    origin=Origin.APPLIED,
                )
        except publishing.Overtaken as since:
            raise refused(since, path, live) from since
        note(path, Seen(done.number, draft.digest))
    if as_json:
        print_json({"number": done.number, "published": done.is_new})
    elif done.is_new:
        click.echo(f"revision {done.number} is live")
    else:
        click.echo(f"revision {done.number} is live, and says the same already")


@mapping.command()
@click.argument("first", type=REVISION, required=False)
@click.argument("second", type=REVISION, required=False)
@json_option
@click.pass_context
def diff(ctx: click.Context, first: int | None, second: int | None, *, as_json: bool) -> None:
    """Compare what is live with the files, or two revisions.

    FIRST alone: that revision with what is live. Exit codes: 0 the same, 1 they differ.
    """
    from bridge.flow.publishing import files_of
    from bridge.ledger import mappings
    from bridge.mapping.compare import compare, unified
    from bridge.mapping.folder import local

    settings = settings_and_logs()
    with opened(settings) as ledger, ledger.reading() as tx:
        live = latest_of(mappings.latest(tx))
        before = live if first is None else found_of(mappings.one(tx, first), first)
        after = live if second is None else found_of(mappings.one(tx, second), second)
    if first is None:
        names = (f"revision {live.number}", settings.mappings)
        files = local(Path(settings.mappings)).files
    else:
        names = (f"revision {before.number}", f"revision {after.number}")
        files = files_of(after)
    found = compare(files_of(before), files)
    if as_json:
        print_json({"from": names[0], "to": names[1], "files": [asdict(each) for each in found]})
    else:
        click.echo(f"from {names[0]} to {names[1]}: {'' if found else 'the same'}".rstrip(": "))
        if found:
            click.echo(unified(found))
    ctx.exit(PROBLEMS if found else 0)


@mapping.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def log(limit: int, *, as_json: bool) -> None:
    """List the revisions, the newest first."""
    from bridge.ledger import mappings

    settings = settings_and_logs()
    with opened(settings) as ledger, ledger.reading() as tx:
        found = mappings.since(tx, 0, limit)
    if as_json:
        shown = ("number", "published_at", "author", "comment", "origin", "digest")
        print_json([{name: getattr(each, name) for name in shown} for each in found])
        return
    rows = [
        (
            str(each.number),
            when(each.published_at),
            mappings.named(each),
            each.origin,
            one_line(each.comment),
        )
        for each in found
    ]
    print_table(("REVISION", "PUBLISHED", "BY", "FROM", "WHY"), rows)


@mapping.command()
@click.argument("number", type=REVISION)
@_message
@_author
@_over
@json_option
def rollback(
    number: int, comment: str, author: str | None, over: int | None, *, as_json: bool
) -> None:
    """Publish what revision NUMBER said, as a new one.

    The files on this disk stay as they are: `bridge mapping pull` brings them along.
    """
    from bridge.flow import publishing
    from bridge.ledger import mappings
    from bridge.ledger.mappings import Origin

    settings = settings_and_logs()
    with opened(settings) as ledger:
        with ledger.reading() as tx:
            live = mappings.latest_number(tx)
            old = _of(found_of(mappings.one(tx, number), number), settings, ledger)
        try:
            with ledger.writing() as tx:
                done = publishing.put(
                    tx,
                    old,
                    author=author or me(),
                    comment=f"back to revision {number}: {comment}",
                    base=live if over is None else over,
                    origin=Origin.APPLIED,
                )
        except publishing.Overtaken as since:
            raise refused(since, Path(settings.mappings), live) from since
    if as_json:
        print_json({"number": done.number, "published": done.is_new})
    else:
        click.echo(f"revision {done.number} is live, and says what {number} said")


@mapping.command()
@click.option("--days", type=click.IntRange(1, 31), default=7, show_default=True)
@json_option
def preview(days: int, *, as_json: bool) -> None:
    """Tell where last week's posts would have gone by the files.

    Each stored post is tried by the live rules and by the files of BRIDGE_MAPPINGS, at the time
    it came. Nothing is changed.
    """
    from bridge.ledger import mappings

    settings = settings_and_logs()
    with opened(settings) as ledger:
        draft = _files(settings, ledger)
        with ledger.reading() as tx:
            latest = mappings.latest(tx)
        found = _foresee(settings, ledger, draft, latest, days)
    if as_json:
        print_json({**asdict(found), "changed": found.changed, "lost": found.lost})
    else:
        tell_foreseen(found)


def _known(settings: Settings, ledger: Ledger) -> Environ[str, str]:
    """Where `env:NAME` leads. No bridge is opened: what is live may not hold here, and that is when
    somebody publishes something else."""
    from bridge.environment import environment

    return environment(os.environ, settings, ledger)


def _files(settings: Settings, ledger: Ledger) -> Mapping:
    """Those on this disk, checked; their mistakes name them as they are called here."""
    from bridge.channels import registry
    from bridge.mapping import load

    return load(settings.mappings, registry.installed(), _known(settings, ledger))


def _of(revision: Revision, settings: Settings, ledger: Ledger) -> Mapping:
    from bridge.channels import registry
    from bridge.flow.publishing import files_of
    from bridge.mapping import load_files

    return load_files(files_of(revision), registry.installed(), _known(settings, ledger))


def _foresee(
    settings: Settings, ledger: Ledger, draft: Mapping, latest: Revision | None, days: int = 7
) -> Foreseen:
    from bridge.flow.foreseeing import foresee

    live = _of(latest_of(latest), settings, ledger)
    return foresee(ledger, draft, live, within=timedelta(days=days))
