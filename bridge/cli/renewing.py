"""`renew`: sealed secrets of an account are replaced by others that work."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.asking import pairs
from bridge.cli.common import (
    FINE,
    PROBLEMS,
    json_option,
    opened,
    print_json,
    settings_and_logs,
)

if TYPE_CHECKING:
    from marshmallow import Schema

    from bridge.connecting.renewal import Known


@click.command()
@click.argument("account")
@click.option(
    "--secret",
    "given_secrets",
    multiple=True,
    metavar="NAME=VARIABLE",
    help="A secret option, and the environment variable that holds its new value.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; what is not given stays as it is.")
@click.option("--save-anyway", is_flag=True, help="Keep them although rights are missing.")
@json_option
@click.pass_context
def renew(
    ctx: click.Context,
    account: str,
    *,
    given_secrets: tuple[str, ...],
    yes: bool,
    save_anyway: bool,
    as_json: bool,
) -> None:
    """Replace an account's secrets that are sealed in the database.

    The new ones are tried first; with a sign-in that does not work nothing is changed. Secrets
    that stand in the environment are changed there.

    Exit codes: 0 they were replaced, 1 they were not, 2 wrong use or settings.
    """
    from bridge.channels import registry
    from bridge.cli.findings import say_what_takes_time, show
    from bridge.connecting import renewal
    from bridge.connecting.asked import Asked
    from bridge.connecting.place import Place
    from bridge.environment import PREFIX, environment
    from bridge.errors import Misconfigured
    from bridge.ledger.secrets import Safe

    settings = settings_and_logs()
    with opened(settings) as ledger:
        try:
            known = renewal.known(ledger, Path(settings.mappings), account)
        except Misconfigured as wrong:
            raise click.UsageError(wrong.because) from wrong
        schema = registry.installed()[known.network].Options()
        now = renewal.as_it_is(known, environment(os.environ, settings, ledger))
        new = _new(known, schema, pairs(given_secrets, "--secret"), ask=not yes)
        if not new:
            raise click.UsageError("nothing to replace: give --secret NAME=VARIABLE")
        asked = Asked(account, known.network, now | new)
        told = (lambda _found: None) if as_json else show
        place = Place(settings, ledger, asked, say_what_takes_time, told)
        good = place.signs_in(anyway=save_anyway)
        if good:
            safe = Safe(settings.secret_keys)
            with ledger.writing() as tx:
                for option, value in new.items():
                    safe.put(tx, PREFIX + known.names[option], value)
    if as_json:
        examined = [asdict(part) for part in place.parts]
        print_json({"renewed": sorted(new) if good else [], "examined": examined})
    elif good:
        click.echo(f"{', '.join(sorted(new))}: replaced")
        click.echo("web and workers take that up by themselves, in a few seconds")
    else:
        click.echo("nothing was changed")
    ctx.exit(FINE if good else PROBLEMS)


def _new(known: Known, schema: Schema, given: dict[str, str], *, ask: bool) -> dict[str, str]:
    from bridge.connecting.options import wrong_with
    from bridge.mapping.words import unknown

    new: dict[str, str] = {}
    for option, variable in given.items():
        if option not in known.names:
            raise click.UsageError(unknown(option, known.names, what="secret"))
        new[option] = os.environ.get(variable, "")
        if not new[option]:
            raise click.UsageError(f"{option}: the environment variable {variable} is not set")
    sealed = known.sealed(os.environ)
    for option in sealed if ask else ():
        if option not in new:
            label = f"{option} (Enter: as it is)"
            said = click.prompt(label, default="", hide_input=True, show_default=False, err=True)
            new |= {option: said.strip()} if said.strip() else {}
    for option, value in new.items():
        if option not in sealed:
            raise click.UsageError(
                f"{option}: {known.names[option]} stands in the environment, which goes first: "
                "change it there"
            )
        wrong = wrong_with(schema, option, value)
        if wrong:
            raise click.UsageError(f"{option}: {wrong}")
    return new
