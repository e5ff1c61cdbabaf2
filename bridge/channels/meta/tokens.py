"""How long an account's sign-in lasts, and the renewal of those that can be renewed.

- `debug_token`: https://developers.facebook.com/docs/graph-api/reference/debug_token/
- Long-lived tokens of Instagram's own sign-in, renewed for sixty days at a time:
  https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token/
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.channels.contract import Surroundings
from bridge.channels.meta.calls import NO_SECRET, Calls
from bridge.errors import Misconfigured, Refused
from bridge.model import DAY
from bridge.settings import Secret
from bridge.tokens import StoredToken

RENEW_AHEAD = 10 * DAY
"""How long before its end a token is renewed: a dead one cannot be."""

Renew = Callable[[Secret], StoredToken]
"""The token as it is → the one that follows it. Raises as a read does."""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the app is told of a token. `expires_at` is the earlier of its own end and that of the
    access to data, None if neither is named; `words` is why it is not valid."""

    valid: bool
    expires_at: datetime | None
    scopes: frozenset[str]
    kind: str = ""
    app_id: str = ""
    words: str = ""


def facts(calls: Calls, token: Secret) -> TokenFacts:
    """Asked with the app's own token, `<app id>|<app secret>` (see `app_calls`)."""
    hiding = replace(calls, hidden=token)  # it is quoted in what is wrong with it
    told = hiding.get("/debug_token", (("input_token", token.reveal()),)).data
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict):
        raise Refused("debug_token does not say what it knows of the token")
    ends = [_instant(data.get(name)) for name in ("expires_at", "data_access_expires_at")]
    scopes = data.get("scopes")
    error = data.get("error")
    words = error.get("message") if isinstance(error, dict) else ""
    return TokenFacts(
        valid=data.get("is_valid") is True,
        expires_at=min((at for at in ends if at), default=None),
        scopes=frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset(),
        kind=str(data.get("type") or ""),
        app_id=str(data.get("app_id") or ""),
        words=words if isinstance(words, str) else "",
    )


def app_calls(calls: Calls, app_id: str, app_secret: Secret) -> Calls:
    """The same way, in the name of the app:
    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/#apptokens"""
    token = Secret(f"{app_id}|{app_secret.reveal()}")
    return replace(calls, token=lambda: token, app_secret=NO_SECRET)


class SignIn:
    """One account's token: the mapping's, or the youngest it was renewed to.

    Kept under a name that holds a fingerprint of the mapping's token, so that a new one there
    counts at once. Without a place to keep it, it lives as long as this object.
    """

    def __init__(self, account: str, given: Secret, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._known = StoredToken(given, NO_SECRET, None)
        print_ = hashlib.sha256(given.reveal().encode()).hexdigest()[:16]
        self._name = f"meta:{account}:{print_}"

    def token(self) -> Secret:
        return self._kept().access

    def expires_at(self) -> datetime | None:
        """As far as is known; makes no call to the network."""
        return self._kept().expires_at

    def learn(self, expires_at: datetime | None) -> None:
        """What the network says of the token as it is."""
        known = self._kept()
        if known.expires_at == expires_at:
            return
        try:
            self._keep(replace(known, expires_at=expires_at))
        except Misconfigured:
            # Without a key nothing is kept; the mapping has the token, this process its end.
            return

    def renew(self, renew: Renew) -> bool:
        """Whether it was due and was renewed; one process on one machine does it."""
        with self._alone():
            known = self._kept()
            if not self._is_due(known.expires_at):
                return False
            self._keep(renew(known.access))
            return True

    def _is_due(self, expires_at: datetime | None) -> bool:
        return expires_at is None or expires_at - self._surroundings.clock() < RENEW_AHEAD

    def _alone(self) -> AbstractContextManager[None]:
        tokens = self._surroundings.tokens
        return tokens.only_one(self._name) if tokens else nullcontext()

    def _kept(self) -> StoredToken:
        tokens = self._surroundings.tokens
        return (tokens.get(self._name) if tokens else None) or self._known

    def _keep(self, token: StoredToken) -> None:
        self._known = token
        if self._surroundings.tokens:
            self._surroundings.tokens.put(self._name, token)


def refreshed(calls: Calls, token: Secret) -> StoredToken:
    """A long-lived token of Instagram's own sign-in, good for sixty days from now. It must be a
    day old, and must not have ended."""
    answer = calls.get(
        "/refresh_access_token",
        (("grant_type", "ig_refresh_token"), ("access_token", token.reveal())),
    )
    made = answer.text("access_token")
    told: Any = answer.data
    seconds = told.get("expires_in") if isinstance(told, dict) else None
    if not made or not isinstance(seconds, int):
        raise Refused("the renewed token is missing in the answer")
    try:
        ends = calls.surroundings.clock() + timedelta(seconds=seconds)
    except OverflowError as odd:
        raise Refused("the renewed token is said to last for ever") from odd
    return StoredToken(Secret(made), NO_SECRET, ends)


def _instant(value: Any) -> datetime | None:
    """Unix seconds; 0 for never."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
