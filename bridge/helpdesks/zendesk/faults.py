"""Zendesk's answers, and its silence, as the kinds of `bridge.errors`.

Errors: https://developer.zendesk.com/api-reference/introduction/requests/#errors
Rate limits: https://developer.zendesk.com/api-reference/introduction/rate-limits/

`once` says that the request was a write that must happen once: there, whatever leaves its fate
open is `NobodyKnows`. For everything else (reads, and writes that may be repeated) it is `Again`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import requests

from bridge.errors import (
    BridgeError,
    Closed,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    RateLimited,
    Refused,
    TooLong,
    Unreachable,
)
from bridge.outside import never_sent, wait_named

MOST_WORDS = 400


class TokenRefused(NeedsSignIn):
    """401: this access token is dead. The desk renews it once before a person is asked."""


class KeyTaken(NobodyKnows):
    """400 IdempotentRequestError: this key was used before with another body.

    An earlier try did reach Zendesk, so a ticket may well exist: it must be looked up by its
    external id, and opening again under a new key would double it.
    """


def why_refused(response: requests.Response, *, once: bool, now: datetime) -> BridgeError | None:
    """The failure an answer stands for; None for a 2xx."""
    status = response.status_code
    if 200 <= status < 300:
        return None
    body = _json_object(response)
    says = zendesk_says(body, status)
    if status == 429:
        # The edge in front of Zendesk sends 429 too, with a page instead of JSON: no body is read.
        return RateLimited("Zendesk asks us to slow down", _wait(response, now))
    if status == 401:
        return TokenRefused(f"Zendesk does not accept our access token: {says}")
    if status == 503:
        return Unreachable("Zendesk is not available for a moment", _wait(response, now))
    if status == 409:
        return Unreachable(f"Zendesk was busy with the same record: {says}", _wait(response, now))
    if status >= 500 or status == 408:
        return lost(f"Zendesk answered {status}", once=once)
    if 300 <= status < 400:
        return Misconfigured(
            f"Zendesk answered {status} with a redirect, which is not followed because it would "
            "carry our credentials elsewhere: check ZENDESK_URL"
        )
    return _final(status, body, says)


def why_silent(error: requests.RequestException, *, once: bool) -> BridgeError:
    """What a missing answer means: a request that cannot have been sent is simply repeated."""
    kind = type(error).__name__
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader):
        return Misconfigured(f"the request to Zendesk could not be built ({kind})")
    if never_sent(error):
        return Unreachable(f"Zendesk could not be reached ({kind})")
    return lost(f"the connection to Zendesk broke before an answer came ({kind})", once=once)


def lost(because: str, *, once: bool) -> BridgeError:
    """No usable answer to a request that was sent."""
    if once:
        return NobodyKnows(f"{because}; it is not known whether it was carried out")
    return Unreachable(because)


def zendesk_says(body: dict[str, Any], status: int) -> str:
    """Zendesk's own words about a refusal, of the several shapes its errors come in."""
    error = body.get("error")
    parts: list[object] = []
    if isinstance(error, dict):
        parts += [error.get("title"), error.get("message")]
    else:
        parts += [error, body.get("description"), body.get("message")]
    details = body.get("details")
    if isinstance(details, dict):
        for field, complaints in sorted(details.items()):
            parts += [f"{field}: {text}" for text in _descriptions(complaints)]
    words = [" ".join(part.split()) for part in parts if isinstance(part, str) and part.strip()]
    return ("; ".join(dict.fromkeys(words)) or f"HTTP {status}")[:MOST_WORDS]


def _final(status: int, body: dict[str, Any], says: str) -> BridgeError:
    error = body.get("error")
    if status == 400 and error == "IdempotentRequestError":
        return KeyTaken("Zendesk has seen this key with another body: look the ticket up")
    if status == 403:
        if body:
            return NeedsSignIn(f"Zendesk does not let our user do this: {says}")
        return Refused("something in front of Zendesk forbids the request (403, not Zendesk's own)")
    if status in (404, 410):
        return Gone(f"Zendesk does not have it: {says}")
    if status == 413:
        return TooLong(f"too large for Zendesk: {says}")
    if status == 422 and "closed prevents ticket update" in says.lower():
        return Closed("the ticket is closed for good")
    return Refused(f"Zendesk said no: {says}")


def _wait(response: requests.Response, now: datetime) -> float | None:
    """Retry-After where there is one, else `ratelimit-reset`, which Zendesk gives in seconds."""
    named = wait_named(response, now)
    if named is not None:
        return named
    reset = response.headers.get("ratelimit-reset", "")
    return float(reset) if reset.isascii() and reset.isdigit() and len(reset) < 6 else None


def _json_object(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _descriptions(complaints: object) -> list[str]:
    if isinstance(complaints, str):
        return [complaints]
    found: list[str] = []
    for item in complaints if isinstance(complaints, list) else []:
        text = item.get("description") if isinstance(item, dict) else item
        if isinstance(text, str):
            found.append(text)
    return found
