"""`pause`, `resume`, `read`: an account held by hand, and what was said before it was connected."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.common import json_option, opened, print_json, settings_and_logs
from bridge.model import utcnow

if TYPE_CHECKING:
    from datetime import timedelta

    from bridge.channels.contract import Raw
    from bridge.ledger import Ledger
    from bridge.mapping import Mapping
    from bridge.settings import Settings

AT_A_TIME = 20


@click.command()
@click.argument("account")
@click.option("--because", default="an admin ran `bridge pause`", help="Shown by `bridge status`.")
@json_option
def pause(account: str, because: str, *, as_json: bool) -> None:
    """Hold an account: it is not read, and nothing is sent.

    Replies wait, with a note on their ticket. What the network pushes is still taken in.
    """
    from bridge.flow import standing

    settings = settings_and_logs()
    with opened(settings) as ledger:
        _known(settings, account)
        with ledger.writing() as tx:
            standing.paused(tx, account, because)
    _told(account, "disabled", as_json=as_json)


@click.command()
@click.argument("account")
@json_option
def resume(account: str, *, as_json: bool) -> None:
    """Let a paused account go on.

    It is read from where it was left, and what was held is sent, in order.
    """
    from bridge.flow import standing
    from bridge.ledger import accounts

    settings = settings_and_logs()
    with opened(settings) as ledger:
        _known(settings, account)
        with ledger.writing() as tx:
            standing.resumed(tx, account)
            state = accounts.standing(tx, account).state
    _told(account, str(state), as_json=as_json)


def _told(account: str, state: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"account": account, "state": state})
    else:
        click.echo(f"{account}: {state}")


def _known(settings: Settings, account: str) -> Mapping:
    """The mapping, if it has such an account."""
    from bridge.mapping.words import unknown
    from bridge.opening import read_mapping

    mapping = read_mapping(settings, os.environ)
    if account not in mapping.accounts:
        raise click.UsageError(unknown(account, mapping.accounts, what="account"))
    return mapping


class _Duration(click.ParamType["timedelta"]):
    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        from marshmallow import ValidationError

        from bridge.mapping.values import duration

        try:
            return duration(value)
        except ValidationError as wrong:
            self.fail(str(wrong.messages[0]), param, ctx)


@click.command()
@click.argument("account")
@click.option("--since", type=_Duration(), required=True, help="How far back: 30m, 12h, 2d.")
@json_option
def read(account: str, since: timedelta, *, as_json: bool) -> None:
    """Read back what was said before the account was connected.

    The first connect makes no tickets out of history; this does, for as far back as you say. What
    is here already is recognised, so it can be repeated.
    """
    from bridge.channels.contract import ReadsBack
    from bridge.ledger import accounts
    from bridge.opening import connect

    settings = settings_and_logs()
    with opened(settings) as ledger:
        channel = connect(_known(settings, account), settings, utcnow)[account]
        if not isinstance(channel, ReadsBack):
            raise click.UsageError(f"{channel.network} cannot be read back")
        with ledger.reading() as tx:
            stands = accounts.standing(tx, account)
            held = accounts.trouble(tx, account, accounts.About.PAUSED)
        if not stands.cursor:
            # Else what comes between this and the first poll would be taken for history.
            raise click.UsageError(f"{account} was never connected: start `bridge worker` first")
        if held is not None:
            raise click.UsageError(f"{account} is paused: `bridge resume {account}` first")
        past = channel.read_back(utcnow() - since)
        new = 0
        with click.progressbar(
            past.items, length=past.count, label="reading back", file=sys.stderr
        ) as bar:
            some: list[Raw] = []
            for item in bar:
                some.append(item)
                if len(some) >= AT_A_TIME:
                    new += _keep(ledger, account, some)
                    some = []
            new += _keep(ledger, account, some)
    if as_json:
        print_json({"account": account, "found": past.count, "new": new})
    else:
        click.echo(f"{account}: {past.count} found, {new} new")


def _keep(ledger: Ledger, account: str, items: list[Raw]) -> int:
    """Kept at once, a few at a time: what was read stays read if the rest cannot be."""
    from bridge.flow.polls import keep

    with ledger.writing() as tx:
        return keep(tx, account, tuple(items), "read back")
