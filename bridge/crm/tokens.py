"""Tokens for the history API, as admins make them: in the console, or by command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bridge.errors import BridgeError
from bridge.ledger import Tx, api_tokens, deeds
from bridge.ledger.api_tokens import ApiToken, Scope

LONGEST_NAME = 60
MOST_DAYS = 3_650


class NoToken(BridgeError):
    """What was asked for is no token. `field` is name, scopes or days."""

    def __init__(self, field: str, because: str) -> None:
        super().__init__(because)
        self.field = field


@dataclass(frozen=True, slots=True)
class Made:
    """`secret` is shown once, and kept nowhere."""

    secret: str
    token: ApiToken


def make(tx: Tx, *, name: str, scopes: frozenset[Scope], days: int | None, by: str) -> Made:
    """A new token, good for so many days, or None: until it is revoked. It stands in the ledger as
    a deed of `by`. Raises `NoToken`."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NoToken("name", f"a name of 1 to {LONGEST_NAME} signs, for people to know it by")
    if any(each.name == name and each.is_good(tx.now) for each in api_tokens.everything(tx)):
        raise NoToken("name", "a token of this name is good already: revoke it first, or say more")
    if not scopes:
        raise NoToken("scopes", "at least one thing that it is good for")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise NoToken("days", f"from 1 to {MOST_DAYS} days, or without an end")
    secret = api_tokens.new()
    token = api_tokens.make(
        tx,
        secret,
        name=name,
        scopes=scopes,
        made_by=by,
        good_for=timedelta(days=days) if days else None,
    )
    deeds.add(tx, by, "made a token", name, " ".join(sorted(scopes)))
    return Made(secret, token)


def revoke(tx: Tx, token_id: int, by: str) -> ApiToken | None:
    """Good no more, from the next request on. None for one that never was, or is revoked."""
    token = api_tokens.revoke(tx, token_id, by)
    if token is not None:
        deeds.add(tx, by, "revoked a token", token.name)
    return token
