"""`erase`: one person, everywhere the bridge wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.common import (
    FINE,
    WRONG,
    json_option,
    opened,
    print_json,
    progress,
    settings_and_logs,
)

if TYPE_CHECKING:
    from bridge.flow.bridge import Bridge
    from bridge.ledger.erasures import Erasure
    from bridge.model import Person


@click.command()
@click.argument("person")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the certificate to this file, as JSON.",
)
@json_option
@click.pass_context
def erase(
    ctx: click.Context,
    person: str,
    *,
    dry_run: bool,
    yes: bool,
    certificate: Path | None,
    as_json: bool,
) -> None:
    """Remove one person everywhere the bridge wrote.

    PERSON is a network and its id of them (mastodon:109372), or a handle (@ada@example.social).

    The ledger, what arrived, and (as `erasure` in the mapping says) the helpdesk. It cannot be
    undone, and may be run again when it was interrupted. docs/privacy.md says what cannot be
    removed.

    Exit codes: 0 erased, or had been before; 1 not now, run it again; 2 nobody, or several people,
    are called that.
    """
    from bridge.flow import erasing
    from bridge.opening import open_bridge

    settings = settings_and_logs()
    with opened(settings) as ledger:
        bridge = open_bridge(settings, os.environ, ledger=ledger)
        found = erasing.find(bridge, person)
        if len(found) > 1:
            show_several(found)
            ctx.exit(WRONG)
        if not found:
            before = erasing.earlier(bridge, person)
            if before is None or dry_run:
                raise click.UsageError("nobody is known by that name: try network:id")
            _finished(bridge, before)
            click.echo("erased before", err=True)
            _show(before.certificate, certificate, as_json=as_json)
            ctx.exit(FINE)
        [(row_id, known)] = found
        if dry_run:
            _dry_run(bridge, row_id, as_json=as_json)
            return
        if certificate is not None:
            _require_writable(certificate)
        if not yes:
            asked = f"Erase {known.name} (@{known.handle}, {known.network}) for good?"
            click.confirm(asked, abort=True, err=True)
        _show(_erase(bridge, row_id, person), certificate, as_json=as_json)


def _require_writable(file: Path) -> None:
    """Nobody is erased for a certificate that then has no place. Of a file that is there the
    option itself asks this."""
    try:
        if not file.exists():
            file.open("xb").close()
            file.unlink()
    except OSError as wrong:
        because = f"--certificate: {file} cannot be written: {wrong.strerror}"
        raise click.UsageError(f"{because}. Nothing was erased") from wrong


def _erase(bridge: Bridge, row_id: int, person: str) -> str:
    from bridge.flow import erasing

    parts = len(erasing.preview(bridge, row_id).tickets) + 1
    with progress(range(parts), "erasing") as steps:
        return erasing.erase(bridge, row_id, person, lambda: _next(steps))


def _next(steps: Iterator[int]) -> None:
    """One more ticket; a merge may have led to more than were known beforehand."""
    next(steps, None)


def _finished(bridge: Bridge, before: Erasure) -> None:
    """Killed between the last transaction and the end: only the files are left to write anew."""
    from bridge.flow import erasing
    from bridge.ledger import erasures

    if before.state == erasures.REMOVED:
        erasing.finish(bridge, before.id)


def show_several(found: tuple[tuple[int, Person], ...]) -> None:
    """Everybody who may be meant, on the standard error."""
    click.echo("several people are called that; say which:", err=True)
    for _, known in found:
        click.echo(f"{known.network}:{known.id}  {known.name} (@{known.handle})", err=True)


def _dry_run(bridge: Bridge, row_id: int, *, as_json: bool) -> None:
    from bridge.flow import erasing

    would = erasing.preview(bridge, row_id)
    policy = str(bridge.mapping.erased_at)
    if as_json:
        print_json({"ledger": dict(would.ledger), "policy": policy, "tickets": list(would.tickets)})
        return
    click.echo("would be removed, emptied or changed:")
    for table, count in would.ledger:
        click.echo(f"  {table:18} {count}")
    click.echo(f"helpdesk ({policy}): tickets {', '.join(would.tickets) or 'none'}")


def _show(document: str, file: Path | None, *, as_json: bool) -> None:
    from bridge.text.certificate import as_text

    trouble = _written(document, file) if file is not None else ""
    if as_json:
        print_json(json.loads(document))
    else:
        click.echo(as_text(document))
    if trouble:
        raise click.ClickException(
            f"erased, but {file} cannot be written: {trouble}. The certificate is kept: run this "
            "again with another --certificate"
        )


def _written(document: str, file: Path) -> str:
    """Why it could not be, or ""."""
    try:
        file.write_text(f"{document}\n", encoding="utf-8")
    except OSError as wrong:
        return wrong.strerror or str(wrong)
    return ""
