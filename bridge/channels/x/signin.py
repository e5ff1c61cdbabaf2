"""How a call is signed in: by four keys that do not end, by tokens that are renewed, or as the app.

- OAuth 1.0a: https://docs.x.com/fundamentals/authentication/oauth-1-0a/overview
- OAuth 2.0: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code. A refresh
  token is good for one use; one that is used twice ends all tokens that came of the same consent
  (https://github.com/trypostit/trypost/pull/126). So whoever renews holds one lock across all
  processes and machines, looks first whether somebody has just done it, and keeps the new pair
  before anything is done with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

import requests
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from requests_oauthlib import OAuth1

from bridge.channels.contract import Surroundings
from bridge.errors import Misconfigured, NeedsSignIn, RateLimited, Unreachable
from bridge.outside import new_session, wait_named
from bridge.settings import Secret
from bridge.tokens import StoredToken, TokenStore

AHEAD = timedelta(minutes=10)
"""Renewed this long before it expires; X's tokens live two hours."""

SIGN_IN_AGAIN = (
    "In X's developer console: make new keys (or sign the account in again) and put them where the "
    "mapping refers to them."
)


class SignIn(Protocol):
    """What signs the calls of one account."""

    scopes: frozenset[str] | None
    """What was granted, None where nobody said."""

    def auth(self) -> requests.auth.AuthBase:
        """Raises `NeedsSignIn`, `Again` kinds, `Misconfigured`."""
        ...

    def renewed(self, refused: requests.auth.AuthBase) -> bool:
        """After a 401: whether there is something else to try now."""
        ...


class Bearer(requests.auth.AuthBase):
    """As an `auth`, so that nothing else puts other credentials in its place."""

    def __init__(self, token: Secret) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token.reveal()}"
        return request


class Keys:
    """OAuth 1.0a. The keys do not end by themselves."""

    scopes: frozenset[str] | None = None

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    def auth(self) -> requests.auth.AuthBase:
        signed: requests.auth.AuthBase = OAuth1(
            self._options["consumer_key"],
            client_secret=self._options["consumer_secret"].reveal(),
            resource_owner_key=self._options["access_token"].reveal(),
            resource_owner_secret=self._options["access_token_secret"].reveal(),
        )
        return signed

    def renewed(self, refused: requests.auth.AuthBase) -> bool:
        return False


class _Granted(Schema):
    class Meta:
        unknown = EXCLUDE

    access_token = fields.String(required=True, validate=validate.Length(min=1))
    refresh_token = fields.String(load_default="", allow_none=True)
    expires_in = fields.Integer(
        load_default=7200, validate=validate.Range(min=60, max=90 * 24 * 3600)
    )
    scope = fields.String(load_default="", allow_none=True)


class Renewed:
    """OAuth 2.0 with a refresh token."""

    scopes: frozenset[str] | None = None

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        self._options = options
        self._surroundings = surroundings
        self._name = f"x {account} {options['client_id']}"

    def auth(self) -> Bearer:
        stored = self._store.get(self._name)
        if stored is None or not self._is_fresh(stored):
            return Bearer(self._renew(""))
        return Bearer(stored.access)

    def renewed(self, refused: requests.auth.AuthBase) -> bool:
        """Raises as `auth` does."""
        if not isinstance(refused, Bearer):
            return False
        self._renew(refused.token.reveal())
        return True

    @property
    def _store(self) -> TokenStore:
        if self._surroundings.tokens is None:
            raise Misconfigured(
                "X's tokens change with every renewal and there is nowhere to keep them: set "
                "BRIDGE_SECRET_KEY, or use the four keys of OAuth 1.0a"
            )
        return self._surroundings.tokens

    def _is_fresh(self, token: StoredToken) -> bool:
        ends = token.expires_at
        return ends is None or self._surroundings.clock() < ends - AHEAD

    def _renew(self, refused: str) -> Secret:
        store = self._store
        with store.only_one(self._name):
            stored = store.get(self._name)
            if stored and stored.access.reveal() != refused and self._is_fresh(stored):
                return stored.access
            new = self._fetch(stored)
            store.put(self._name, new)
            return new.access

    def _fetch(self, stored: StoredToken | None) -> StoredToken:
        """The stored refresh token first; where it is dead, the one in the settings, which then
        comes of a new consent."""
        given: Secret = self._options["refresh_token"]
        if stored is None or not stored.refresh:
            return self._ask(given)
        try:
            return self._ask(stored.refresh)
        except NeedsSignIn:
            if stored.refresh.reveal() == given.reveal():
                raise
            return self._ask(given)

    def _ask(self, refresh: Secret) -> StoredToken:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh.reveal(),
            "client_id": self._options["client_id"],
        }
        secret: Secret | None = self._options["client_secret"]
        client = (self._options["client_id"], secret.reveal()) if secret else None
        silence = None
        with new_session() as session:
            try:
                response = session.post(
                    f"{self._options['url']}/2/oauth2/token",
                    data=form,
                    auth=client,
                    timeout=self._surroundings.timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as lost:
                silence = Unreachable(
                    f"X's token address cannot be reached ({type(lost).__name__})"
                )
        if silence is not None:
            # Out here it has no context: the request, with the tokens in it, hangs on that error.
            raise silence
        return self._granted(response, self._surroundings.clock())

    def _granted(self, response: requests.Response, now: datetime) -> StoredToken:
        status = response.status_code
        if status == 429:
            raise RateLimited("X asks us to slow down", wait_named(response, now))
        if status >= 500 or status == 408:
            raise Unreachable(f"X's token address answered {status}", wait_named(response, now))
        if status >= 300:
            # X's words are left out: what it complains about is the token we sent.
            raise NeedsSignIn(f"X gives no new access token for the refresh token ({status})")
        try:
            told = _Granted().load(response.json())
        except (ValidationError, ValueError, RecursionError):
            raise Unreachable("X's token answer could not be read") from None
        if told["scope"]:
            self.scopes = frozenset(told["scope"].split())
        return StoredToken(
            Secret(told["access_token"]),
            Secret(told["refresh_token"] or ""),
            now + timedelta(seconds=told["expires_in"]),
        )


def sign_in(account: str, options: dict[str, Any], surroundings: Surroundings) -> SignIn:
    if options["refresh_token"]:
        return Renewed(account, options, surroundings)
    return Keys(options)
