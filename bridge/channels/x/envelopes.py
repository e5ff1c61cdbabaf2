"""Deliveries taken apart: X's own envelopes, and ours in the same form around what was read.

    {"data": {"event_type": …, "filter": {"user_id": …}, "payload": {…}, "includes": {…}}}

https://docs.x.com/x-api/activity/event-payloads. Items are known by what they bring, not by
`event_uuid`: a reply that mentions us arrives as two events, and is read once more as well.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from bridge.channels.contract import Raw
from bridge.channels.fields import OpaqueId

READ_POST, READ_MESSAGE, GONE = "read.post", "read.message", "read.gone"
"""Our own: what a read brought, and what a second look did not find any more."""

POSTS = frozenset(
    {
        "post.create",
        "post.mention.create",
        "post.reply.create",
        "post.quote.create",
        READ_POST,
    }
)
MESSAGES = frozenset({"dm.received", "dm.sent"})
SEALED = frozenset({"chat.received", "chat.sent"})
DELETED, REVOKED = "post.delete", "oauth.revoke"


def events_in(body: bytes) -> tuple[dict[str, Any], ...]:
    """Every event of a delivery. Raises `ValueError` and `RecursionError` for what is no JSON."""
    told = json.loads(body)
    listed = told.get("data") if isinstance(told, dict) else None
    found = listed if isinstance(listed, list) else [listed]
    return tuple(one for one in found if isinstance(one, dict) and "event_type" in one)


def is_replay_news(body: bytes) -> bool:
    """https://docs.x.com/x-api/account-activity/quickstart#replay, of a body that is JSON."""
    return get(json.loads(body), "replay_job_status") is not None


def apart(body: bytes, user_id: str, now: datetime) -> tuple[tuple[str, str, Raw], ...]:
    """The account's own items: what kind each is, the id of what it brings, and the item."""
    try:
        found = events_in(body)
    except (ValueError, RecursionError):
        return ()
    return tuple(
        item
        for one in found
        if whose(one) in (user_id, "")
        for single in _singly(one)
        if (item := _item(single, now))
    )


def read_item(kind: str, user_id: str, payload: Any, includes: Any) -> Raw:
    """Something that was read, as if it had been delivered."""
    event = {
        "event_type": kind,
        "filter": {"user_id": user_id},
        "payload": payload,
        "includes": includes,
    }
    return _raw(event)


def gone_item(user_id: str, post_id: str, at: datetime) -> Raw:
    """A post of somebody else's that is no longer there."""
    event = {
        "event_type": GONE,
        "filter": {"user_id": user_id},
        "payload": {"id": post_id},
        "at": at.isoformat(),
    }
    return _raw(event)


def get(said: Any, *names: str) -> Any:
    """What lies inside, None where nothing does."""
    for name in names:
        said = said.get(name) if isinstance(said, dict) else None
    return said


def id_in(said: Any, name: str = "id") -> str:
    """An id, "" for none that can be used."""
    try:
        return OpaqueId().deserialize(get(said, name)) or ""
    except ValidationError:
        return ""


def whose(event: dict[str, Any]) -> str:
    """The id of the account whose event it is, "" where it is nobody's in particular."""
    if event.get("event_type") == REVOKED:
        return id_in(event.get("payload"), "user_id")
    return id_in(event.get("filter"), "user_id")


def _singly(event: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """An event of messages may bring several."""
    messages = get(event, "payload", "direct_message_events")
    kind = event.get("event_type")
    if not isinstance(kind, str) or kind not in MESSAGES or not isinstance(messages, list):
        return (event,)
    payload = event["payload"]
    return tuple({**event, "payload": {**payload, "direct_message_events": [m]}} for m in messages)


def _item(event: dict[str, Any], now: datetime) -> tuple[str, str, Raw] | None:
    if event.get("event_type") == DELETED:
        event = {**event, "at": now.isoformat()}  # X does not say when
    kind = event.get("event_type")
    try:
        return kind if isinstance(kind, str) else "", _subject(event), _raw(event)
    except (ValueError, RecursionError):
        return None  # half a surrogate pair, say: what cannot be written down again


def _subject(event: dict[str, Any]) -> str:
    """The id of what an event is about, "" where it has none."""
    messages = get(event, "payload", "direct_message_events")
    if isinstance(messages, list) and messages:
        return id_in(messages[0])
    return id_in(event.get("payload"))


def _raw(event: dict[str, Any]) -> Raw:
    body = json.dumps({"data": event}).encode()
    return Raw(_key(event), body)


def _key(event: dict[str, Any]) -> str:
    kind, subject = event.get("event_type"), _subject(event)
    if not isinstance(kind, str) or not subject:
        return _hashed(event)
    if kind in POSTS:
        return f"post:{subject}"
    if kind in MESSAGES or kind == READ_MESSAGE:
        return f"message:{subject}"
    if kind in SEALED:
        return f"chat:{subject}"
    if kind in (DELETED, GONE):
        return f"gone:{subject}"
    return _hashed(event)


def _hashed(event: dict[str, Any]) -> str:
    """Of everything but the number of the delivery."""
    lasting = {name: value for name, value in event.items() if name not in ("event_uuid", "tag")}
    text = json.dumps(lasting, sort_keys=True)
    return f"event:{hashlib.sha256(text.encode()).hexdigest()}"
