"""Whether a webhook is Meta's own, and the handshake that comes before the first one.

- https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
- https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping as Headers

from bridge.channels.contract import Shaken
from bridge.errors import NotGenuine
from bridge.settings import Secret

SIGNATURE = "X-Hub-Signature-256"
_CLAIMED = re.compile(r"sha256=([0-9a-fA-F]{64})")
_CHALLENGE = re.compile(r"[\x21-\x7e]{1,1000}")


def genuine(headers: Headers[str, str], body: bytes, app_secret: Secret) -> str:
    """The delivery's own key: the hash of its bytes.

    Signed are the raw bytes, in which all that is not ASCII stands as \\uXXXX: never what a parser
    has had in its hands. Raises `NotGenuine`.
    """
    given = {name.lower(): value for name, value in headers.items()}
    claimed = _CLAIMED.fullmatch(given.get(SIGNATURE.lower(), "").strip())
    if claimed is None:
        raise NotGenuine(f"the header {SIGNATURE} is needed: sha256= and 64 hex digits")
    if not hmac.compare_digest(_made(body, app_secret), claimed[1].lower()):
        raise NotGenuine(f"{SIGNATURE} does not fit these bytes: is app_secret this app's own?")
    return hashlib.sha256(body).hexdigest()


def signed(body: bytes, app_secret: Secret) -> dict[str, str]:
    """The headers with which Meta would bring these bytes."""
    return {"Content-Type": "application/json", SIGNATURE: f"sha256={_made(body, app_secret)}"}


def asks(verify_token: Secret) -> dict[str, str]:
    """The query with which Meta would ask whether an address is ours."""
    return {
        "hub.mode": "subscribe",
        "hub.challenge": secrets.token_hex(10),
        "hub.verify_token": verify_token.reveal(),
    }


def _made(body: bytes, app_secret: Secret) -> str:
    return hmac.new(app_secret.reveal().encode(), body, hashlib.sha256).hexdigest()


def shake(query: Headers[str, str], verify_token: Secret) -> Shaken:
    """The challenge as it came, if whoever asks knows our verify token. Raises `NotGenuine`."""
    if query.get("hub.mode") != "subscribe":
        raise NotGenuine("hub.mode must be subscribe")
    told = query.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(told, verify_token.reveal().encode()):
        raise NotGenuine("hub.verify_token is not the account's verify_token")
    challenge = query.get("hub.challenge", "")
    if not _CHALLENGE.fullmatch(challenge):
        raise NotGenuine("hub.challenge is missing, or is none")
    return Shaken("text/plain; charset=utf-8", challenge)
