"""An OpenID provider asked who somebody is: authorization code, PKCE, state and nonce.

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth,
https://openid.net/specs/openid-connect-discovery-1_0.html. What belongs to one sign-in (state,
nonce, the code's verifier) is derived from one random cookie, so nothing has to be kept here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from bridge.errors import Unreachable
from bridge.outside import how_lost, new_session
from bridge.settings import OidcSettings

if TYPE_CHECKING:
    from bridge.web.console.provider_client import Client

TIMEOUT = (5.0, 15.0)
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Only with keys that the provider publishes: never `none`, never a shared secret."""
LEEWAY = 60
"""Seconds that the provider's clock may differ from ours."""


class NotLetIn(Exception):
    """Nobody is signed in. `says` is for the page, `code` for the audit."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the provider; the e-mail address is verified, in small letters."""

    issuer: str
    subject: str
    email: str


class _Discovered(Schema):
    """https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata"""

    class Meta:
        unknown = EXCLUDE

    issuer = fields.String(required=True)
    authorization_endpoint = fields.String(required=True, validate=validate.Regexp(r"https?://\S+"))
    token_endpoint = fields.String(required=True, validate=validate.Regexp(r"https?://\S+"))
    jwks_uri = fields.String(required=True, validate=validate.Regexp(r"https?://\S+"))
    userinfo_endpoint = fields.String(load_default="", validate=validate.Regexp(r"(https?://\S+)?"))
    token_endpoint_auth_methods_supported = fields.List(
        fields.String(), load_default=["client_secret_basic"]
    )


class Provider:
    """One sign-in at the provider: begun, then finished with the same cookie."""

    def __init__(self, settings: OidcSettings, redirect_uri: str, cookie: str) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
        self.state = _derived(cookie, "state")
        self._nonce = _derived(cookie, "nonce")
        self._verifier = _derived(cookie, "verifier")

    def way(self) -> str:
        """Where the browser is sent."""
        with new_session() as session:
            found = self._discovered(session)
            client = self._client(session, found)
            url, _ = client.create_authorization_url(
                found["authorization_endpoint"],
                state=self.state,
                code_verifier=self._verifier,
                nonce=self._nonce,
            )
        return str(url)

    def identity(self, code: str, now: datetime) -> Identity:
        """Raises `NotLetIn` for every doubt, `BridgeError` where the provider cannot be asked."""
        with new_session() as session:
            found = self._discovered(session)
            token = self._token(session, found, code)
            claims = self._claims(session, found, token, now)
            if "email" not in claims and found["userinfo_endpoint"]:
                told = self._userinfo(session, found, token, claims["sub"])
                claims |= {name: told.get(name) for name in ("email", "email_verified")}
        subject, email = claims["sub"], claims.get("email")
        if not isinstance(subject, str) or not subject:
            raise NotLetIn("no subject", _AGAIN)
        if not isinstance(email, str) or email.count("@") != 1:
            raise NotLetIn("no e-mail", "The provider does not say what your e-mail address is.")
        if claims.get("email_verified") not in (True, "true"):
            raise NotLetIn("e-mail not verified", "The provider has not verified your address.")
        return Identity(found["issuer"], subject, email.lower())

    # -------------------------------------------------------------- the calls

    def _discovered(self, session: requests.Session) -> dict[str, Any]:
        url = f"{self._settings.issuer}/.well-known/openid-configuration"
        try:
            found: dict[str, Any] = _Discovered().load(_json(session, url))
        except ValidationError as wrong:
            raise Unreachable(f"{self._settings.name} describes itself wrongly") from wrong
        # Settings are kept without the last slash, which some issuers have.
        if found["issuer"].rstrip("/") != self._settings.issuer:
            raise Unreachable(f"{self._settings.name} says that it is another issuer")
        if self._settings.issuer.startswith("https:"):
            ways = [found[name] for name in found if name.endswith(("endpoint", "_uri"))]
            if any(way and not way.startswith("https:") for way in ways):
                raise Unreachable(f"{self._settings.name} has endpoints without https")
        return found

    def _client(self, session: requests.Session, found: dict[str, Any]) -> Client:
        from bridge.web.console.provider_client import Client

        methods = found["token_endpoint_auth_methods_supported"]
        basic = "client_secret_basic" in methods or "client_secret_post" not in methods
        return Client(
            session=session,
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret.reveal(),
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            scope="openid email profile",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )

    def _token(self, session: requests.Session, found: dict[str, Any], code: str) -> dict[str, Any]:
        from bridge.web.console.provider_client import OAuthError

        url = found["token_endpoint"]
        try:
            token: dict[str, Any] = self._client(session, found).fetch_token(
                url,
                code=code,
                code_verifier=self._verifier,
                grant_type="authorization_code",
                timeout=TIMEOUT,
            )
        except OAuthError as refusal:
            raise NotLetIn(f"code refused: {refusal.error}", _AGAIN) from refusal
        except requests.RequestException as lost:
            raise how_lost(lost, url, writes=True) from lost
        except ValueError as wrong:
            raise Unreachable(f"{self._settings.name} answered what is no JSON") from wrong
        if not isinstance(token.get("id_token"), str):
            raise NotLetIn("no id token", _AGAIN)
        return token

    def _claims(
        self,
        session: requests.Session,
        found: dict[str, Any],
        token: dict[str, Any],
        now: datetime,
    ) -> dict[str, Any]:
        """Of the id token, once everything about it holds."""
        from bridge.web.console.provider_client import CodeIDToken

        published = _json(session, found["jwks_uri"])
        client_id = self._settings.client_id
        try:
            keys = KeySet.import_key_set(published)
            read = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": found["issuer"]},
                    "aud": {"essential": True, "value": client_id},
                },
                {
                    "nonce": self._nonce,
                    "client_id": client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as doubt:
            raise NotLetIn(f"id token: {type(doubt).__name__}", _AGAIN) from doubt
        return dict(read.claims)

    def _userinfo(
        self, session: requests.Session, found: dict[str, Any], token: dict[str, Any], sub: object
    ) -> dict[str, Any]:
        """The rest of the claims, if they are about the same subject."""
        bearer = {"Authorization": f"Bearer {token.get('access_token', '')}"}
        told = _json(session, found["userinfo_endpoint"], bearer)
        return told if told.get("sub") == sub else {}


_AGAIN = "The provider's word could not be trusted, or was too old. Try again."


def _json(session: requests.Session, url: str, headers: dict[str, str] | None = None) -> Any:
    """An object. Raises `Unreachable`."""
    try:
        answer = session.get(url, timeout=TIMEOUT, headers=headers)
    except requests.RequestException as lost:
        raise how_lost(lost, url, writes=False) from lost
    try:
        told = answer.json()
    except json.JSONDecodeError as wrong:
        raise Unreachable(f"{url} answered what is no JSON") from wrong
    if answer.status_code != 200 or not isinstance(told, dict):
        raise Unreachable(f"{url} answered {answer.status_code}")
    return told


def _derived(cookie: str, what: str) -> str:
    """43 signs that nobody can guess who has not the cookie."""
    digest = hmac.new(cookie.encode(), f"bridge console {what}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_allowed(settings: OidcSettings, email: str) -> bool:
    """Whether this verified address may come in: it, or everybody of its domain."""
    return email in settings.allowed or f"@{email.rpartition('@')[2]}" in settings.allowed
