"""One change may hold several messages and statuses: each becomes an item of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from bridge.channels.contract import Raw
from bridge.channels.whatsapp.translate import LISTS


def apart(raws: tuple[Raw, ...]) -> tuple[Raw, ...]:
    """The same, with no more than one message or status in each. What is nested too deeply to be
    written down again stays as it is."""
    return tuple(single for raw in raws for single in _apart(raw))


def _apart(raw: Raw) -> tuple[Raw, ...]:
    try:
        return tuple(_singles(raw))
    except (RecursionError, KeyError):
        return (raw,)


def _singles(raw: Raw) -> Iterator[Raw]:
    told: Any = json.loads(raw.body)
    entry = told["entry"][0]
    change = entry.get("changes", [None])[0]
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        yield raw
        return
    held = [(name, one) for name in LISTS for one in _list(value, name)]
    if len(held) < 2:
        yield raw
        return
    around = {name: one for name, one in value.items() if name not in LISTS}
    for name, one in held:
        alone = {**change, "value": {**around, name: [one]}}
        body = {**told, "entry": [{**entry, "changes": [alone]}]}
        timeless = {**body, "entry": [{**entry, "time": None, "changes": [alone]}]}
        yield Raw(hashlib.sha256(_written(timeless)).hexdigest(), _written(body))


def _list(value: dict[str, Any], name: str) -> list[Any]:
    listed = value.get(name)
    return listed if isinstance(listed, list) else []


def _written(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True).encode()
