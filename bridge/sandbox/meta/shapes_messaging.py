"""What webhooks say of private messages, and what a read of them answers.

- https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
- https://developers.facebook.com/docs/instagram-platform/webhooks/examples
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.sandbox.meta.posts import Message


def _frame(account: str, one: Message, at: datetime, *, from_brand: bool = False) -> dict[str, Any]:
    sender, recipient = (account, one.who) if from_brand else (one.who, account)
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": ms(at)}


def message(account: str, one: Message) -> dict[str, Any]:
    return {**_frame(account, one, one.at), "message": _content(one)}


def _content(one: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"mid": one.id}
    if one.text:
        said["text"] = one.text
    if one.reply_to:
        said["reply_to"] = {"mid": one.reply_to}
    if one.ad:
        said["referral"] = {
            "ref": "",
            "ad_id": one.ad,
            "source": "ADS",
            "type": "OPEN_THREAD",
            "ads_context_data": {"ad_title": "Ad", "post_id": "1"},
        }
    if one.attachments:
        said["attachments"] = [
            {"type": each.type, "payload": each.payload} for each in one.attachments
        ]
    return said


def echo(account: str, one: Message, network: str) -> dict[str, Any]:
    """Sender and recipient change places. Instagram's names no app in its examples."""
    said = {**_content(one), "is_echo": True}
    if network == "messenger":
        said["app_id"] = int(one.app_id)
    if one.metadata:
        said["metadata"] = one.metadata
    return {**_frame(account, one, one.at, from_brand=True), "message": said}


def edit(account: str, one: Message, at: datetime) -> dict[str, Any]:
    edited = {"mid": one.id, "text": one.text, "num_edit": one.edits}
    return {**_frame(account, one, at), "message_edit": edited}


def deleted(account: str, one: Message, at: datetime) -> dict[str, Any]:
    return {**_frame(account, one, at), "message": {"mid": one.id, "is_deleted": True}}


def unsupported(account: str, one: Message) -> dict[str, Any]:
    return {**_frame(account, one, one.at), "message": {"mid": one.id, "is_unsupported": True}}


def story_reply(account: str, one: Message, link: str, story_id: str) -> dict[str, Any]:
    said = {**_content(one), "reply_to": {"story": {"url": link, "id": story_id}}}
    return {**_frame(account, one, one.at), "message": said}


def read(account: str, last: Message, at: datetime, network: str) -> dict[str, Any]:
    """Messenger says until when all was read, Instagram which message."""
    seen: dict[str, Any] = {"mid": last.id}
    if network == "messenger":
        seen = {"watermark": ms(last.at)}
    return {**_frame(account, last, at), "read": seen}


def delivery(account: str, one: Message, at: datetime) -> dict[str, Any]:
    arrived = {"mids": [one.id], "watermark": ms(one.at)}
    return {**_frame(account, one, at), "delivery": arrived}


def postback(account: str, one: Message, payload: str) -> dict[str, Any]:
    pressed = {"mid": one.id, "title": one.text, "payload": payload}
    return {**_frame(account, one, one.at), "postback": pressed}


def reaction(
    account: str, who: str, mid: str, kind: str, emoji: str, at: datetime
) -> dict[str, Any]:
    return {
        "sender": {"id": who},
        "recipient": {"id": account},
        "timestamp": ms(at),
        "reaction": {"mid": mid, "action": "react", "reaction": kind, "emoji": emoji},
    }


def ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return int(at.timestamp() * 1000)
