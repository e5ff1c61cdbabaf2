"""Standard Webhooks 1.0.0, symmetric: what we send is signed, what we receive is verified.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from collections.abc import Mapping as Headers
from datetime import datetime, timedelta

from bridge.errors import Misconfigured, NotGenuine
from bridge.model import MINUTE
from bridge.settings import Secret

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = 5 * MINUTE
LONGEST_ID = 256
_PREFIX = "whsec_"
_MOST_SIGNATURES = 20


def sign(secrets: Iterable[Secret], webhook_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers for one attempt, with a signature by each secret, the newest first.

    `webhook_id` stays the same on every attempt, `at` is the time of this one. Raises
    `Misconfigured` for a secret that is none, `ValueError` for an id that cannot be signed.
    """
    if not _is_id(webhook_id):
        raise ValueError("a webhook id is printable ASCII without spaces and full stops")
    timestamp = str(int(at.timestamp()))
    made = (_signature(key_of(secret), webhook_id, timestamp, body) for secret in secrets)
    signatures = " ".join("v1," + base64.b64encode(each).decode() for each in made)
    return {ID: webhook_id, TIMESTAMP: timestamp, SIGNATURE: signatures}


def verify(
    headers: Headers[str, str],
    body: bytes,
    secrets: Iterable[Secret],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The webhook's id, if any of the secrets signed exactly these bytes not long ago.

    Raises `NotGenuine` for everything else, however malformed; `Misconfigured` for a secret of
    ours that is none.
    """
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp = given.get(ID, ""), given.get(TIMESTAMP, "")
    claimed = given.get(SIGNATURE, "")
    if not (webhook_id and timestamp and claimed):
        raise NotGenuine(f"the headers {ID}, {TIMESTAMP} and {SIGNATURE} are needed")
    if not _is_id(webhook_id):
        raise NotGenuine(f"{ID} must be printable ASCII without spaces and full stops")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise NotGenuine(f"{TIMESTAMP} must be a Unix time in whole seconds")
    age = now.timestamp() - int(timestamp)
    if abs(age) > tolerance.total_seconds():
        raise NotGenuine(f"{TIMESTAMP} is too {'old' if age > 0 else 'new'}; check the clock")
    signatures = [sent for sent in map(_decoded, claimed.split(" ")[:_MOST_SIGNATURES]) if sent]
    genuine = False
    for secret in secrets:
        ours = _signature(key_of(secret), webhook_id, timestamp, body)
        for sent in signatures:  # all of them, so that the time tells nothing
            genuine |= hmac.compare_digest(ours, sent)
    if not genuine:
        raise NotGenuine(f"no v1 entry of {SIGNATURE} fits these bytes")
    return webhook_id


def key_of(secret: Secret) -> bytes:
    """The key of `whsec_` + base64 of 24 to 64 bytes. Raises `Misconfigured`."""
    text = secret.reveal()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise Misconfigured(f"a signing secret is {_PREFIX} and base64 of 24 to 64 bytes")
    return key


def _is_id(webhook_id: str) -> bool:
    """No full stop: it separates the id from the timestamp in what is signed."""
    return bool(re.fullmatch(rf"[!-\-/-~]{{1,{LONGEST_ID}}}", webhook_id))


def _signature(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> bytes:
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return hmac.new(key, signed, hashlib.sha256).digest()


def _decoded(entry: str) -> bytes:
    """The signature of a `v1,…` entry, nothing for any other version and for nonsense."""
    version, _, signature = entry.partition(",")
    if version != "v1" or not signature.isascii():
        return b""
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""
