"""Putting a target together: what is kept of it in, a `Sync` out. No calls are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from bridge.connectors import registry
from bridge.connectors.budget import Budget
from bridge.connectors.contract import Around, Crm
from bridge.connectors.feed import FeedClient
from bridge.connectors.syncing import Sync, nothing
from bridge.errors import Misconfigured
from bridge.ledger import Ledger, targets
from bridge.ledger.secrets import Safe
from bridge.ledger.targets import Target
from bridge.mapping.options import flat, is_secret, plain_words
from bridge.model import Clock, utcnow
from bridge.opening import LedgerTokens
from bridge.settings import Secret, Settings

FEED_URL, FEED_TOKEN = "feed_url", "feed_token"
"""Kept among a target's options: where our own API is, and the token for it."""
CALLS_PER_HOUR = "calls_per_hour"
"""An option that any connector may have: it goes before the calls of its `Limits`."""
_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Means:
    """What targets are opened with. `known` is where `env:NAME` leads; `between` is called between
    two batches."""

    settings: Settings
    ledger: Ledger
    known: Mapping[str, str]
    wait: Callable[[float], None]
    clock: Clock = utcnow
    between: Callable[[], None] = nothing


def named(ledger: Ledger, name: str) -> Target:
    """Raises `Misconfigured` where there is none of that name."""
    with ledger.reading() as tx:
        found = targets.one(tx, name)
        others = [each.name for each in targets.every(tx)]
    if found is None:
        told = f"there is: {', '.join(others)}" if others else "there is none yet"
        raise Misconfigured(f"no target is called {name}; {told} (`bridge crm add` makes one)")
    return found


def opened(target: Target, means: Means) -> Sync:
    """Raises `Misconfigured`."""
    kind = registry.installed().get(target.crm)
    if kind is None:
        raise Misconfigured(f"no connector for {target.crm} is installed")
    options = resolved(target.options, means.known)
    url, token = options.pop(FEED_URL, ""), options.pop(FEED_TOKEN, Secret(""))
    crm = connected(target.name, kind, options, means, url)
    own = Around(means.clock, means.wait, Budget(0, 60.0, means.clock, means.wait))
    return Sync(target.name, crm, FeedClient(url, token, own), means.ledger, means.between)


def connected(
    name: str, kind: type[Crm], options: Mapping[str, Any], means: Means, feed_url: str
) -> Crm:
    """Raises `Misconfigured` for options that its schema does not take."""
    try:
        loaded = dict(kind.Options().load(options))
    except ValidationError as wrong:
        told = "; ".join(
            f"{'.'.join(map(str, way))}: {plain_words(said)}" for way, said in flat(wrong.messages)
        )
        raise Misconfigured(f"the target {name}: {told}") from None
    keys = means.settings.secret_keys
    hourly = loaded.get(CALLS_PER_HOUR)
    calls, window = (hourly, 3600.0) if hourly else (kind.limits.calls, kind.limits.window)
    around = Around(
        means.clock,
        means.wait,
        Budget(calls, window, means.clock, means.wait),
        record_url=f"{feed_url}/api/v1/interactions/{{id}}",
        tokens=LedgerTokens(means.ledger, Safe(keys)) if keys else None,
    )
    return kind(name, loaded, around)


def resolved(options: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """With what `env:NAME` leads to; a secret as a `Secret`."""
    return {name: _value(name, value, known) for name, value in options.items()}


def _value(name: str, value: Any, known: Mapping[str, str]) -> Any:
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    found = known.get(match[1], "")
    if not found:
        raise Misconfigured(f"{name}: the environment variable {match[1]} is not set")
    return Secret(found) if is_secret(name) else found
