"""`tokens make`, `tokens list`, `tokens revoke`: who may read the customer history."""

from __future__ import annotations

import click

from bridge.cli.common import (
    FINE,
    NUMBER,
    PROBLEMS,
    Commands,
    json_option,
    opened,
    print_json,
    print_table,
    settings_and_logs,
    when,
)
from bridge.cli.console import BY

READS = ("customers", "identities", "conversations", "interactions", "merges")
SCOPES = (*(f"{each}:read" for each in READS), "merges:write")
"""`bridge.ledger.api_tokens.Scope`, which a command's help must not import."""


@click.group(cls=Commands)
def tokens() -> None:
    """Tokens with which other systems read the customer history at /api/v1.

    docs/history-api.md says what they are good for.
    """


@tokens.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    help="What it is good for; again for more.  [default: all that reads]",
)
@click.option("--days", type=int, help="For how long.  [default: until it is revoked]")
@json_option
def make(name: str, *, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make a token and print it, this once.

    NAME is how people know it: the system that reads, say.
    """
    from bridge.crm import tokens as making
    from bridge.ledger.api_tokens import Scope

    wanted = frozenset(Scope(each) for each in scopes or SCOPES[:-1])
    with opened(settings_and_logs()) as ledger:
        try:
            with ledger.writing() as tx:
                made = making.make(tx, name=name, scopes=wanted, days=days, by=BY)
        except making.NoToken as wrong:
            raise click.UsageError(f"{wrong.field}: {wrong.because}") from wrong
    if as_json:
        print_json({"token": made.secret, "id": made.token.id, "ends_at": made.token.ends_at})
        return
    click.echo(made.secret)
    ends = f"until {when(made.token.ends_at)} UTC" if made.token.ends_at else "until it is revoked"
    click.echo(f"token {made.token.id}, {ends}; shown this once", err=True)


@tokens.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """Every token, newest first, and when it was last used."""
    from bridge.ledger import api_tokens

    with opened(settings_and_logs()) as ledger, ledger.reading() as tx:
        now = tx.now
        every = api_tokens.everything(tx)
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "name": each.name,
                    "good": each.is_good(now),
                    "scopes": sorted(each.scopes),
                    "made_by": each.made_by,
                    "made_at": each.made_at,
                    "ends_at": each.ends_at,
                    "used_at": each.used_at,
                    "revoked_at": each.revoked_at,
                    "revoked_by": each.revoked_by,
                }
                for each in every
            ]
        )
    elif every:
        print_table(
            ("ID", "NAME", "NOW", "LAST USED (UTC)", "ENDS (UTC)", "MADE BY", "GOOD FOR"),
            [
                (
                    str(each.id),
                    each.name,
                    "good" if each.is_good(now) else "revoked" if each.revoked_at else "ended",
                    when(each.used_at),
                    when(each.ends_at),
                    each.made_by,
                    " ".join(sorted(each.scopes)),
                )
                for each in every
            ],
        )
    else:
        click.echo("no token yet: bridge tokens make NAME")
    ctx.exit(FINE if every else PROBLEMS)


@tokens.command()
@click.argument("number", metavar="ID", type=NUMBER)
def revoke(number: int) -> None:
    """A token is good no more, from the next request on."""
    from bridge.crm import tokens as making

    with opened(settings_and_logs()) as ledger, ledger.writing() as tx:
        token = making.revoke(tx, number, BY)
    if token is None:
        raise click.UsageError(f"there is no token {number}, or it is revoked already")
    click.echo(f"{token.name} is revoked")
