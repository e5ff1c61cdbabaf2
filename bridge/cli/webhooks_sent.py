"""`webhooks test`, `log`, `replay`: what endpoints were sent, and what they are sent once more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.common import (
    FINE,
    NUMBER,
    PROBLEMS,
    json_option,
    one_line,
    opened,
    print_json,
    print_table,
    settings_and_logs,
    when,
)
from bridge.cli.console import BY
from bridge.model import utcnow

if TYPE_CHECKING:
    from bridge.flow.bridge import Bridge
    from bridge.ledger import Ledger
    from bridge.ledger.endpoints import Endpoint
    from bridge.ledger.sendings import Sending

PAUSE = 0.25
"""Seconds between two looks at what became of a test."""


class _Moment(click.ParamType["datetime"]):
    name = "when"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        from marshmallow import ValidationError

        from bridge.mapping.values import duration

        try:
            return utcnow() - duration(value)
        except ValidationError:
            pass
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail("say 30m, 12h, 2d, or an instant such as 2026-11-21T14:30Z", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@click.command()
@click.argument("name")
@click.option("--wait", type=click.FloatRange(0, 300), default=30, show_default=True)
@json_option
@click.pass_context
def test(ctx: click.Context, name: str, *, wait: float, as_json: bool) -> None:
    """Let a worker send an event about nothing, and say what became of it.

    Exit codes: 0 delivered, 1 not (yet).
    """
    from bridge.crm.webhooks import keeping
    from bridge.ledger.sendings import Became

    with opened(settings_and_logs()) as ledger:
        endpoint = known(ledger, name)
        with ledger.writing() as tx:
            seq = keeping.test(tx, endpoint, BY)
        sent = _settled(ledger, endpoint, seq, time.monotonic() + wait)
    if as_json:
        print_json(asdict(sent))
    elif sent.state is Became.WAITING:
        click.echo(f"{name}: not sent yet; is a worker running? `bridge webhooks log {name}`")
    else:
        click.echo(f"{name}: {sent.state} {sent.because}".rstrip())
    ctx.exit(FINE if sent.state is Became.DELIVERED else PROBLEMS)


def _settled(ledger: Ledger, endpoint: Endpoint, seq: int, until: float) -> Sending:
    from bridge.ledger import sendings

    while True:
        with ledger.reading() as tx:
            found = sendings.by_seq(tx, endpoint.id, seq)
        assert found is not None
        if found.settled_at is not None or time.monotonic() >= until:
            return found
        time.sleep(PAUSE)


@click.command()
@click.argument("name")
@click.option("--state", type=click.Choice(["waiting", "delivered", "failed", "superseded"]))
@click.option("--most", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def log(name: str, *, state: str | None, most: int, as_json: bool) -> None:
    """What an endpoint was sent in the last 30 days, newest first."""
    from bridge.ledger import sendings

    with opened(settings_and_logs()) as ledger:
        endpoint = known(ledger, name)
        with ledger.reading() as tx:
            found = sendings.log(tx, endpoint.id, most, state=state or "")
    if as_json:
        print_json([asdict(each) for each in found])
        return
    print_table(
        ("CHANGE", "EVENT", "RECORD", "STATE", "TRIES", "STATUS", "TRIED (UTC)", "BECAUSE"),
        [
            (
                str(each.seq) if not each.is_test else "test",
                each.event,
                each.about,
                each.state,
                str(each.tries),
                str(each.status or ""),
                when(each.tried_at),
                one_line(each.because),
            )
            for each in found
        ],
    )


@click.command()
@click.argument("name")
@click.option("--since", type=_Moment(), help="30m, 12h, 2d ago, or an instant (UTC).")
@click.option("--until", type=_Moment(), help="The same; now, if it is left out.")
@click.option("--first", type=NUMBER, metavar="CHANGE", help="A change's number.")
@click.option("--last", type=NUMBER, metavar="CHANGE")
@json_option
def replay(
    name: str,
    *,
    since: datetime | None,
    until: datetime | None,
    first: int | None,
    last: int | None,
    as_json: bool,
) -> None:
    """Send once more what changed in a range, each record as it stands now.

    Under the same webhook-id: an endpoint that keeps those takes only what it misses.
    """
    from bridge.crm.webhooks import keeping
    from bridge.ledger.sendings import Range

    if since is None and first is None:
        raise click.UsageError("say from where on: --since or --first")
    count = 0
    with opened_bridge() as bridge:
        endpoint = known(bridge.ledger, name)
        wanted = Range(since, until, first, last)
        for some in keeping.replay(bridge, endpoint, wanted, BY):
            count += some
            click.echo(f"{count} queued", err=True)
    if as_json:
        print_json({"endpoint": name, "queued": count})
    else:
        click.echo(f"{name}: {count} queued")


@contextmanager
def opened_bridge() -> Iterator[Bridge]:
    """The installation, as the settings say. Makes no calls."""
    from bridge.opening import open_bridge

    settings = settings_and_logs()
    with opened(settings) as ledger:
        yield open_bridge(settings, os.environ, ledger=ledger)


def known(ledger: Ledger, name: str) -> Endpoint:
    """Raises click's `UsageError` for one that is not there, or no longer."""
    from bridge.ledger import endpoints
    from bridge.mapping.words import unknown

    with ledger.reading() as tx:
        found = endpoints.named(tx, name)
        names = [each.name for each in endpoints.everyone(tx)]
    if found is None:
        raise click.UsageError(unknown(name, names, what="endpoint"))
    return found
