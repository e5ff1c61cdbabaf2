"""What is sent: a record as JSON, in one of two envelopes, never much longer than 20 kB.

Standard Webhooks 1.0.0 asks for `{type, timestamp, data}` below 20 kB
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md);
CloudEvents 1.0.2 in structured mode is one JSON object with the attributes of
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#required-attributes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.crm import schemas
from bridge.crm.webhooks import events
from bridge.ledger.endpoints import Format
from bridge.records import Change, Resource

MOST_BYTES = 20_000
PLURALS = {
    Resource.CUSTOMER: "customers",
    Resource.IDENTITY: "identities",
    Resource.CONVERSATION: "conversations",
    Resource.INTERACTION: "interactions",
    Resource.MERGE: "merges",
}
_TYPES = {
    Format.STANDARD: "application/json",
    Format.CLOUDEVENTS: "application/cloudevents+json; charset=utf-8",
}
_NEVER_CUT = frozenset({"id", "resource", "change_id", "updated_at", "read_at"})


@dataclass(frozen=True, slots=True)
class Message:
    """One try's body. `webhook_id` is the same on every try."""

    webhook_id: str
    event: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """`source` is the address of this installation, as receivers know it; "" for none."""

    format: Format
    webhook_id: str
    source: str

    def of_change(self, change: Change) -> Message:
        event = events.event_of(change)
        row = schemas.row(change)
        row["read_at"] = f"{self.source}/api/v1/{PLURALS[change.resource]}/{row['id']}"
        room = MOST_BYTES - len(self._wrapped(event, change.updated_at, row["id"], {}))
        return self._message(event, change.updated_at, row["id"], fitted(row, room))

    def of_test(self, at: datetime, endpoint: str) -> Message:
        data = {"id": "test", "endpoint": endpoint, "says": "Nothing happened: this is a test."}
        return self._message(events.TESTED, at, "test", data)

    def _message(self, event: str, at: datetime, subject: str, data: dict[str, Any]) -> Message:
        body = self._wrapped(event, at, subject, data)
        return Message(self.webhook_id, event, _TYPES[self.format], body)

    def _wrapped(self, event: str, at: datetime, subject: str, data: dict[str, Any]) -> bytes:
        if self.format is Format.STANDARD:
            return _bytes({"type": event, "timestamp": schemas.instant(at), "data": data})
        return _bytes(
            {
                "specversion": "1.0",
                "id": self.webhook_id,
                "source": self.source or "/helpdesk-bridge",
                "type": event,
                "time": schemas.instant(at),
                "subject": subject,
                "datacontenttype": "application/json",
                "data": data,
            }
        )


def fitted(row: dict[str, Any], room: int) -> dict[str, Any]:
    """The row in so many bytes of JSON: what is longest loses its end, and `cut` names it. Whole
    it stands at `read_at`."""
    row, cut = dict(row), set[str]()
    while (over := len(_bytes(row)) - room) > 0:
        # The first cut also pays for its own mention.
        name = _longest(row)
        if name is None:
            break
        cut.add(name)
        row["cut"] = sorted(cut)
        over = len(_bytes(row)) - room
        row[name] = _shorter(row[name], over)
    return row


def _longest(row: dict[str, Any]) -> str | None:
    sizes = {
        name: len(_bytes(value))
        for name, value in row.items()
        if value and isinstance(value, (str, list)) and name not in _NEVER_CUT | {"cut"}
    }
    return max(sizes, key=sizes.__getitem__, default=None)


def _shorter(value: Any, over: int) -> Any:
    """At least so many bytes of JSON less, if there are as many."""
    if isinstance(value, list):
        return _kept(value, len(_bytes(value)) - over)
    # Each sign is between one byte and, escaped, six.
    pieces = [len(_bytes(sign)) - 2 for sign in value]
    keep = len(value)
    while keep and over > 0:
        keep -= 1
        over -= pieces[keep]
    return value[:keep]


def _kept(items: Iterable[Any], room: int) -> list[Any]:
    kept: list[Any] = []
    room -= 2
    for item in items:
        room -= len(_bytes(item)) + 1
        if room < 0:
            break
        kept.append(item)
    return kept


def _bytes(value: Any) -> bytes:
    """What networks send may hold half surrogates, which no receiver could read."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
