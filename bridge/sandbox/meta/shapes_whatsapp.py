"""What WhatsApp's webhooks say.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
Who adopted a user name comes by `from_user_id` and may have no number:
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.people import Person

if TYPE_CHECKING:
    from bridge.sandbox.meta.whatsapp import WhatsApp

UNSUPPORTED = {
    "code": 131051,
    "title": "Message type unknown",
    "message": "Message type unknown",
    "error_data": {"details": "Message type is currently not supported."},
}


def profile(person: Person) -> dict[str, Any]:
    told: dict[str, Any] = {"profile": {"name": person.name}}
    if person.bsuid:
        told["profile"]["username"] = person.username
        told["user_id"] = person.bsuid
    if person.phone:
        told["wa_id"] = person.phone
    return told


def _head(wamid: str, person: Person, at: datetime) -> dict[str, Any]:
    head: dict[str, Any] = {"from": person.phone} if person.phone else {}
    if person.bsuid:
        head["from_user_id"] = person.bsuid
    return {**head, "id": wamid, "timestamp": _seconds(at)}


def message(one: WhatsApp, person: Person, display: str) -> dict[str, Any]:
    told = _head(one.id, person, one.at)
    if one.context:
        told["context"] = {"from": display, "id": one.context}
    if one.ad:
        told["referral"] = _referral(one.ad)
    told["type"] = one.type
    if one.type == "unsupported":
        told["errors"] = [UNSUPPORTED]
    elif one.type == "contacts":
        told["contacts"] = one.content["cards"]
    else:
        told[one.type] = one.content
    return told


def _referral(ad: str) -> dict[str, Any]:
    return {
        "source_url": "https://fb.me/sandbox",
        "source_id": ad,
        "source_type": "ad",
        "body": "Summer is here!",
        "headline": "Chat with us",
        "media_type": "image",
        "image_url": "https://scontent.xx.fbcdn.net/v/sandbox",
        "ctwa_clid": "sandbox",
        "welcome_message": {"text": "Hi there!"},
    }


def media(file: File, kind: str, caption: str, *, voice: bool) -> dict[str, Any]:
    """Without a link: the bytes are asked for by id, with the token."""
    digest = base64.b64encode(hashlib.sha256(file.content).digest()).decode()
    told: dict[str, Any] = {"mime_type": file.content_type, "sha256": digest, "id": file.id}
    if caption:
        told["caption"] = caption
    if kind == "document":
        told["filename"] = file.filename
    if kind == "audio":
        told["voice"] = voice
    if kind == "sticker":
        told["animated"] = False
    return told


def card(name: str, phone: str) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    return {
        "name": {"first_name": first, "last_name": last, "formatted_name": name},
        "phones": [{"phone": phone, "wa_id": phone.lstrip("+"), "type": "MOBILE"}],
    }


def edit(wamid: str, after: WhatsApp, person: Person, at: datetime) -> dict[str, Any]:
    changed: dict[str, Any] = {"type": after.type, after.type: after.content}
    if after.context:
        changed["context"] = {"id": after.context}
    edited = {"original_message_id": after.id, "message": changed}
    return {**_head(wamid, person, at), "type": "edit", "edit": edited}


def revoke(wamid: str, gone: WhatsApp, person: Person, at: datetime) -> dict[str, Any]:
    revoked = {"original_message_id": gone.id}
    return {**_head(wamid, person, at), "type": "revoke", "revoke": revoked}


def changed_number(wamid: str, before: Person, after: Person, at: datetime) -> dict[str, Any]:
    said = f"User {after.name} changed from {before.phone} to {after.phone}"
    return {
        **_head(wamid, before, at),
        "type": "system",
        "system": {"body": said, "wa_id": after.phone, "type": "user_changed_number"},
    }


def app_echo(one: WhatsApp, person: Person, display: str) -> dict[str, Any]:
    to: dict[str, Any] = {"to": person.phone} if person.phone else {}
    if person.bsuid:
        to["to_user_id"] = person.bsuid
    head = {"from": display, **to, "id": one.id, "timestamp": _seconds(one.at)}
    return {**head, "type": one.type, one.type: one.content}


def status(
    one: WhatsApp,
    person: Person | None,
    what: str,
    at: datetime,
    error: Mapping[str, Any] | None,
) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "status": what, "timestamp": _seconds(at)}
    phone = person.phone if person else one.to
    if phone:
        told["recipient_id"] = phone
    if person and person.bsuid:
        told["recipient_user_id"] = person.bsuid
    if one.callback_data:
        told["biz_opaque_callback_data"] = one.callback_data
    if error is not None:
        told["errors"] = [dict(error)]
        return told
    conversation: dict[str, Any] = {"id": f"{one.id[-24:-2]}", "origin": {"type": "service"}}
    if what == "sent":
        conversation["expiration_timestamp"] = _seconds(at + timedelta(hours=24))
    told["conversation"] = conversation
    told["pricing"] = {"billable": False, "pricing_model": "PMP", "category": "service"}
    return told


def failure(code: int, title: str, details: str) -> dict[str, Any]:
    """An error as statuses carry it: another shape than in an answer."""
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
