"""Zendesk's webhook: is it genuine, and which ticket is it about.

Signature: https://developer.zendesk.com/documentation/webhooks/verifying/
Events: https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events

The signature is base64(HMAC-SHA256(secret, TIMESTAMP + RAW BODY)), the secret taken as text.
An older page of the same documentation has the two in the other order; that one is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping as Headers
from datetime import datetime, timedelta
from typing import Any

from bridge.errors import NotGenuine
from bridge.helpdesks.contract import Ping, TicketState
from bridge.helpdesks.zendesk.shapes import MERGED, dig, id_of
from bridge.settings import Secret

SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
INVOCATION = "x-zendesk-webhook-invocation-id"
EVENT_PREFIX = "zen:event-type:"
STATUS_CHANGED = f"{EVENT_PREFIX}ticket.status_changed"
COMMENT_ADDED = f"{EVENT_PREFIX}ticket.comment_added"
AGE = timedelta(minutes=15)
"""Either way. The timestamp is the attempt's, not the event's: a late retry has a new one."""

# Signs the "Test webhook" calls of a webhook not yet saved, in every account: no secret at all.
PUBLISHED_TEST_KEY = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="


def genuine(headers: Headers[str, str], body: bytes, secret: Secret, now: datetime) -> Ping:
    """What the event is about, or `NotGenuine` with the reason. Raises nothing else."""
    if not secret:
        raise NotGenuine("ZENDESK_WEBHOOK_SECRET is not set, so no event can be believed")
    if secret.reveal() == PUBLISHED_TEST_KEY:
        raise NotGenuine("ZENDESK_WEBHOOK_SECRET is Zendesk's public test secret, known to all")
    signature = _header(headers, SIGNATURE)
    timestamp = _header(headers, TIMESTAMP)
    key = secret.reveal().encode()
    digest = hmac.new(key, timestamp.encode("ascii") + body, hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(digest), signature.encode("ascii")):
        raise NotGenuine("the signature does not fit the body: is the webhook's secret right?")
    if abs(now - _instant(timestamp)) > AGE:
        raise NotGenuine("the signature is more than 15 minutes off: old, or a clock is wrong")
    return _ping(headers, body)


def state_in(body: bytes) -> TicketState | None:
    """How the ticket stands, of an event that tells of another status; None of any other.

    Events may overtake one another; what the incremental export says later puts that right.
    https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/#status-changed
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or event.get("type") != STATUS_CHANGED:
        return None
    detail = event.get("detail")
    status = detail.get("status") if isinstance(detail, dict) else None
    ticket_id = _ticket(event)
    if not isinstance(status, str) or not status or not ticket_id:
        return None
    status, tags = status.lower(), dig(detail, "tags")
    is_merged = status == "closed" and isinstance(tags, list) and MERGED in tags
    return TicketState(ticket_id, status, at=_told_at(event.get("time")), is_merged=is_merged)


def is_no_agents(body: bytes, own_id: str) -> bool:
    """Whether it is the event of a comment whose author is no staff, as are all that the bridge
    brings, or is the bridge itself (`own_id`, "" while it is not known), as of all its notes. Only
    a clear no counts: whatever else it says, the ticket is looked at. Another comment of the same
    moment has an event of its own.
    https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/#comment-added
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(event, dict) or event.get("type") != COMMENT_ADDED:
        return False
    author = dig(event, "event", "comment", "author")
    is_ours = own_id != "" and id_of(dig(author, "id")) == own_id
    return is_ours or dig(author, "is_staff") is False


def _told_at(value: object) -> datetime | None:
    """Zendesk writes nanoseconds; a `datetime` takes the first six digits of a fraction."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo else None


def _header(headers: Headers[str, str], name: str) -> str:
    found = {str(value) for key, value in headers.items() if str(key).lower() == name}
    if not found:
        raise NotGenuine(f"the header {name} is missing")
    value = found.pop()
    if found or not value.isascii() or not value.isprintable() or not value.strip():
        raise NotGenuine(f"the header {name} is malformed")
    return value


def _instant(timestamp: str) -> datetime:
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        raise NotGenuine("the signature's timestamp is not a date") from None
    if at.tzinfo is None:
        raise NotGenuine("the signature's timestamp has no time zone")
    return at


def _ping(headers: Headers[str, str], body: bytes) -> Ping:
    """Genuine by now. What cannot be understood still gets a key, and no ticket."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        event = {}
    kind = event.get("type")
    what = kind.removeprefix(EVENT_PREFIX) if isinstance(kind, str) else ""
    return Ping(key=_key(event, headers, body), ticket_id=_ticket(event), what=what)


def _key(event: dict[str, Any], headers: Headers[str, str], body: bytes) -> str:
    """The event's own id, which is signed. The invocation id is not: it only stands in where a
    trigger's webhook, whose body the admin wrote, has no id."""
    candidates: list[object] = [event.get("id"), *_invocations(headers)]
    for candidate in candidates:
        if isinstance(candidate, str) and candidate.isascii() and candidate.isprintable():
            trimmed = candidate.strip()
            if 0 < len(trimmed) <= 200:
                return trimmed
    return hashlib.sha256(body).hexdigest()


def _invocations(headers: Headers[str, str]) -> list[str]:
    return [str(value) for key, value in headers.items() if str(key).lower() == INVOCATION]


def _ticket(event: dict[str, Any]) -> str:
    """`zen:ticket:5158`, else the id of the detail, else what our trigger's template says."""
    subject = event.get("subject")
    if isinstance(subject, str) and subject.startswith("zen:"):
        what, _, name = subject.removeprefix("zen:").partition(":")
        return id_of(name) if what == "ticket" else ""
    kind, detail = event.get("type"), event.get("detail")
    is_ours = isinstance(kind, str) and kind.startswith(f"{EVENT_PREFIX}ticket.")
    if is_ours and isinstance(detail, dict):
        return id_of(detail.get("id"))
    return id_of(event.get("ticket_id"))
