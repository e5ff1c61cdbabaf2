"""`console link`, `console admins`: who may sign in to the console."""

from __future__ import annotations

import click

from bridge.cli.common import (
    FINE,
    PROBLEMS,
    Commands,
    json_option,
    opened,
    print_json,
    print_table,
    settings_and_logs,
    when,
)

BY = "the command line"


@click.group(cls=Commands)
def console() -> None:
    """Who may sign in to the console at /console/."""


@console.command()
@click.option("--for", "whom", metavar="NAME", help="An admin who needs a new password.")
def link(*, whom: str | None) -> None:
    """Print a link by which one person becomes an admin.

    It is good for one hour and for one use. With --for NAME: an admin who is there already chooses
    a new password by it.
    """
    import secrets

    from bridge.ledger import admins, deeds, invitations

    settings = settings_and_logs()
    token = secrets.token_urlsafe(32)
    with opened(settings) as ledger, ledger.writing() as tx:
        if whom is not None:
            known = admins.named(tx, whom)
            if known is None or known.ended_at is not None:
                raise click.UsageError(f"there is no admin {whom}, or no longer")
        made = invitations.make(tx, token, made_by=BY, whom=whom or "")
        deeds.add(tx, BY, "made a link", whom or "")
    click.echo(f"{settings.public_url or 'http://127.0.0.1:8000'}/console/welcome/{token}")
    click.echo(f"good for one use, until {when(made.ends_at)} UTC", err=True)


@console.command(name="admins")
@click.option("--end", "ended", metavar="NAME", help="May no longer sign in; signed out at once.")
@click.option("--restore", "restored", metavar="NAME", help="May sign in again.")
@json_option
@click.pass_context
def admins_(ctx: click.Context, *, ended: str | None, restored: str | None, as_json: bool) -> None:
    """List the admins, or end one."""
    from bridge.ledger import admins, deeds

    with opened(settings_and_logs()) as ledger:
        with ledger.writing() as tx:
            if ended is not None:
                if not admins.end(tx, ended):
                    raise click.UsageError(f"there is no admin {ended}, or no longer")
                deeds.add(tx, BY, "ended an admin", ended)
            if restored is not None:
                if not admins.restore(tx, restored):
                    raise click.UsageError(f"no admin {restored} was ended")
                deeds.add(tx, BY, "restored an admin", restored)
        with ledger.reading() as tx:
            everyone = admins.everyone(tx)
    rows = [
        (
            each.name,
            "OpenID" if each.issuer else "password",
            each.made_at,
            each.seen_at,
            each.ended_at,
        )
        for each in everyone
    ]
    if as_json:
        heads = ("name", "signs_in_by", "made_at", "signed_in_at", "ended_at")
        print_json([dict(zip(heads, row, strict=True)) for row in rows])
    elif rows:
        print_table(
            ("NAME", "SIGNS IN BY", "SINCE (UTC)", "LAST SIGN-IN (UTC)", "ENDED (UTC)"),
            [(row[0], row[1], when(row[2]), when(row[3]), when(row[4])) for row in rows],
        )
    else:
        click.echo("no admin yet: bridge console link")
    ctx.exit(FINE if any(row[4] is None for row in rows) else PROBLEMS)
