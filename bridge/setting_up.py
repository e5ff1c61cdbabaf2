"""A helpdesk's set-up with the ledger as its memory: for the command and for the console.

`opened_setup` gives a `Setup`, whose `plan`, `apply`, `undoing` and `undo` are all there is to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.environment import PREFIX, Kept
from bridge.helpdesks.zendesk import Zendesk
from bridge.helpdesks.zendesk.setup import Kind, Remembered, Setup, Wishes
from bridge.helpdesks.zendesk.setup.model import remembered
from bridge.ledger import Ledger, fixtures
from bridge.ledger.secrets import Safe
from bridge.mapping import Mapping, Route
from bridge.model import Clock, utcnow
from bridge.settings import Secret, Settings
from bridge.tokens import TokenStore

log = structlog.get_logger()


class LedgerMemory:
    """What was made at one helpdesk, in the ledger. Fulfils `setup.Memory`."""

    def __init__(self, ledger: Ledger, helpdesk: str, safe: Safe) -> None:
        self._ledger = ledger
        self._helpdesk = helpdesk
        self._safe = safe

    def alone(self) -> AbstractContextManager[None]:
        return self._ledger.only_one(f"setup {self._helpdesk}")

    def everything(self) -> tuple[Remembered, ...]:
        with self._ledger.reading() as tx:
            rows = fixtures.everything(tx, self._helpdesk)
        return tuple(
            remembered(row.kind, row.name, row.remote_id, row.body, adopted=row.adopted)
            for row in rows
        )

    def put(self, thing: Remembered) -> None:
        with self._ledger.writing() as tx:
            fixtures.put(
                tx,
                self._helpdesk,
                thing.kind,
                thing.name,
                remote_id=thing.id,
                body=thing.to_json(),
                adopted=thing.adopted,
            )

    def forget(self, kind: Kind, name: str) -> None:
        with self._ledger.writing() as tx:
            fixtures.forget(tx, self._helpdesk, kind, name)

    def sealed(self, variable: str) -> Secret:
        with self._ledger.reading() as tx:
            return Secret(self._safe.get(tx, PREFIX + variable) or "")

    def seal(self, variable: str, value: Secret) -> None:
        with self._ledger.writing() as tx:
            self._safe.put(tx, PREFIX + variable, value.reveal())

    def unseal(self, variable: str) -> None:
        with self._ledger.writing() as tx:
            self._safe.drop(tx, PREFIX + variable)


@contextmanager
def opened_setup(
    settings: Settings,
    mapping: Mapping,
    ledger: Ledger,
    tokens: TokenStore,
    *,
    clock: Clock = utcnow,
) -> Iterator[Setup]:
    """The set-up of the helpdesk that the settings name; its connections end with the block.

    `mapping` may be the one as it was read or the one with the made fields in it. Raises
    `Misconfigured` where ZENDESK_URL or the credentials are missing.
    """
    desk = Zendesk(settings.zendesk, clock=clock, fields=(), tokens=tokens)
    safe = Safe(settings.secret_keys)
    try:
        yield desk.setup(wishes(settings, mapping), LedgerMemory(ledger, desk.address, safe))
    finally:
        desk.close()


def wishes(settings: Settings, mapping: Mapping) -> Wishes:
    """What the set-up depends on, of settings and mapping."""
    routes = [(rule.name, rule.then) for rule in mapping.rules if isinstance(rule.then, Route)]
    groups = [(name, route.group) for name, route in routes if route.group]
    if mapping.ops:
        groups.append(("ops", mapping.ops.group))
    if mapping.storm and mapping.storm.group:
        groups.append(("storm", mapping.storm.group))
    return Wishes(
        language=mapping.agents_language,
        fields=tuple((word, str(number)) for word, number in mapping.fields),
        networks=tuple(sorted({account.network for account in mapping.accounts.values()})),
        groups=tuple(groups),
        public_url=settings.public_url,
        webhook_secret=_said(settings.zendesk.webhook_secret),
        app_secret=_said(settings.zendesk.app_secret),
        can_seal=bool(settings.secret_keys),
    )


def with_made(mapping: Mapping, ledger: Ledger, helpdesk: str) -> Mapping:
    """The mapping with the ids of the ticket fields that a set-up made or found, behind its own.
    `helpdesk` is its address. While the database does not answer, with its own alone."""
    made = _made(ledger, helpdesk, Kind.TICKET_FIELD)
    own = {word for word, _ in mapping.fields}
    more = tuple((word, int(number)) for word, number in made if word not in own)
    return replace(mapping, fields=(*mapping.fields, *more)) if more else mapping


def person_fields(ledger: Ledger, helpdesk: str) -> frozenset[str]:
    """Keys of the user fields that there are; none while the database does not answer."""
    return frozenset(name for name, _ in _made(ledger, helpdesk, Kind.USER_FIELD))


def _made(ledger: Ledger, helpdesk: str, kind: Kind) -> tuple[tuple[str, str], ...]:
    try:
        with ledger.reading() as tx:
            return fixtures.ids(tx, helpdesk.rstrip("/"), kind)
    except (DBAPIError, PoolTimeout, OSError) as trouble:
        # The web service starts all the same; a worker does nothing without the database.
        log.warning("what was set up is not known", kind=kind, error=type(trouble).__name__)
        return ()


def _said(secret: Secret) -> Secret:
    """What the environment says: a sealed one is the set-up's own business."""
    return Secret("") if isinstance(secret, Kept) else secret
