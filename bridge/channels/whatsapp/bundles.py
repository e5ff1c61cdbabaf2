"""One change may hold several messages and statuses: each becomes an item of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bridge.channels.contract import Raw
from bridge.channels.meta.envelope import in_order, instant_of
from bridge.channels.whatsapp.translate import LISTS

Single = tuple[datetime | None, Raw]
"""When it happened, where it says so, and what it was."""


def apart(raws: tuple[Raw, ...]) -> tuple[Raw, ...]:
    """The same, with no more than one message or status in each, in the order in which they
    happened. What is nested too deeply to be written down again stays as it is."""
    return in_order([single for raw in raws for single in _apart(raw)])


def _apart(raw: Raw) -> tuple[Single, ...]:
    try:
        return tuple(_singles(raw))
    except (RecursionError, KeyError):
        return ((None, raw),)


def _singles(raw: Raw) -> Iterator[Single]:
    told: Any = json.loads(raw.body)
    entry = told["entry"][0]
    change = entry.get("changes", [None])[0]
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        yield None, raw
        return
    held = [(name, one) for name in LISTS for one in _list(value, name)]
    if len(held) < 2:
        yield (instant_of(held[0][1]) if held else None), raw
        return
    around = {name: one for name, one in value.items() if name not in LISTS}
    for name, one in held:
        alone = {**change, "value": {**around, name: [one]}}
        body = {**told, "entry": [{**entry, "changes": [alone]}]}
        timeless = {**body, "entry": [{**entry, "time": None, "changes": [alone]}]}
        key = hashlib.sha256(_written(timeless)).hexdigest()
        yield instant_of(one), Raw(key, _written(body))


def _list(value: dict[str, Any], name: str) -> list[Any]:
    listed = value.get(name)
    return listed if isinstance(listed, list) else []


def _written(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True).encode()
