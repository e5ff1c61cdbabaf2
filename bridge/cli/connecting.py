"""`connect`: an account is asked about, tried at every layer, and only then kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.asking import account_named, pairs, take_given, take_rest
from bridge.cli.common import (
    FINE,
    PROBLEMS,
    json_option,
    opened,
    print_json,
    print_table,
    settings_and_logs,
)

if TYPE_CHECKING:
    from marshmallow import Schema

    from bridge.connecting.asked import Asked
    from bridge.connecting.findings import Examined
    from bridge.connecting.saving import Wanted
    from bridge.settings import Settings

IN_LEDGER, IN_ENVIRONMENT = "ledger", "environment"


@click.command()
@click.argument("network", required=False)
@click.option("--list", "listing", is_flag=True, help="Only tell which networks there are.")
@click.option("--account", help="What to call it: small letters, digits, - and _.")
@click.option("--language", default="en", show_default=True, help="The account's language.")
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help="An option of it.")
@click.option(
    "--secret",
    "given_secrets",
    multiple=True,
    metavar="NAME=VARIABLE",
    help="A secret option, and the environment variable that holds it.",
)
@click.option(
    "--secrets-in",
    type=click.Choice([IN_LEDGER, IN_ENVIRONMENT]),
    default=IN_LEDGER,
    show_default=True,
    help="Where secrets stay: sealed in the database, or in the environment, which you set.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; what is not given keeps its default.")
@click.option(
    "--fix/--no-fix",
    default=None,
    help="Whether to set on the network's side what is missing there (subscriptions, policies). "
    "Asked unless given; --yes means --fix.",
)
@click.option("--save-anyway", is_flag=True, help="Keep it in spite of problems.")
@json_option
@click.pass_context
def connect(
    ctx: click.Context,
    network: str | None,
    *,
    listing: bool,
    account: str | None,
    language: str,
    sets: tuple[str, ...],
    given_secrets: tuple[str, ...],
    secrets_in: str,
    yes: bool,
    fix: bool | None,
    save_anyway: bool,
    as_json: bool,
) -> None:
    """Connect an account: ask, try, and only then keep.

    NETWORK is one of those that --list names. Asked is for its options; tried are the sign-in, its
    rights, the way from the network to us and back, and what the network is subscribed to. Kept
    are its secrets, sealed, and its block in the mapping. The web service must be running.

    With a problem nothing is kept, unless --save-anyway says that you know better. A sign-in that
    does not work is never kept.

    Exit codes: 0 it is connected, 1 it is not, 2 wrong use or settings.
    """
    from bridge.channels import registry
    from bridge.cli.findings import say_what_takes_time, show
    from bridge.connecting import saving
    from bridge.connecting.asked import Asked
    from bridge.connecting.place import Place
    from bridge.ledger import mappings
    from bridge.mapping.words import unknown

    channels = registry.installed()
    if listing or network is None:
        _list(as_json=as_json)
        return
    if network not in channels:
        raise click.UsageError(unknown(network, channels, what="network"))
    settings = settings_and_logs()
    path = Path(settings.mappings)
    if not path.exists():
        raise click.UsageError(
            f"there is no {path}: begin with the smallest one in docs/mapping.md"
        )
    schema = channels[network].Options()
    _need_key(settings, network, secrets_in)
    named = account_named(account, saving.taken(path), ask=not yes)
    asked = Asked(named, network)
    take_given(asked, schema, pairs(sets, "--set"), pairs(given_secrets, "--secret"))
    _take_environment(asked, schema)
    if not yes:
        click.echo(f"Where to find what is asked: docs/networks/{network}.md", err=True)
    take_rest(asked, schema, ask=not yes)
    wanted = _wanted(asked, schema, language, secrets_in, path)
    with opened(settings) as ledger:
        saving.checked(wanted, settings, ledger)
        place = Place(settings, ledger, asked, say_what_takes_time, _quiet if as_json else show)
        with place.under_construction() as draft:
            good = place.tried(_leave(fix=fix, yes=yes), anyway=save_anyway)
            file = saving.save(wanted, settings, ledger) if good else None
            draft.stays = file is not None
        with ledger.reading() as tx:
            is_published = mappings.is_managed(tx)
    if as_json:
        told = {"connected": good, "account": named, "file": str(file) if file else None}
        print_json(told | {"examined": [asdict(part) for part in place.parts]})
    elif file is None:
        click.echo("nothing was kept")
    else:
        _tell_end(wanted, file, is_published=is_published)
    ctx.exit(FINE if good else PROBLEMS)


def _quiet(_found: Examined) -> None:
    return None


def _need_key(settings: Settings, network: str, secrets_in: str) -> None:
    from bridge.channels import registry
    from bridge.channels.contract import Pushes

    if settings.secret_keys:
        return
    make = (
        "make a key with `bridge new-key`, set it for the running service as well, and restart it"
    )
    if issubclass(registry.installed()[network], Pushes):
        raise click.UsageError(
            "BRIDGE_SECRET_KEY is not set: the running web service is told of the account under "
            f"construction by the database, sealed; {make}"
        )
    if secrets_in == IN_LEDGER:
        raise click.UsageError(
            f"BRIDGE_SECRET_KEY is not set: secrets are kept only sealed; {make}. Or give "
            "--secrets-in environment"
        )


def _take_environment(asked: Asked, schema: Schema) -> None:
    """Secrets that stand in the environment already under the name that they would have."""
    from bridge.connecting.options import questions
    from bridge.connecting.saving import variable

    for question in questions(schema):
        if not question.secret:
            continue
        name = variable(asked.account, asked.network, question.name)
        value = os.environ.get(name, "")
        if value and asked.answers.setdefault(question.name, value) != value:
            raise click.UsageError(
                f"the environment variable {name} holds something else than what was given for "
                f"{question.name}, and goes first: take it away, or give it as it is"
            )
        if value:
            asked.named[question.name] = name


def _wanted(asked: Asked, schema: Schema, language: str, secrets_in: str, path: Path) -> Wanted:
    """What is to be kept, and under which names."""
    from bridge.connecting.options import questions, value_of
    from bridge.connecting.saving import Wanted, is_referred_to, variable

    options: dict[str, object] = {}
    values: dict[str, str] = {}
    sealed: list[str] = []
    for question in questions(schema):
        option = question.name
        if option not in asked.answers:
            continue
        if not question.secret:
            options[option] = value_of(schema, option, asked.answers[option])
            continue
        name = variable(asked.account, asked.network, option)
        there = asked.named.get(option, "")
        if there and (secrets_in == IN_ENVIRONMENT or there == name):
            options[option] = f"env:{there}"
            continue
        if is_referred_to(path, name):
            raise click.UsageError(f"the mapping refers to {name} already: choose another name")
        options[option], values[name] = f"env:{name}", asked.answers[option]
        if secrets_in == IN_LEDGER:
            sealed.append(name)
    return Wanted(asked.account, asked.network, language, options, values, tuple(sealed))


def _leave(*, fix: bool | None, yes: bool) -> Callable[[], bool]:
    """Whether the network's side may be changed; asked when it is known that it matters."""
    if fix is not None or yes:
        return lambda: fix is not False
    question = (
        "May what is missing on the network's side (subscriptions, policies) be set from here?"
    )
    return lambda: click.confirm(question, default=True, err=True)


