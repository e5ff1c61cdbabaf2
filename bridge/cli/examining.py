"""`doctor`: everything that can be wrong from outside, looked at in one go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import click

from bridge.cli.common import FINE, PROBLEMS, json_option, print_json
from bridge.cli.findings import Examined, look, show
from bridge.errors import Misconfigured
from bridge.model import Finding, Urgency, utcnow

if TYPE_CHECKING:
    from bridge.channels.contract import Channel
    from bridge.mapping import Mapping
    from bridge.settings import Settings

_SIGNED_IN = "signed in as @"


@click.command()
@click.option("--fix", is_flag=True, help="Put right what can be put right from here.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool, fix: bool) -> None:
    """Examine everything, and say what to do.

    Settings, mapping, database, every account and the helpdesk.

    Nothing is changed without --fix. A check that fails never hides the others.

    Exit codes: 0 nothing is wrong (advice aside), 1 there is a problem.
    """
    from bridge import logs

    logs.set_up(os.environ, "error")
    found: list[Examined] = []
    for examined in _examinations(fix=fix):
        found.append(examined)
        if not as_json:
            show(examined)
    problems = sum(each.urgency is Urgency.PROBLEM for part in found for each in part.findings)
    if as_json:
        print_json({"problems": problems, "examined": [asdict(each) for each in found]})
    else:
        click.echo(f"{problems} problem{'' if problems == 1 else 's'}" if problems else "all well")
    ctx.exit(PROBLEMS if problems else FINE)


def _examinations(*, fix: bool) -> Iterator[Examined]:
    """One after the other, so that each is shown when it is done."""
    settings: list[Settings] = []
    yield look("settings", lambda: _settings(settings))
    mapping: list[Mapping] = []
    yield look("mapping", lambda: _mapping(settings, mapping))
    if not settings:
        return
    yield look("database", lambda: _database(settings[0]))
    if not mapping:
        return
    channels = _channels(settings[0], mapping[0])
    signed_in: dict[tuple[str, str], str] = {}
    for name, channel in channels.items():
        about = f"account {name} ({channel.network})"
        yield look(about, partial(_account, channel, signed_in, fix=fix))
    yield look("helpdesk", lambda: _helpdesk(settings[0]))


def _settings(found: list[Settings]) -> Iterator[Finding]:
    from bridge.settings import load

    try:
        settings = load(os.environ)
    except Misconfigured as wrong:
        for each in wrong.because.removeprefix("settings: ").split("; "):
            yield Finding("environment", Urgency.PROBLEM, each, "see docs/settings.md")
        return
    found.append(settings)
    yield Finding("environment", Urgency.OK, "every setting can be read")
    if settings.secret_keys:
        yield Finding("BRIDGE_SECRET_KEY", Urgency.OK, f"{len(settings.secret_keys)} set")
    else:
        must = bool(settings.zendesk.client_id)
        yield Finding(
            "BRIDGE_SECRET_KEY",
            Urgency.PROBLEM if must else Urgency.ADVICE,
            "is not set: tokens that are renewed cannot be kept",
            "make one with `bridge new-key`, and keep a copy in a safe place",
        )
    if not settings.public_url.startswith("https://"):
        yield Finding(
            "BRIDGE_PUBLIC_URL",
            Urgency.ADVICE,
            "is not https" if settings.public_url else "is not set: nobody can be told our address",
            "set the https address under which the networks and the helpdesk reach us",
        )


def _mapping(settings: list[Settings], found: list[Mapping]) -> Iterator[Finding]:
    from bridge.channels import registry
    from bridge.mapping import MappingError, load
    from bridge.opening import read_mapping

    path = os.environ.get("BRIDGE_MAPPINGS", "mappings")
    try:
        if settings:
            mapping = read_mapping(settings[0], os.environ)
        else:
            mapping = load(path, registry.installed(), os.environ)
    except MappingError as wrong:
        for each in wrong.problems:
            yield Finding("mistake", Urgency.PROBLEM, str(each), "see docs/mapping.md")
        return
    found.append(mapping)
    accounts, rules = len(mapping.accounts), len(mapping.rules)
    yield Finding("rules", Urgency.OK, f"{accounts} accounts, {rules} rules")
    for each in mapping.advice:
        yield Finding("rules", Urgency.ADVICE, str(each))


def _database(settings: Settings) -> Iterator[Finding]:
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from bridge.ledger import Ledger, accounts, migrate, targets
    from bridge.ledger.accounts import State
    from bridge.ledger.targets import Standing

    do = "check BRIDGE_DATABASE_URL, and that the server runs"
    try:
        ledger = Ledger(settings.database_url)
    except (ValueError, OSError, ArgumentError) as wrong:
        yield Finding("address", Urgency.PROBLEM, str(wrong), do)
        return
    try:
        ledger.ping()
        yield Finding("connection", Urgency.OK, ledger.engine.dialect.name)
        if not migrate.is_current(ledger):
            says = "the tables are not of this release"
            yield Finding("migrations", Urgency.PROBLEM, says, "run `bridge migrate`")
            return
        yield Finding("migrations", Urgency.OK, "the tables are of this release")
        with ledger.reading() as tx:
            standings = accounts.everyone(tx)
            crms = targets.every(tx)
        for each in standings:
            if each.state is not State.CONNECTED:
                urgent = each.state in (State.NEEDS_SIGN_IN, State.WEBHOOK_DEAD)
                urgency = Urgency.PROBLEM if urgent else Urgency.ADVICE
                says = f"{each.state} since {each.since:%Y-%m-%d %H:%M} UTC: {each.because}"
                yield Finding(each.name, urgency, says, "see what its own examination says")
        for crm in crms:
            if crm.state is Standing.HELD:
                mend = f"mend it, then look with `bridge crm check {crm.name}`"
                yield Finding(f"CRM {crm.name}", Urgency.PROBLEM, f"held: {crm.because}", mend)
    except (DBAPIError, OSError) as trouble:
        says = str(trouble.orig if isinstance(trouble, DBAPIError) else trouble)
        yield Finding("connection", Urgency.PROBLEM, says, do)
    finally:
        ledger.close()


def _channels(settings: Settings, mapping: Mapping) -> dict[str, Channel]:
    from bridge.opening import connect

    return connect(mapping, settings, utcnow)


def _account(
    channel: Channel, signed_in: dict[tuple[str, str], str], *, fix: bool
) -> Iterator[Finding]:
    """`signed_in`: network and what its sign-in says → the account, of those before this one."""
    from bridge.channels.contract import Mends, Reads
    from bridge.connecting import examining

    if fix and isinstance(channel, Mends):
        mended = channel.mend()
        yield Finding("fix", Urgency.OK, mended or "there is nothing to put right from here")
    for finding in examining.account(channel):
        yield finding
        if not isinstance(channel, Reads) or not finding.says.startswith(_SIGNED_IN):
            continue
        first = signed_in.setdefault((channel.network, finding.says), channel.account)
        if first != channel.account:
            says = f"{first} is {finding.says}, too: every post makes two tickets"
            do = "take one of the two accounts out of the mapping"
            yield Finding("credentials", Urgency.PROBLEM, says, do)


def _helpdesk(settings: Settings) -> Iterator[Finding]:
    from bridge.connecting import examining
    from bridge.opening import open_bridge

    bridge = open_bridge(settings, os.environ)
    try:
        yield from examining.helpdesk(bridge)
    finally:
        bridge.ledger.close()
