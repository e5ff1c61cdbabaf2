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

from bridge.channels import registry
from bridge.channels.contract import Channel, Meter, Surroundings
from bridge.environment import environment, has_database
from bridge.errors import Misconfigured
from bridge.flow.bridge import Bridge, Patience
from bridge.helpdesks.zendesk import Zendesk
from bridge.ledger import Ledger, costs, mappings
from bridge.ledger.secrets import Safe
from bridge.mapping import Mapping, load
from bridge.model import Clock, utcnow
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
        with self._ledger.writing() as tx:
            self._safe.put(tx, name, value)


def open_bridge(
    settings: Settings,
    environ: Environ[str, str],
    *,
    clock: Clock = utcnow,
    ledger: Ledger | None = None,
    patience: Patience | None = None,
) -> Bridge:
    """Raises `Misconfigured`, or `MappingError` with every mistake in the mapping. The database is
    asked only for secrets that the environment does not have."""
    ledger = ledger or Ledger(settings.database_url, clock)
    known = environment(environ, settings, ledger)
    mapping = load(settings.mappings, registry.installed(), known)
    if not settings.zendesk.url:
        raise Misconfigured("ZENDESK_URL is not set: it says where the helpdesk is")
    tokens = LedgerTokens(ledger, Safe(settings.secret_keys))
    helpdesk = Zendesk(
        settings.zendesk,
        clock=clock,
        fields=mapping.fields,
        tokens=tokens,
        public_url=settings.public_url,
        trusted_hosts=settings.trusted_hosts,
    )
    return Bridge(
        settings=settings,
        clock=clock,
        ledger=ledger,
        mapping=mapping,
        channels=connect(mapping, settings, clock, tokens=tokens, meter=LedgerMeter(ledger)),
        helpdesk=helpdesk,
        patience=patience or Patience(),
    )


def read_mapping(
    settings: Settings, environ: Environ[str, str], path: str | Path | None = None
) -> Mapping:
    """The mapping alone (or another one, at `path`), with the secrets that the ledger keeps.
    Raises as `open_bridge` does."""
    source, channels = path or settings.mappings, registry.installed()
    if not has_database(settings):
        return load(source, channels, environ)
    ledger = Ledger(settings.database_url)
    try:
        return load(source, channels, environment(environ, settings, ledger))
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
    """Number the mapping in the ledger; every ticket's audit names that revision."""
    with bridge.ledger.writing() as tx:
        number = mappings.publish(tx, bridge.mapping.digest, bridge.mapping.text)
    return replace(bridge, mapping=replace(bridge.mapping, number=number))
