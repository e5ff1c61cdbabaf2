"""Whether a request carries a good OAuth 1.0a signature, judged by oauthlib.

https://docs.x.com/fundamentals/authentication/oauth-1-0a/authorizing-a-request. How old a
timestamp may be is judged by the real time, since that is what clients sign with.
"""

from __future__ import annotations

import threading
from typing import Any

from flask import Request
from oauthlib.oauth1 import RequestValidator, ResourceEndpoint

from bridge.sandbox.x.people import Grant, Scheme
from bridge.sandbox.x.residents import Residents

NOBODY = "nobody-has-this-key"


class _Keys(RequestValidator):  # type: ignore[misc]
    """What oauthlib asks about keys and tokens; nonces are good for one use."""

    enforce_ssl = False
    allowed_signature_methods = ("HMAC-SHA1", "HMAC-SHA256")
    dummy_client = NOBODY
    dummy_access_token = NOBODY

    def __init__(self, residents: Residents) -> None:
        super().__init__()
        self._residents = residents
        self._guard = threading.Lock()
        self._nonces: set[tuple[str, str, str]] = set()

    def check_client_key(self, client_key: str) -> bool:
        return bool(client_key)

    def check_nonce(self, nonce: str) -> bool:
        return bool(nonce)

    def check_access_token(self, request_token: str) -> bool:
        return bool(request_token)

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: Any,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        used = (timestamp, nonce, access_token or "")
        with self._guard:
            fresh = used not in self._nonces
            self._nonces.add(used)
        return fresh

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._residents.app.consumer_key

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return self._grant(token) is not None

    def validate_realms(
        self, client_key: str, token: str, request: Any, uri: Any = None, realms: Any = None
    ) -> bool:
        return True

    def get_client_secret(self, client_key: str, request: Any) -> str:
        known = client_key == self._residents.app.consumer_key
        return self._residents.app.consumer_secret if known else NOBODY

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        grant = self._grant(token)
        return grant.secret if grant else NOBODY

    def _grant(self, token: str) -> Grant | None:
        found = self._residents.grant(token)
        return found if found and found.scheme is Scheme.OAUTH1 else None


class Signatures:
    """Tells who signed a request."""

    def __init__(self, residents: Residents) -> None:
        self._residents = residents
        self._endpoint = ResourceEndpoint(_Keys(residents))

    def signer(self, request: Request) -> Grant | None:
        """None if the signature is not good. Only a form's body is part of what is signed."""
        good, signed = self._endpoint.validate_protected_resource_request(
            request.url,
            request.method,
            request.get_data(as_text=True, cache=True) if _is_form(request) else "",
            dict(request.headers),
        )
        return self._residents.grant(signed.resource_owner_key) if good else None


def _is_form(request: Request) -> bool:
    return request.mimetype == "application/x-www-form-urlencoded"
