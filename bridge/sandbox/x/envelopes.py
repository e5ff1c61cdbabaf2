"""Events as X sends them, key by key as in its samples, oddities included.

https://docs.x.com/x-api/activity/event-payloads. Posts come with their people in `includes`,
except replies and quotes, whose `includes` are empty; direct messages have the shape of API v1.1
with people under their id and a `data` of their own; encrypted messages are unreadable.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bridge.sandbox.x import fields, shapes
from bridge.sandbox.x.hooks import Happening, Subscription
from bridge.sandbox.x.people import Person
from bridge.sandbox.x.posts import Message, Post

if TYPE_CHECKING:
    from bridge.sandbox.x.town import Town

WITH_PEOPLE = ("post.create", "post.mention.create")


def envelope(town: Town, happening: Happening, subscription: Subscription, uuid: str) -> bytes:
    """The raw body of one delivery."""
    data: dict[str, Any] = {
        "event_uuid": uuid,
        "filter": {"user_id": subscription.person_id} if subscription.person_id else {},
        "event_type": happening.kind,
    }
    if subscription.tag:
        data["tag"] = subscription.tag
    data |= _content(town, happening)
    shown = fields.renamed(data) if town.rules.names == "post" else data
    return json.dumps({"data": shown}, ensure_ascii=False, separators=(",", ":")).encode()


def _content(town: Town, happening: Happening) -> dict[str, Any]:
    kind = happening.kind
    if kind == "oauth.revoke":
        return {"payload": _revoked(town, happening.told)}
    if happening.post is not None:
        if kind == "post.delete":
            return _deleted(town, happening.post)
        people = _included(town, happening.post) if kind in WITH_PEOPLE else {}
        return {"payload": _post(town, happening.post), "includes": people}
    assert happening.message is not None, kind
    if kind.startswith("chat."):
        return {"payload": _sealed(happening.message)}
    return {"payload": _message(town, happening.message)}


def _post(town: Town, one: Post) -> dict[str, Any]:
    shown: dict[str, Any] = shapes.twins(shapes.post(town, one))
    return shown


def _user(town: Town, person: Person) -> dict[str, Any]:
    shown: dict[str, Any] = shapes.twins(shapes.user(town, person))
    return shown


def _included(town: Town, one: Post) -> dict[str, Any]:
    author = town.by_id(one.author)
    people = [author, *town.named(one, explicitly=False)]
    newest = {each.author: each.id for each in town.posts()}
    users = []
    for person in dict.fromkeys(each for each in people if each):
        about = _user(town, person)
        if person.id in newest:
            about["most_recent_tweet_id"] = newest[person.id]
        users.append(about)
    return {"tweets": [_post(town, one)], "users": users}


def _deleted(town: Town, one: Post) -> dict[str, Any]:
    author = town.by_id(one.author)
    people = [{"data": _user(town, author)}] if author else []
    return {"payload": {"id": one.id, "author_id": one.author}, "includes": {"users": people}}


def _message(town: Town, one: Message) -> dict[str, Any]:
    data: dict[str, Any] = {
        "text": one.text,
        "entities": {
            "hashtags": [],
            "symbols": [],
            "user_mentions": [],
            "urls": [
                {
                    "url": link.short,
                    "expanded_url": link.expanded,
                    "display_url": link.shown,
                    "indices": _place(one.text, link.short),
                }
                for link in one.links
            ],
        },
    }
    if one.media:
        data["attachment"] = {"type": "media", "media": _attached(town, one)}
    event = {
        "type": "message_create",
        "id": one.id,
        "created_timestamp": _milliseconds(one.created_at),
        "message_create": {
            "target": {"recipient_id": one.recipient},
            "sender_id": one.sender,
            "message_data": data,
        },
    }
    both = [town.by_id(one.sender), town.by_id(one.recipient)]
    users = {person.id: {"data": _user(town, person)} for person in both if person}
    return {"direct_message_events": [event], "users": users}


def _attached(town: Town, one: Message) -> dict[str, Any]:
    """The shape of API v1.1; the address asks for a signature of the person it was sent to."""
    link = one.links[-1]
    address = f"{town.address}/1.1/ton/data/dm/{one.id}/{one.media}/picture"
    upload = town.media(one.media)
    return {
        "id": int(one.media),
        "id_str": one.media,
        "indices": _place(one.text, link.short),
        "media_url": address,
        "media_url_https": address,
        "url": link.short,
        "display_url": link.shown,
        "expanded_url": link.expanded,
        "type": upload.kind if upload else "photo",
    }


def _sealed(one: Message) -> dict[str, Any]:
    secret = base64.b64encode(one.id.encode()).decode()
    return {
        "conversation_token": secret,
        "id": one.id,
        "created_at_msec": _milliseconds(one.created_at),
        "sender_id": one.sender,
        "conversation_id": one.conversation.replace("-", ":"),
        "conversation_key_version": "1768236281331",
        "encoded_event": secret,
        "conversation_key_change_event": secret,
        "message_event_signature": {
            "public_key_version": "1765382634817",
            "signature": secret,
            "signature_version": "7",
            "signing_public_key": secret,
        },
    }


def _revoked(town: Town, person_id: str) -> dict[str, str]:
    at = town.clock().replace(microsecond=0).isoformat()
    return {"date_time": at, "user_id": person_id, "app_id": town.app.id}


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _place(text: str, part: str) -> list[int]:
    start = text.find(part)
    return [start, start + len(part)]
