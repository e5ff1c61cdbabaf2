"""`renew`: sealed secrets of an account are replaced by others that work."""

from __future__ import annotations

import os
from collections.abc import Mapping as Environ
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.asking import Asked, pairs
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

_REFERENCE = "env:"


@dataclass(frozen=True)
class _Known:
    """An account as the mapping has it: its plain options, and where its secrets are."""

    network: str
    plain: dict[str, str]
    names: dict[str, str]


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
    from bridge.cli.trying import Place
    from bridge.environment import PREFIX, environment
    from bridge.ledger.secrets import Safe

    settings = settings_and_logs()
    known = _known(Path(settings.mappings), account)
    schema = registry.installed()[known.network].Options()
    with opened(settings) as ledger:
        now = _as_it_is(known, environment(os.environ, settings, ledger))
        new = _new(known, schema, pairs(given_secrets, "--secret"), ask=not yes)
        if not new:
            raise click.UsageError("nothing to replace: give --secret NAME=VARIABLE")
        place = Place(settings, ledger, Asked(account, known.network, now | new), quiet=as_json)
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
        click.echo(f"{', '.join(sorted(new))}: replaced; now restart web and workers")
    else:
        click.echo("nothing was changed")
    ctx.exit(FINE if good else PROBLEMS)


def _known(path: Path, account: str) -> _Known:
    from bridge.channels import registry
    from bridge.connecting.options import written
    from bridge.mapping.options import is_secret
    from bridge.mapping.source import read
    from bridge.mapping.words import unknown

    accounts: Any = read(path).data.get("accounts") or {}
    if account not in accounts:
        raise click.UsageError(unknown(account, accounts, what="account"))
    network, options = accounts[account].get("network"), accounts[account].get("options") or {}
    if network not in registry.installed():
        raise click.UsageError(f"{account}: see `bridge check`")
    names = {
        option: value.strip().removeprefix(_REFERENCE)
        for option, value in options.items()
        if is_secret(option) and isinstance(value, str)
    }
    plain = {option: written(value) for option, value in options.items() if option not in names}
    return _Known(network, plain, names)


def _as_it_is(known: _Known, found: Environ[str, str]) -> dict[str, str]:
    """Every option with its present value; one that leads nowhere is left out."""
    plain = {
        option: found.get(value.removeprefix(_REFERENCE), "")
        if value.startswith(_REFERENCE)
        else value
        for option, value in known.plain.items()
    }
    secret = {option: found.get(name, "") for option, name in known.names.items()}
    return {option: value for option, value in (plain | secret).items() if value}


def _new(known: _Known, schema: Schema, given: dict[str, str], *, ask: bool) -> dict[str, str]:
    from bridge.connecting.options import wrong_with
    from bridge.mapping.words import unknown

    new: dict[str, str] = {}
    for option, variable in given.items():
        if option not in known.names:
            raise click.UsageError(unknown(option, known.names, what="secret"))
        new[option] = os.environ.get(variable, "")
        if not new[option]:
            raise click.UsageError(f"{option}: the environment variable {variable} is not set")
    sealed = [option for option, name in known.names.items() if not os.environ.get(name)]
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
