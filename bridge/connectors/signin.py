"""How calls to a CRM are signed in: by a token that stays, or by tokens that are fetched.

OAuth 2.0, RFC 6749: 4.4 client credentials, 6 refresh tokens, 5.1 the answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol

import requests
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from bridge.connectors.contract import Around
from bridge.errors import NeedsSignIn, RateLimited, Unreachable
from bridge.outside import new_session, wait_named
from bridge.settings import Secret
from bridge.tokens import StoredToken

AHEAD = timedelta(minutes=2)
"""Fetched anew this long before it expires."""


class SignIn(Protocol):
    """What signs the calls of one target."""

    def header(self) -> str:
        """The value of `Authorization`. Raises `NeedsSignIn`, `Again` and its kin."""
        ...

    def renewed(self, refused: str) -> bool:
        """After a 401 for this header: whether there is something else to try now."""
        ...


class Fixed:
    """A token that a person made and that stays."""

    def __init__(self, token: Secret, word: str = "Bearer") -> None:
        self._token = token
        self._word = word

    def header(self) -> str:
        return f"{self._word} {self._token.reveal()}"

    def renewed(self, refused: str) -> bool:
        return False


class _Granted(Schema):
    class Meta:
        unknown = EXCLUDE

    access_token = fields.String(required=True, validate=validate.Length(min=1))
    refresh_token = fields.String(load_default="", allow_none=True)
    expires_in = fields.Integer(load_default=None, allow_none=True)


class Fetched:
    """Access tokens from the CRM's own token address, fetched by one process at a time.

    `form` makes what is posted there, given the refresh token that came last ("" for none), so that
    a CRM whose refresh tokens are good for one use keeps working. `url` is the whole address. What
    came is kept under `name` and these credentials: others never get a token of those before.
    """

    def __init__(
        self,
        name: str,
        url: str,
        form: Callable[[str], Mapping[str, str]],
        around: Around,
        *,
        word: str = "Bearer",
    ) -> None:
        first = json.dumps([url, dict(form(""))], sort_keys=True).encode()
        self._name = f"{name} {hashlib.sha256(first).hexdigest()[:16]}"
        self._url = url
        self._form = form
        self._around = around
        self._word = word
        self._own: StoredToken | None = None

    def header(self) -> str:
        token = self._kept()
        if token is None or self._ends(token):
            token = self._renew("")
        return f"{self._word} {token.access.reveal()}"

    def renewed(self, refused: str) -> bool:
        self._renew(refused)
        return True

    def _kept(self) -> StoredToken | None:
        store = self._around.tokens
        return store.get(self._name) if store else self._own

    def _ends(self, token: StoredToken) -> bool:
        ends = token.expires_at
        return ends is not None and self._around.clock() >= ends - AHEAD

    def _renew(self, refused: str) -> StoredToken:
        store = self._around.tokens
        if store is None:
            self._own = self._ask(self._own.refresh.reveal() if self._own else "")
            return self._own
        with store.only_one(self._name):
            kept = store.get(self._name)
            is_another = kept and f"{self._word} {kept.access.reveal()}" != refused
            if kept and is_another and not self._ends(kept):
                return kept
            new = self._ask(kept.refresh.reveal() if kept else "")
            store.put(self._name, new)
            return new

    def _ask(self, refresh: str) -> StoredToken:
        silence = None
        with new_session() as session:
            try:
                response = session.post(
                    self._url,
                    data=dict(self._form(refresh)),
                    timeout=self._around.timeout,
                    allow_redirects=False,
                )
            except requests.RequestException as lost:
                silence = Unreachable(
                    f"the token address cannot be reached ({type(lost).__name__})"
                )
        if silence is not None:
            # Out here it has no context: the request, with secrets in it, hangs on that error.
            raise silence
        return self._granted(response)

    def _granted(self, response: requests.Response) -> StoredToken:
        status, now = response.status_code, self._around.clock()
        if status == 429:
            raise RateLimited("the token address asks us to slow down", wait_named(response, now))
        if status >= 500 or status == 408:
            raise Unreachable(f"the token address answered {status}", wait_named(response, now))
        try:
            # Zoho says 200 to a dead refresh token, with an `error` and no token.
            told = _Granted().load(response.json()) if status < 300 else None
        except (ValidationError, ValueError, RecursionError):
            told = None
        if told is None:
            # Its words are left out: what it complains about are the secrets that we sent.
            raise NeedsSignIn(f"no access token was given for the credentials ({status})")
        lasts = told["expires_in"]
        return StoredToken(
            Secret(told["access_token"]),
            Secret(told["refresh_token"] or ""),
            now + timedelta(seconds=lasts) if lasts else None,
        )
