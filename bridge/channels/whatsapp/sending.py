"""Sending by WhatsApp's Cloud API: words, a file, or the template out of a closed window.

- https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
- Files: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
- `recipient` for people known by a user id alone:
  https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bridge.channels.meta.calls import Calls, part
from bridge.errors import NobodyKnows, Refused
from bridge.model import File, Receipt, Reply

LONGEST_MARK = 512
MEGABYTE = 1024 * 1024
FAMILIES = {
    "image": (frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE),
    "audio": (
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
        16 * MEGABYTE,
    ),
    "video": (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
}
"""What is shown as more than a document, and up to how many bytes."""
MOST_BYTES = 100 * MEGABYTE

_NUMBER = re.compile(r"[0-9]{5,20}")


@dataclass(frozen=True, slots=True)
class Number:
    """The number that sends. `template` and `language` name the way out of a closed window."""

    calls: Calls
    id: str
    template: str
    language: str


def send(number: Number, reply: Reply, text: str) -> Receipt:
    """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have been sent. The mark
    comes back with what WhatsApp tells of the message later."""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(reply),
        **_content(number, reply, text),
        "biz_opaque_callback_data": reply.key[:LONGEST_MARK],
    }
    if reply.in_reply_to and reply.answers is not None and not reply.template:
        body["context"] = {"message_id": reply.in_reply_to}
    answer = number.calls.write(f"/{part(number.id)}/messages", body)
    listed = answer.data.get("messages") if isinstance(answer.data, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    made = first.get("id") if isinstance(first, dict) else None
    if not isinstance(made, str) or not made:
        raise NobodyKnows("WhatsApp took the message and did not say what it made of it")
    return Receipt(made)


def _recipient(reply: Reply) -> dict[str, str]:
    """A phone number, or a business-scoped user id, which is never digits alone."""
    return {"to" if is_number(reply.to.id) else "recipient": reply.to.id}


def is_number(person_id: str) -> bool:
    return _NUMBER.fullmatch(person_id) is not None


def _content(number: Number, reply: Reply, text: str) -> dict[str, Any]:
    if reply.template:
        return {"type": "template", "template": _template(number, text)}
    if reply.files:
        return _file(number, reply.files[0])
    return {"type": "text", "text": {"body": text}}


def _template(number: Number, text: str) -> dict[str, Any]:
    """A variable takes no line breaks, tabs or rows of spaces."""
    filled: dict[str, Any] = {"name": number.template, "language": {"code": number.language}}
    words = " ".join(text.split())
    if words:
        parameters = [{"type": "text", "text": words}]
        filled["components"] = [{"type": "body", "parameters": parameters}]
    return filled


def kind_of(file: File) -> str:
    """As what it is shown. What is too large for its family, or unknown to it, is a document."""
    kind = file.content_type.partition(";")[0].strip().lower()
    types, most = FAMILIES.get(kind.partition("/")[0], (frozenset(), 0))
    return kind.partition("/")[0] if kind in types and len(file.content) <= most else "document"


def _file(number: Number, file: File) -> dict[str, Any]:
    form = (("messaging_product", "whatsapp"), ("type", file.content_type))
    uploaded = number.calls.upload(f"/{part(number.id)}/media", form, "file", file).text("id")
    if not uploaded:
        raise Refused(f"WhatsApp took {file.filename} and did not say what it made of it")
    kind = kind_of(file)
    named = {"filename": file.filename} if kind == "document" else {}
    return {"type": kind, kind: {"id": uploaded, **named}}