def _tell_end(wanted: Wanted, file: Path, *, is_published: bool) -> None:
    """`is_published`: the mapping is one that somebody published, so that files alone change
    nothing."""
    click.echo(f"{wanted.account} stands in {file}")
    for name in wanted.sealed:
        click.echo(f"  {name}: kept, sealed")
    to_set = [name for name in wanted.values if name not in wanted.sealed]
    if to_set:
        click.echo("set these where web and workers run, each to what you gave:")
        for name in to_set:
            click.echo(f"  {name}=")
    if is_published:
        click.echo("the live mapping is a published one; publish this file, within the hour:")
        click.echo(f'  bridge mapping apply -m "connected {wanted.account}"')
        click.echo("then look at it:")
    else:
        click.echo("now restart web and workers, within the hour; then look at it:")
    click.echo("  bridge doctor")
    click.echo("  bridge status")


def _list(*, as_json: bool) -> None:
    from bridge.channels import registry
    from bridge.channels.contract import Pushes

    rows = [
        (name, "pushed" if issubclass(kind, Pushes) else "read", f"docs/networks/{name}.md")
        for name, kind in sorted(registry.installed().items())
    ]
    if as_json:
        print_json([dict(zip(("network", "comes", "page"), row, strict=True)) for row in rows])
    else:
        print_table(("NETWORK", "COMES", "PAGE"), rows)
