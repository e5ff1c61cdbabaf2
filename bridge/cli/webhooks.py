"""`webhooks …`: who is told of the customer history, and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from bridge.cli import webhooks_sent
from bridge.cli.common import (
    Commands,
    json_option,
    opened,
    print_json,
    print_table,
    settings_and_logs,
    when,
)
from bridge.cli.console import BY
from bridge.cli.webhooks_sent import known, opened_bridge

if TYPE_CHECKING:
    from bridge.crm.webhooks.keeping import Made


@click.group(cls=Commands)
def webhooks() -> None:
    """Tell a CRM of every change: endpoints, and what became of what they were sent.

    docs/webhooks.md has the events, the formats and how to verify them.
    """


@webhooks.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Every endpoint, and how it stands."""
    from bridge.ledger import endpoints, sendings

    with opened(settings_and_logs()) as ledger, ledger.reading() as tx:
        shown = [
            (each, sendings.counts(tx, each.id), endpoints.behind(tx, each))
            for each in endpoints.everyone(tx)
        ]
    if as_json:
        print_json(
            [
                {**asdict(each), "sendings": counts, "behind": behind}
                for each, counts, behind in shown
            ]
        )
        return
    print_table(
        ("ENDPOINT", "STATE", "WAITING", "FAILED", "FORMAT", "EVENTS", "URL", "BECAUSE"),
        [
            (
                each.name,
                each.state,
                str(counts.get("waiting", 0) + behind),
                str(counts.get("failed", 0)),
                each.format,
                str(len(each.events)) if "*" not in each.events else "all",
                each.url,
                each.because,
            )
            for each, counts, behind in shown
        ],
    )


@webhooks.command()
@click.argument("name")
@click.argument("url")
@click.option("--event", "events", multiple=True, help="What it is told of; again for more.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["standard", "cloudevents"]),
    default="standard",
    show_default=True,
)
@click.option("--from-start", is_flag=True, help="All there is, not only what changes from now on.")
@json_option
def add(
    name: str, url: str, *, events: tuple[str, ...], shape: str, from_start: bool, as_json: bool
) -> None:
    """Tell the endpoint at URL of every change, or of the events named.

    Its signing secret is printed, this once.
    """
    from bridge.crm.webhooks import keeping
    from bridge.ledger.endpoints import Format, Wanted

    wanted = Wanted(name, url, events or ("*",), Format(shape))
    with opened_bridge() as bridge:
        made = keeping.add(bridge, wanted, BY, from_start=from_start)
    _told_secret(made, as_json=as_json)


@webhooks.command()
@click.argument("name")
@click.option("--because", default="an admin ran `bridge webhooks pause`")
@json_option
def pause(name: str, because: str, *, as_json: bool) -> None:
    """Send nothing to an endpoint. What changes meanwhile is not lost."""
    from bridge.crm.webhooks import keeping

    with opened_bridge() as bridge:
        endpoint = known(bridge.ledger, name)
        with bridge.ledger.writing() as tx:
            keeping.pause(bridge, tx, endpoint, BY, because)
    _told(name, "paused", as_json=as_json)


@webhooks.command()
@click.argument("name")
@json_option
def resume(name: str, *, as_json: bool) -> None:
    """Go on where a paused or disabled endpoint was left; what waits is tried at once."""
    from bridge.crm.webhooks import keeping

    with opened_bridge() as bridge:
        endpoint = known(bridge.ledger, name)
        with bridge.ledger.writing() as tx:
            whole = keeping.resume(bridge, tx, endpoint, BY)
    if not whole:
        click.echo(f"{name} was away for so long that it misses deletions: {_ANEW}", err=True)
    _told(name, "on", as_json=as_json)


_ANEW = "remove it, add it again with --from-start, and drop at the far side what does not come"


@webhooks.command()
@click.argument("name")
@click.option(
    "--keep-old",
    type=click.IntRange(0, 720),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="For so long the old secret signs as well.",
)
@json_option
def rotate(name: str, *, keep_old: int, as_json: bool) -> None:
    """Give an endpoint a new signing secret, which is printed, this once."""
    from bridge.crm.webhooks import keeping

    with opened_bridge() as bridge:
        endpoint = known(bridge.ledger, name)
        made = keeping.rotate(bridge, endpoint, BY, timedelta(hours=keep_old))
    _told_secret(made, as_json=as_json)


@webhooks.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(name: str, *, yes: bool, as_json: bool) -> None:
    """Send nothing to an endpoint ever again, and drop its secret."""
    from bridge.crm.webhooks import keeping

    with opened_bridge() as bridge:
        endpoint = known(bridge.ledger, name)
        if not yes:
            click.confirm(f"Remove {name} ({endpoint.url})?", abort=True, err=True)
        with bridge.ledger.writing() as tx:
            keeping.remove(bridge, tx, endpoint, BY)
    _told(name, "removed", as_json=as_json)


for command in (webhooks_sent.test, webhooks_sent.log, webhooks_sent.replay):
    webhooks.add_command(command)


def _told(name: str, state: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"endpoint": name, "state": state})
    else:
        click.echo(f"{name}: {state}")


def _told_secret(made: Made, *, as_json: bool) -> None:
    """The secret alone stands on the standard output, so that it can be piped to where it goes."""
    secret = made.secret.reveal()
    if as_json:
        print_json({"endpoint": made.endpoint.name, "secret": secret})
        return
    click.echo(secret)
    until = made.endpoint.old_secret_until
    old = f" The old one signs as well until {when(until)} UTC." if until else ""
    click.echo(f"The signing secret of {made.endpoint.name}, shown this once.{old}", err=True)
