"""`export`: everything of one customer, as one file."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from bridge.cli.common import WRONG, json_option, opened, settings_and_logs
from bridge.cli.erasing import show_several


@click.command()
@click.argument("person")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@json_option
@click.pass_context
def export(ctx: click.Context, person: str, file: Path, *, force: bool, as_json: bool) -> None:
    """Write everything of one customer into FILE.

    PERSON is a network and its id of them (mastodon:109372), a handle (@ada@example.social), or a
    number of ours (identity_12, customer_7). All that the customer is known as is in it, private
    messages included, and nobody else's names. FILE is for its owner alone to read; - is the
    standard output. docs/privacy.md says what is in it and what is not.

    Exit codes: 0 written; 1 it could not be; 2 nobody, or several customers, are called that.
    """
    from bridge.crm import export_text
    from bridge.crm.export import gather
    from bridge.ledger import customers, naming, people, traces
    from bridge.opening import open_bridge

    settings = settings_and_logs()
    with opened(settings) as ledger:
        with ledger.reading() as tx:
            found = {row for row, _ in traces.known_as(tx, person)} or {*naming.meant(tx, person)}
            whose = {customers.customer_of(tx, each) for each in found}
            known = tuple((each, who) for each in sorted(found) if (who := people.one(tx, each)))
        if not whose:
            raise click.UsageError("nobody is known by that name: try network:id")
        if len(whose) > 1:
            show_several(known)
            ctx.exit(WRONG)
        bridge = open_bridge(settings, os.environ, ledger=ledger)
        document = gather(ledger, min(found), bridge.helpdesk.said_in)
    text = export_text.as_json(document) if as_json else export_text.as_markdown(document)
    content = text.encode("utf-8", "replace")
    if str(file) == "-":
        click.echo(content, nl=False)
        return
    try:
        _write(file, content, force=force)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already: --force writes over it") from None
    except OSError as wrong:
        raise click.ClickException(f"{file} cannot be written: {wrong.strerror}") from wrong


def _write(file: Path, content: bytes, *, force: bool) -> None:
    """Nobody else may read it, at no moment; a file that is there is replaced whole or not."""
    target = file.with_name(f".{file.name}.{secrets.token_hex(4)}") if force else file
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as opened_file:
            opened_file.write(content)
        if force:
            target.replace(file)
    except OSError:
        target.unlink()  # half of somebody's data is left nowhere
        raise
