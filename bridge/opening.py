"""Putting an installation together: settings and mapping in, a `Bridge` out. No calls are made."""

from __future__ import annotations

import json
from collections.abc import Mapping as Environ
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.broker import tell_by_broker
from bridge.channels import registry
from bridge.channels.contract import Channel, Meter, Surroundings
from bridge.environment import environment, has_database, with_kept
from bridge.errors import Misconfigured
from bridge.flow.bridge import Bridge, Patience
from bridge.helpdesks.zendesk import Zendesk
from bridge.ledger import Ledger, costs, mappings
from bridge.ledger.secrets import Safe
from bridge.ledger.store import ledger_at, may_succeed_anew
from bridge.living import choose, is_overtaken
from bridge.mapping import Mapping, load
from bridge.model import Clock, utcnow
from bridge.setting_up import person_fields, with_made
from bridge.settings import Secret, Settings
from bridge.tokens import StoredToken, TokenStore

log = structlog.get_logger()


class LedgerMeter:
    """What accounts cost, counted in the ledger. What cannot be counted is logged and left out: a
    delivery must not be lost for it, nor the receipt of a message that was sent."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def spend(self, account: str, what: str, each: int, times: int = 1) -> None:
        try:
            with self._ledger.writing() as tx:
                costs.spend(tx, account, what, each, times)
        except (DBAPIError, PoolTimeout) as trouble:
            log.warning("not counted", account=account, what=what, error=type(trouble).__name__)

    def spent(self, account: str, since: datetime) -> int:
        with self._ledger.reading() as tx:
            return costs.spent(tx, account, since)


class LedgerTokens:
    """OAuth tokens as sealed rows of the ledger, refreshed by one at a time everywhere."""

    def __init__(self, ledger: Ledger, safe: Safe) -> None:
        self._ledger = ledger
        self._safe = safe

    def only_one(self, name: str) -> AbstractContextManager[None]:
        return self._ledger.only_one(name)

    def get(self, name: str) -> StoredToken | None:
        with self._ledger.reading() as tx:
            kept = self._safe.get(tx, name)
        if kept is None:
            return None
        access, refresh, expires = json.loads(kept)
        return StoredToken(
            Secret(access), Secret(refresh), datetime.fromisoformat(expires) if expires else None
        )

    def put(self, name: str, token: StoredToken) -> None:
        expires = token.expires_at.isoformat() if token.expires_at else ""
        value = json.dumps([token.access.reveal(), token.refresh.reveal(), expires])
        for is_last in (False, True):
            try:
                with self._ledger.writing() as tx:
                    self._safe.put(tx, name, value)
                return
            except DBAPIError as trouble:
                # What was at work a moment ago is not asked whether it is still there.
                if is_last or not may_succeed_anew(trouble):
                    raise


def open_bridge(
    settings: Settings,
    environ: Environ[str, str],
    *,
    clock: Clock = utcnow,
    ledger: Ledger | None = None,
    patience: Patience | None = None,
    live: bool = False,
) -> Bridge:
    """Raises `Misconfigured`, or `MappingError` with every mistake in the mapping. The database is
    asked for the mapping that is live, and for secrets that the environment does not have.

    Files that are newer than what is live are taken instead, and `publish` numbers them; with
    `live` they are not: whoever publishes nothing runs on what is published.
    """
    ledger = ledger or ledger_at(settings.database_url, clock)
    tell_by_broker(ledger, settings)
    settings = with_kept(settings, ledger)
    known = environment(environ, settings, ledger)
    mapping = with_made(choose(settings, known, ledger, live=live), ledger, settings.zendesk.url)
    if not settings.zendesk.url:
        raise Misconfigured("ZENDESK_URL is not set: it says where the helpdesk is")
    tokens = LedgerTokens(ledger, Safe(settings.secret_keys))
    return Bridge(
        settings=settings,
        clock=clock,
        ledger=ledger,
        mapping=mapping,
        channels=connect(mapping, settings, clock, tokens=tokens, meter=LedgerMeter(ledger)),
        helpdesk=_helpdesk(mapping, settings, clock, tokens, ledger),
        patience=patience or Patience(),
        environ=environ,
    )


def _helpdesk(
    mapping: Mapping, settings: Settings, clock: Clock, tokens: TokenStore, ledger: Ledger
) -> Zendesk:
    return Zendesk(
        settings.zendesk,
        clock=clock,
        fields=mapping.fields,
        tokens=tokens,
        public_url=settings.public_url,
        trusted_hosts=settings.trusted_hosts,
        person_fields=person_fields(ledger, settings.zendesk.url),
    )


def renewed(bridge: Bridge, mapping: Mapping) -> Bridge:
    """The same installation upon another mapping. What it says nothing new about is kept: its
    channels and its helpdesk know how far they may be asked."""
    settings, clock = bridge.settings, bridge.clock
    mapping = with_made(mapping, bridge.ledger, settings.zendesk.url)
    tokens = LedgerTokens(bridge.ledger, Safe(settings.secret_keys))
    known = bridge.mapping.accounts
    new = {name: each for name, each in mapping.accounts.items() if known.get(name) != each}
    made = connect(
        replace(mapping, accounts=new),
        settings,
        clock,
        tokens=tokens,
        meter=LedgerMeter(bridge.ledger),
    )
    helpdesk = bridge.helpdesk
    if mapping.fields != bridge.mapping.fields:
        helpdesk = _helpdesk(mapping, settings, clock, tokens, bridge.ledger)
    return replace(
        bridge,
        mapping=mapping,
        channels={name: made.get(name) or bridge.channels[name] for name in mapping.accounts},
        helpdesk=helpdesk,
    )


def read_mapping(
    settings: Settings, environ: Environ[str, str], path: str | Path | None = None
) -> Mapping:
    """The mapping alone (or another one, at `path`), with the secrets that the ledger keeps.
    Raises as `open_bridge` does."""
    channels = registry.installed()
    if not has_database(settings):
        return load(path or settings.mappings, channels, environ)
    ledger = ledger_at(settings.database_url)
    try:
        known = environment(environ, settings, ledger)
        return load(path, channels, known) if path else choose(settings, known, ledger)
    finally:
        ledger.close()


def connect(
    mapping: Mapping,
    settings: Settings,
    clock: Clock,
    *,
    tokens: TokenStore | None = None,
    meter: Meter | None = None,
) -> dict[str, Channel]:
    """A channel for every account of the mapping."""
    installed = registry.installed()
    around = Surroundings(
        clock=clock,
        public_url=settings.public_url,
        trusted_hosts=settings.trusted_hosts,
        tokens=tokens,
        meter=meter,
    )
    return {
        account.name: installed[account.network](account.name, account.options, around)
        for account in mapping.accounts.values()
    }


def publish(bridge: Bridge) -> Bridge:
    """Number the mapping in the ledger; every ticket's audit names that revision. Where somebody
    has published meanwhile, theirs is taken. Raises as `open_bridge` does."""
    mapping = bridge.mapping
    if mapping.number:
        return bridge  # it came from there
    settings, ledger = bridge.settings, bridge.ledger
    number = 0
    with ledger.writing() as tx:
        if not is_overtaken(tx, mapping, Path(settings.mappings)):
            number = mappings.publish(tx, mapping.digest, mapping.text, files=mapping.files)
    if not number:
        known = environment(bridge.environ, settings, ledger)
        return renewed(bridge, choose(settings, known, ledger, live=True))
    return replace(bridge, mapping=replace(mapping, number=number))
