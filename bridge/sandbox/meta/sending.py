"""The Send API of Messenger and Instagram: what it takes, when, and how often.

- https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages
- https://developers.facebook.com/docs/graph-api/reference/page/messages
- Instagram: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
- Private replies: https://developers.facebook.com/documentation/business-messaging/messenger-platform/discovery/private-replies
- Message tags other than HUMAN_AGENT are refused since 2026-04-27 (the same pages).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bridge.sandbox.meta.files import File
from bridge.sandbox.meta.inbox import Inbox
from bridge.sandbox.meta.people import App
from bridge.sandbox.meta.posts import Attachment, Message
from bridge.sandbox.meta.refusals import parameter, refuse

WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)
LONGEST = 2000
LONGEST_BYTES = 1000
LONGEST_METADATA = 1000
TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG")
ACTIONS = ("mark_seen", "typing_on", "typing_off")
RECIPIENTS = ("id", "comment_id", "post_id")
ATTACHMENTS = ("image", "video", "audio", "file", "like_heart", "MEDIA_SHARE")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as asked for, checked in itself. `to` is (id|comment_id|post_id, its value)."""

    to: tuple[str, str]
    text: str
    attachments: tuple[Attachment, ...]
    metadata: str
    reply_to: str
    human: bool


def read_outgoing(inbox: Inbox, args: Mapping[str, Any], uploaded: File | None) -> Outgoing:
    """Raises `Refusal` for what no person's answer could mend."""
    unknown = set(args) - {
        "recipient", "message", "messaging_type", "tag", "notification_type", "reply_to",
        "access_token", "appsecret_proof", "fields", "filedata", "platform",
    }  # fmt: skip
    if unknown:
        raise parameter(f"Unexpected key {min(unknown)!r} on param")
    message = args.get("message")
    if not isinstance(message, dict):
        raise parameter("Message cannot be empty, must provide valid attachment or text")
    return Outgoing(
        to=_recipient(args.get("recipient")),
        text=_text(inbox, message),
        attachments=_attachments(inbox, message, uploaded),
        metadata=_metadata(message),
        reply_to=_reply_to(args.get("reply_to")),
        human=_human(args),
    )


def check_action(args: Mapping[str, Any]) -> str:
    """Whom it is shown to. Raises `Refusal`; it cannot come with a message."""
    if args.get("sender_action") not in ACTIONS or "message" in args:
        raise parameter(f"Param sender_action must be one of {{{', '.join(ACTIONS)}}}, and alone")
    return _recipient(args.get("recipient"))[1]


def _recipient(recipient: Any) -> tuple[str, str]:
    if not isinstance(recipient, dict) or len(recipient) != 1:
        raise parameter("param recipient must be non-empty, with exactly one way to name it")
    (how, value), *_ = recipient.items()
    if how not in RECIPIENTS or not isinstance(value, str) or not value:
        raise parameter(f"Invalid keys {how!r} were found in param recipient")
    return how, value


def _text(inbox: Inbox, message: dict[str, Any]) -> str:
    unknown = set(message) - {"text", "attachment", "attachments", "metadata", "quick_replies"}
    if unknown:
        raise parameter(f"Invalid keys {min(unknown)!r} were found in param message")
    text = message.get("text", "")
    files = message.get("attachment") or message.get("attachments")
    if not isinstance(text, str) or bool(text) == bool(files):
        raise parameter("Message cannot be empty, must provide valid attachment or text")
    if inbox.network == "instagram" and len(text.encode()) > LONGEST_BYTES:
        raise parameter("Length of param message[text] must be less than or equal to 1000 bytes")
    if inbox.network == "messenger" and len(text) > LONGEST:
        raise parameter("Length of param message[text] must be less than or equal to 2000")
    return text


def _attachments(
    inbox: Inbox, message: dict[str, Any], uploaded: File | None
) -> tuple[Attachment, ...]:
    given = message.get("attachments") or (
        [message["attachment"]] if "attachment" in message else []
    )
    if not isinstance(given, list) or (len(given) > 1 and inbox.network != "instagram"):
        raise parameter("An incorrect number of files uploaded. Must upload exactly one file")
    return tuple(_attachment(inbox, one, uploaded) for one in given)


def _attachment(inbox: Inbox, given: Any, uploaded: File | None) -> Attachment:
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in ATTACHMENTS:
        raise parameter("param message[attachment][type] must be one of image, video, audio, file")
    payload = given.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    files = inbox.ground.files
    kept = uploaded
    if "attachment_id" in payload:
        kept = files.find(str(payload["attachment_id"]))
        if kept is None or kept.owner != inbox.account_id:
            raise parameter("Invalid attachment_id")
    elif "url" in payload:
        kept = files.keep(inbox.account_id, b"", "", "", link=str(payload["url"]))
    if kept is None:
        raise parameter("An incorrect number of files uploaded. Must upload exactly one file")
    return Attachment(str(kind), {"url": files.link(kept)}, kept.id)


def _metadata(message: dict[str, Any]) -> str:
    metadata = str(message.get("metadata", ""))
    if len(metadata) > LONGEST_METADATA:
        raise parameter("Length of param message[metadata] must be less than or equal to 1000")
    return metadata


def _reply_to(given: Any) -> str:
    if given is None:
        return ""
    if not isinstance(given, dict) or not isinstance(given.get("mid"), str):
        raise parameter("param reply_to must be an object with a mid")
    return str(given["mid"])


def _human(args: Mapping[str, Any]) -> bool:
    kind, tag = args.get("messaging_type", "RESPONSE"), args.get("tag", "")
    if kind not in TYPES:
        raise parameter(f"Param messaging_type must be one of {{{', '.join(TYPES)}}}")
    if kind != "MESSAGE_TAG":
        return False
    if tag != "HUMAN_AGENT":
        raise refuse("deprecated_tag")
    return True


def check_window(inbox: Inbox, who: str, app: App, *, human: bool) -> None:
    """Whether a message may be sent to somebody now. Raises `Refusal`."""
    person = inbox.ground.whose(who)
    if person is None or inbox.id_of(person.handle) != who:
        raise refuse("no_such_person")
    if inbox.blocked(who):
        raise refuse("person_unavailable")
    if inbox.owner(who) not in ("", app.id):
        raise refuse("other_app_owns_thread")
    heard = inbox.heard_at(who)
    waited = inbox.ground.clock() - heard if heard else None
    if waited is not None and waited <= WINDOW:
        return
    if human and not app.human_agent:
        raise refuse("permission", code=10, message="(#10) Requires the Human Agent feature")
    if waited is None or not human or waited > HUMAN_WINDOW:
        raise refuse(f"window_closed_{inbox.network}")


def made(inbox: Inbox, outgoing: Outgoing, who: str, app: App, about: str = "") -> Message:
    return Message(
        id=inbox.new_mid(),
        account_id=inbox.account_id,
        who=who,
        by_brand=True,
        text=outgoing.text,
        at=inbox.ground.clock(),
        attachments=outgoing.attachments,
        reply_to=outgoing.reply_to,
        app_id=app.id,
        metadata=outgoing.metadata,
        about=about,
        tag="HUMAN_AGENT" if outgoing.human else "",
    )
