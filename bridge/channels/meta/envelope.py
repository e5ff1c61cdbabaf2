"""The envelope around everything that Meta sends: taken apart into single items, and read.

    {"object": …, "entry": [{"id": …, "time": …, "changes": [{"field": …, "value": …}, …]}]}
    {"object": …, "entry": [{"id": …, "time": …, "messaging": […], "standby": […]}]}
    {"object": …, "entry": [{"id": …, "time": …, "field": …, "value": …}]}

One call holds up to 1000 of them, of several accounts:
https://developers.facebook.com/docs/graph-api/webhooks/getting-started#event-notifications
The flat form is in the documentation of Instagram:
https://developers.facebook.com/docs/instagram-platform/webhooks/examples
Threads has an envelope of its own (`topic`, `values`):
https://developers.facebook.com/docs/threads/webhooks
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any

from marshmallow import ValidationError

from bridge.channels.contract import Raw
from bridge.channels.meta.payload import IfRight, Instant, what_is_wrong
from bridge.model import Event, Ignored, Unreadable
from bridge.text.html import whole

_EXCERPT = 200
_WHEN = IfRight(Instant().deserialize, None)


class Place(StrEnum):
    """Where in an entry an item stood. In `standby` is what another app has to answer."""

    CHANGES = "changes"
    MESSAGING = "messaging"
    STANDBY = "standby"
    FLAT = "flat"
    NOWHERE = "nowhere"


_AGAIN = ("hide", "unhide", "edit", "edited", "update")
_LISTS = (Place.CHANGES, Place.MESSAGING, Place.STANDBY)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. `owner` is the entry's id, the account it happened to; `field` is
    "" for messages; `said` is the value as it came; `sent_at` the entry's `time`, as it came."""

    owner: str
    place: Place
    field: str
    said: Any
    sent_at: Any


def apart(
    body: bytes, owners: frozenset[str], takes: Callable[[Item], bool] = lambda _: True
) -> tuple[Raw, ...]:
    """The items of these accounts, each as a whole envelope that holds nothing else, in the order
    in which they happened, as far as the account `takes` them. The key leaves out when it was sent,
    so that it is the same item again when Meta repeats it. Never raises: what nobody can read is no
    item."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    found = []
    for entry in _entries(told):
        if _id(entry) not in owners:
            continue
        for single in _singles(entry):
            item = _item(single)
            if not takes(item):
                continue
            envelope = {"object": told.get("object"), "entry": [single]}
            timeless = {**envelope, "entry": [{**single, "time": _counts(single)}]}
            key = hashlib.sha256(_written(timeless)).hexdigest()
            found.append((_happened(item), Raw(key, _written(envelope))))
    return in_order(found)


def in_order(items: Sequence[tuple[datetime | None, Raw]]) -> tuple[Raw, ...]:
    """By when they happened; what does not say it keeps its place. Meta promises no order:
    https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks"""
    told = sorted((one for one in items if one[0] is not None), key=itemgetter(0))
    ordered = iter(told)
    return tuple(raw if at is None else next(ordered)[1] for at, raw in items)


def instant_of(said: Any) -> datetime | None:
    """When it happened: `timestamp` of messages, `created_time` of what is public."""
    if not isinstance(said, dict):
        return None
    at: datetime | None = _WHEN.deserialize(said.get("timestamp", said.get("created_time")))
    return at


def _happened(item: Item) -> datetime | None:
    """Of what is done to a post anew, `created_time` tells when the post was written."""
    if not isinstance(item.said, dict) or item.said.get("verb") not in _AGAIN:
        return instant_of(item.said)
    at: datetime | None = _WHEN.deserialize(item.said.get("edited_time", item.sent_at))
    return at


def unpack(
    body: bytes, owners: frozenset[str], read: Callable[[Item], tuple[Event, ...]]
) -> tuple[Event, ...]:
    """What `read` makes of each item; one that it refuses (`ValidationError`) is set aside with
    its reason, the others go on. Never raises."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        return (_set_aside(f"not JSON: {type(wrong).__name__}", body),)
    if isinstance(told, dict) and "topic" in told and "values" in told:
        return (Ignored("it is from Threads, which has no account here"),)
    entries = _entries(told)
    if not entries:
        return (_set_aside("no delivery of Meta's: it has no entry", body),)
    return tuple(
        event
        for entry in entries
        for item in _items(entry)
        for event in _events(item, owners, read, body)
    )


def _events(
    item: Item, owners: frozenset[str], read: Callable[[Item], tuple[Event, ...]], body: bytes
) -> tuple[Event, ...]:
    if item.owner not in owners:
        return (Ignored("it happened to another account"),)
    if item.place is Place.NOWHERE:
        return (_set_aside("an entry in which nothing happened that we know of", body),)
    try:
        return read(item)
    except ValidationError as wrong:
        return (_set_aside(what_is_wrong(wrong), _written(item.said)),)


def _entries(told: Any) -> list[dict[str, Any]]:
    listed = told.get("entry") if isinstance(told, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _id(entry: dict[str, Any]) -> str:
    value = entry.get("id")
    number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if number or isinstance(value, str) else ""


def _singles(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entry as often as it holds something, each time with one of them."""
    bare: dict[str, Any] = {name: entry[name] for name in ("id", "time") if name in entry}
    held = [(place, one) for place in _LISTS for one in _list(entry, place)]
    for place, one in held:
        yield {**bare, place.value: [one]}
    if "field" in entry or not held:
        yield {name: value for name, value in entry.items() if name not in _LISTS}


def _items(entry: dict[str, Any]) -> Iterator[Item]:
    for single in _singles(entry):
        yield _item(single)


def _counts(single: dict[str, Any]) -> Any:
    """When it was sent, of what may happen again with the very same words; None of all else. Such
    an item changes nothing when Meta repeats it."""
    said = _item(single).said
    return single.get("time") if isinstance(said, dict) and said.get("verb") in _AGAIN else None


def _item(single: dict[str, Any]) -> Item:
    owner, sent_at = _id(single), single.get("time")
    for place in (Place.MESSAGING, Place.STANDBY):
        if place in single:
            return Item(owner, place, "", single[place][0], sent_at)
    flat = "field" in single
    change = single if flat else _list(single, Place.CHANGES)[:1]
    if not change:
        return Item(owner, Place.NOWHERE, "", None, sent_at)
    place = Place.FLAT if flat else Place.CHANGES
    held = change if isinstance(change, dict) else change[0]
    if not isinstance(held, dict):
        return Item(owner, place, "", held, sent_at)
    field = held.get("field")
    return Item(owner, place, field if isinstance(field, str) else "", held.get("value"), sent_at)


def _list(entry: dict[str, Any], place: Place) -> list[Any]:
    listed = entry.get(place.value)
    return listed if isinstance(listed, list) else []


def _written(data: Any) -> bytes:
    """As JSON; what is nested too deeply to be written is nested too deeply to say anything."""
    try:
        return json.dumps(data, sort_keys=True).encode()
    except RecursionError:
        return b"{}"


def _set_aside(because: str, body: bytes) -> Unreadable:
    return Unreadable(because, whole(body[:_EXCERPT].decode("utf-8", "replace")))
