"""Items as the body of one call: entries by account, and bytes as Meta signs them.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started#event-notifications
`time` is when it is sent, not when it happened: seconds for changes, milliseconds for messages.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bridge.sandbox.meta.hooks import Item


def envelope(kind: str, items: tuple[Item, ...], now: datetime) -> bytes:
    """Several items of an account share an entry; flat ones have each their own."""
    entries: list[dict[str, Any]] = []
    for item in items:
        if item.place == "flat":
            entry = _entry(item, now)
            entries.append({**entry, "field": item.field, "value": item.payload})
            continue
        at_home = (one for one in entries if one["id"] == item.entry_id and item.place in one)
        home = next(at_home, None)
        if home is None:
            home = {**_entry(item, now), item.place: []}
            entries.append(home)
        home[item.place].append(_in_place(item))
    return raw({"object": kind, "entry": entries})


def raw(data: dict[str, Any]) -> bytes:
    """JSON in the form that Meta sends and signs: \\uXXXX, and slashes escaped as well."""
    return json.dumps(data, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def _entry(item: Item, now: datetime) -> dict[str, Any]:
    if item.object == "whatsapp_business_account":
        return {"id": item.entry_id}
    in_milliseconds = item.place in ("messaging", "standby")
    return {
        "id": item.entry_id,
        "time": int(now.timestamp() * (1000 if in_milliseconds else 1)),
    }


def _in_place(item: Item) -> dict[str, Any]:
    if item.place == "changes":
        return {"field": item.field, "value": item.payload}
    return item.payload
