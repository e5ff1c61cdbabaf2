"""A target is kept, its secrets sealed; or let go, with its secrets and its token."""

from __future__ import annotations

from typing import Any

from bridge.connecting.saving import variable
from bridge.connectors.opening import FEED_TOKEN, FEED_URL
from bridge.environment import PREFIX
from bridge.errors import Misconfigured
from bridge.ledger import Ledger, api_tokens, targets
from bridge.ledger.api_tokens import Scope
from bridge.ledger.secrets import Safe
from bridge.settings import Settings

READS = frozenset(scope for scope in Scope if scope.endswith(":read"))


def reference(name: str, option: str) -> str:
    """The name under which a secret of a target is kept: `ACME_CRM_CLIENT_SECRET`."""
    return variable(name, "crm", option)


def token_name(name: str) -> str:
    return f"crm {name}"


def keep(
    settings: Settings,
    ledger: Ledger,
    name: str,
    crm: str,
    options: dict[str, Any],
    sealed: dict[str, str],
) -> None:
    """`options` are plain values and references, `sealed` secrets by the names that those lead to.
    Without a token for our API one is made, with rights to read. Raises `Misconfigured`."""
    safe = Safe(settings.secret_keys)
    with ledger.writing() as tx:
        if FEED_TOKEN not in options:
            token = api_tokens.new()
            api_tokens.make(tx, token, name=token_name(name), scopes=READS, made_by="bridge crm")
            secret = reference(name, FEED_TOKEN)
            sealed = {**sealed, secret: token}
            options = {**options, FEED_TOKEN: f"env:{secret}"}
        if not targets.add(tx, name, crm, options):
            raise Misconfigured(f"there is a target called {name} already")
        for variable_name, value in sealed.items():
            if PREFIX + variable_name in safe.names(tx, PREFIX + variable_name):
                # acme-eu and acme_eu, say.
                raise Misconfigured(f"{variable_name} is a secret of another: choose another name")
            safe.put(tx, PREFIX + variable_name, value)


def let_go(settings: Settings, ledger: Ledger, name: str) -> None:
    """What is in the CRM stays there."""
    safe = Safe(settings.secret_keys)
    with ledger.writing() as tx:
        target = targets.one(tx, name)
        for option, value in target.options.items() if target else ():
            if value == f"env:{reference(name, option)}":
                safe.drop(tx, PREFIX + reference(name, option))
        for secret in safe.names(tx, f"crm {name} "):
            safe.drop(tx, secret)
        for token in api_tokens.everything(tx):
            if token.name == token_name(name) and token.made_by == "bridge crm":
                api_tokens.revoke(tx, token.id, "bridge crm")
        targets.drop(tx, name)


__all__ = ["FEED_TOKEN", "FEED_URL", "keep", "let_go", "reference"]
