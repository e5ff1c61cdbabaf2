"""`crm add`, `crm remove`: a target is asked about, tried, and only then kept."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.asking import pairs, take_given, take_rest
from bridge.cli.common import opened, settings_and_logs

if TYPE_CHECKING:
    from bridge.connecting.asked import Asked
    from bridge.connectors.contract import Crm


@click.command()
@click.argument("name")
@click.option("--crm", "kind", required=True, help="Which CRM: `bridge crm kinds` tells.")
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help="An option of it.")
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="NAME=VARIABLE",
    help="A secret option, and the environment variable that holds it.",
)
@click.option("--feed-url", help="Where our own API is read. [default: BRIDGE_PUBLIC_URL]")
@click.option(
    "--feed-token",
    metavar="VARIABLE",
    help="The environment variable with a token for it; without, one is made and sealed.",
)
@click.option(
    "--secrets-in",
    type=click.Choice(["ledger", "environment"]),
    default="ledger",
    show_default=True,
    help="Where secrets stay: sealed in the database, or in the environment, which you set.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; what is not given keeps its default.")
def add(
    name: str,
    *,
    kind: str,
    sets: tuple[str, ...],
    secrets: tuple[str, ...],
    feed_url: str | None,
    feed_token: str | None,
    secrets_in: str,
    yes: bool,
) -> None:
    """Add a CRM as the target NAME.

    Its sign-in is tried first; one that does not work is not kept. Nothing is changed in the CRM.
    """
    from bridge.connecting.asked import Asked
    from bridge.connectors import keeping, registry
    from bridge.connectors.opening import Means, connected
    from bridge.environment import environment
    from bridge.mapping.values import is_account_name
    from bridge.mapping.words import unknown

    installed = registry.installed()
    if kind not in installed:
        raise click.UsageError(unknown(kind, installed, what="CRM"))
    if not is_account_name(name):
        raise click.UsageError("a name has small letters, digits, - and _ (at most 64)")
    settings = settings_and_logs()
    url = (feed_url or settings.public_url).rstrip("/")
    if not url:
        raise click.UsageError("--feed-url is needed, or BRIDGE_PUBLIC_URL: where our API is read")
    if not settings.secret_keys and (secrets_in == "ledger" or not feed_token):
        raise click.UsageError(
            "BRIDGE_SECRET_KEY is not set: secrets are kept only sealed. Make a key with `bridge "
            "new-key`, or give --secrets-in environment and --feed-token"
        )
    if feed_token and not os.environ.get(feed_token):
        raise click.UsageError(f"the environment variable {feed_token} is not set")
    asked = Asked(name, kind)
    schema = installed[kind].Options()
    take_given(asked, schema, pairs(sets, "--set"), pairs(secrets, "--secret"))
    take_rest(asked, schema, ask=not yes)
    options, sealed = _wanted(asked, installed[kind], sealed=secrets_in == "ledger")
    with opened(settings) as ledger:
        means = Means(settings, ledger, environment(os.environ, settings, ledger), time.sleep)
        crm = connected(name, installed[kind], _plain(asked, installed[kind]), means, url)
        click.echo("looking whether it can be asked …", err=True)
        ready = all(step.there for step in crm.plan())
        options[keeping.FEED_URL] = url
        if feed_token:
            options[keeping.FEED_TOKEN] = f"env:{feed_token}"
        keeping.keep(settings, ledger, name, kind, options, sealed)
    click.echo(f"{name} is kept. Next:")
    if not ready:
        click.echo(f"  bridge crm setup {name}")
    click.echo(f"  bridge crm sync {name} --once --dry-run")
    click.echo(f"  bridge crm backfill {name}")


def _wanted(
    asked: Asked, kind: type[Crm], *, sealed: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Options as they are kept, and the secrets that are sealed, by the names they get."""
    from bridge.connecting.options import questions, value_of
    from bridge.connectors.keeping import reference

    schema = kind.Options()
    options: dict[str, Any] = {}
    values: dict[str, str] = {}
    for question in questions(schema):
        option = question.name
        if option not in asked.answers:
            continue
        if not question.secret:
            options[option] = value_of(schema, option, asked.answers[option])
        elif sealed:
            name = reference(asked.account, option)
            options[option], values[name] = f"env:{name}", asked.answers[option]
        elif option in asked.named:
            options[option] = f"env:{asked.named[option]}"
        else:
            raise click.UsageError(
                f"{option}: --secrets-in environment needs --secret {option}=VARIABLE"
            )
    return options, values


def _plain(asked: Asked, kind: type[Crm]) -> dict[str, Any]:
    from bridge.connecting.options import questions
    from bridge.settings import Secret

    secret = {each.name for each in questions(kind.Options()) if each.secret}
    return {name: Secret(said) if name in secret else said for name, said in asked.answers.items()}


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, *, yes: bool) -> None:
    """Keep a target up no more: its secrets and its token go, what is in the CRM stays."""
    from bridge.connectors.keeping import let_go
    from bridge.connectors.opening import named

    settings = settings_and_logs()
    with opened(settings) as ledger:
        named(ledger, name)
        if not yes:
            click.confirm(f"Let {name} go?", abort=True, err=True)
        let_go(settings, ledger, name)
    click.echo(f"{name} is kept up no more; what is in the CRM stays there")
