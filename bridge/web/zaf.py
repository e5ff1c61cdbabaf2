"""Who asks for the sidebar app: Zendesk's proxy signs each question with a secret that we share.

It proves that somebody of this helpdesk account asks, and nothing about whom: the claims are
written in a browser. So whatever stands behind this may be looked at, never changed.

https://developer.zendesk.com/documentation/apps/app-developer-guide/making-api-requests-from-a-zendesk-app/
and RFC 7519 (JSON Web Token), RFC 8725 (its pitfalls: one algorithm, fixed here).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from bridge.errors import NotGenuine
from bridge.settings import Secret

ALGORITHM, AUDIENCE = "HS256", "bridge"
LEEWAY = timedelta(seconds=60)
LONGEST = timedelta(minutes=10)
"""A question is signed for as long as it takes to ask it; one that is good for longer was not made
by our app."""
OWN_HOST = ".zendesk.com"
LONGEST_TOKEN = 4096


@dataclass(frozen=True, slots=True)
class Caller:
    """The agent's id at the helpdesk, as the browser says: a hint, no proof."""

    agent_id: str


def caller(header: str, secret: Secret, address: str, now: datetime) -> Caller:
    """Who asks. `address` is the helpdesk's own. Raises `NotGenuine`."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
        raise NotGenuine("there is no token")
    if not secret:
        raise NotGenuine("ZENDESK_APP_SECRET is not set")
    try:
        key = OctKey.import_key(secret.reveal())
        claims = jwt.decode(token.strip(), key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise NotGenuine("the signature does not fit") from error
    _check(claims, address, now)
    agent = claims.get("sub")
    return Caller(agent[:40] if isinstance(agent, str) and agent.isdecimal() else "")


def _check(claims: Mapping[str, Any], address: str, now: datetime) -> None:
    host = (urlsplit(address).hostname or "").lower()
    issuer, audience = claims.get("iss"), claims.get("aud")
    if not isinstance(issuer, str) or not issuer:
        raise NotGenuine("it does not say which helpdesk it is from")
    # A helpdesk that is no Zendesk account of the name it says (a stand-in) is known by its secret.
    if host.endswith(OWN_HOST) and issuer.lower() != host:
        raise NotGenuine("it is from another helpdesk")
    if audience != AUDIENCE:
        raise NotGenuine("it is for somebody else")
    expires, issued = _seconds(claims.get("exp")), claims.get("iat")
    if expires is None:
        raise NotGenuine("it does not say until when it is good")
    at = now.timestamp()
    if expires + LEEWAY.total_seconds() < at:
        raise NotGenuine("it has expired")
    if expires > at + (LONGEST + LEEWAY).total_seconds():
        raise NotGenuine("it is good for too long")
    if issued is not None:
        since = _seconds(issued)
        if since is None or abs(at - since) > (LONGEST + LEEWAY).total_seconds():
            raise NotGenuine("it was made at another time")
    if claims.get("nbf") is not None:
        starts = _seconds(claims.get("nbf"))
        if starts is None or starts > at + LEEWAY.total_seconds():
            raise NotGenuine("it is not good yet")


def _seconds(value: object) -> float | None:
    """Since 1970; what is no such number is None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < 2**53 else None
