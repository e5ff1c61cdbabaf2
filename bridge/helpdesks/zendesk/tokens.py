"""OAuth access tokens: one kept in the settings, or ones we fetch and renew ourselves.

Grants: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
A refresh rotates both tokens and kills the old pair, so two refreshers at once lock each other
out. Whoever renews therefore holds one lock across all processes and machines, and looks first
whether somebody else has just done it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from bridge.errors import Misconfigured, NeedsSignIn, RateLimited, Unreachable
from bridge.model import Clock
from bridge.outside import Timeout, new_session, wait_named
from bridge.settings import Secret, ZendeskSettings
from bridge.tokens import StoredToken, TokenStore

SCOPE = "read write"
AHEAD = timedelta(minutes=2)
"""Renewed this long before it expires; Zendesk allows no lifetime below five minutes."""


class _Granted(Schema):
    class Meta:
        unknown = EXCLUDE

    access_token = fields.String(required=True, validate=validate.Length(min=1))
    refresh_token = fields.String(load_default="", allow_none=True)
    expires_in = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1))

    @post_load
    def _seconds_and_secrets(self, data: dict[str, Any], **_: Any) -> _Grant:
        return _Grant(
            access=Secret(data["access_token"]),
            refresh=Secret(data["refresh_token"] or ""),
            seconds=data["expires_in"],
        )


@dataclass(frozen=True, slots=True)
class _Grant:
    access: Secret
    refresh: Secret
    seconds: int | None


class Tokens:
    """The access token of the moment.

    A client id and secret win over a token in the settings: only they can be renewed. A refresh
    token in the store (from the authorization-code flow) wins over client credentials, because
    it stands for the user who allowed it.
    """

    def __init__(
        self, settings: ZendeskSettings, clock: Clock, store: TokenStore, timeout: Timeout
    ) -> None:
        if not settings.client_id and not settings.oauth_token:
            raise Misconfigured(
                "Zendesk: set ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET, or ZENDESK_OAUTH_TOKEN"
            )
        self._settings = settings
        self._clock = clock
        self._store = store
        self._timeout = timeout
        self._name = f"zendesk {settings.url} {settings.client_id}"
        self._known: StoredToken | None = None

    def current(self) -> str:
        """A token that should work. Raises `NeedsSignIn`, `Again` kinds, `Misconfigured`."""
        if not self._settings.client_id:
            return self._settings.oauth_token.reveal()
        known = self._known
        if known is None or not self._is_fresh(known):
            known = self._store.get(self._name)
            if known is None or not self._is_fresh(known):
                return self.renew("")
            self._known = known
        return known.access.reveal()

    def renew(self, refused: str) -> str:
        """Another token than `refused` ("" when the old one merely runs out)."""
        if not self._settings.client_id:
            raise NeedsSignIn(
                "Zendesk no longer accepts ZENDESK_OAUTH_TOKEN: make a new token, or set a client "
                "id and secret so that the bridge renews it by itself"
            )
        with self._store.only_one(self._name):
            stored = self._store.get(self._name)
            if stored and stored.access.reveal() != refused and self._is_fresh(stored):
                self._known = stored
                return stored.access.reveal()
            renewed = self._fetch(stored.refresh if stored else Secret(""))
            self._store.put(self._name, renewed)
            self._known = renewed
            return renewed.access.reveal()

    def _is_fresh(self, token: StoredToken) -> bool:
        return token.expires_at is None or self._clock() < token.expires_at - AHEAD

    def _fetch(self, refresh: Secret) -> StoredToken:
        body = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.reveal(),
            "scope": SCOPE,
        }
        if refresh:
            body |= {"grant_type": "refresh_token", "refresh_token": refresh.reveal()}
        else:
            body |= {"grant_type": "client_credentials"}
        grant = self._ask(body)
        expires_at = None
        if grant.seconds is not None:
            expires_at = self._clock() + timedelta(seconds=grant.seconds)
        return StoredToken(grant.access, grant.refresh or refresh, expires_at)

    def _ask(self, body: dict[str, str]) -> _Grant:
        url = f"{self._settings.url.rstrip('/')}/oauth/tokens"
        silence = None
        with new_session() as session:
            try:
                response = session.post(
                    url, json=body, timeout=self._timeout, allow_redirects=False
                )
            except requests.RequestException as error:
                silence = Unreachable(
                    f"Zendesk's token address could not be reached ({type(error).__name__})"
                )
        if silence is not None:
            # Out here it has no context: the request, with the client secret in it, hangs on
            # the first error.
            raise silence
        return _granted(response, self._clock())


def _granted(response: requests.Response, now: datetime) -> _Grant:
    status = response.status_code
    if status == 429:
        raise RateLimited("Zendesk asks us to slow down", wait_named(response, now))
    if 300 <= status < 400:
        raise Misconfigured(
            "Zendesk's token address answers with a redirect, which is not followed because it "
            "would carry the client secret elsewhere: check ZENDESK_URL"
        )
    if status >= 500 or status == 408:
        raise Unreachable(f"Zendesk's token address answered {status}", wait_named(response, now))
    if status >= 400:
        # Zendesk's words are left out: what it complains about is the secret we sent.
        raise NeedsSignIn(
            f"Zendesk gives the bridge no access token ({status}): check ZENDESK_CLIENT_ID and "
            "ZENDESK_CLIENT_SECRET, and that the OAuth client is confidential and still exists"
        )
    try:
        grant: _Grant = _Granted().load(response.json())
    except (ValidationError, ValueError, RecursionError):
        raise Unreachable("Zendesk's token answer could not be read") from None
    return grant
