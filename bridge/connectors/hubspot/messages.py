"""A post or a reply as a message of a HubSpot custom channel.

https://developers.hubspot.com/docs/api-reference/2026-03/conversations/custom-channels/messages/create-custom-channel
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.crm.schemas import instant
from bridge.model import Media, Outcome
from bridge.records import Change, Direction, IdentityRecord, InteractionRecord, Type

MESSAGES = frozenset({Type.POST, Type.REPLY, Type.NOTICE, Type.AUTOMATIC})
FAILED = frozenset({Outcome.REFUSED, Outcome.EXPIRED, Outcome.REJECTED, Outcome.WITHDRAWN})
"""What was not sent, and will not be by itself: an agent may have it tried once more."""
UNSENT = "-unsent"
"""What the version of a message ends in that was not sent."""
SOMEWHERE = "?"
"""In place of a message's number: it is there, but the answer that told its number was lost."""
ASKED = "!"
"""The same, before an answer came: it may be there."""
OPAQUE = "CHANNEL_SPECIFIC_OPAQUE_ID"
"""The type of an id that means something to the channel only."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a record of ours is in HubSpot: its thread, and a message for each of its versions.
    As text: `<thread>/<version>:<message>,<version>:<message>`, "/" for nowhere."""

    thread: str
    messages: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, remote_id: str) -> Remote:
        thread, _, told = remote_id.rpartition("/")
        pairs = (each.partition(":") for each in told.split(",") if each)
        return cls(thread, tuple((version, message) for version, _, message in pairs))

    def __str__(self) -> str:
        told = ",".join(f"{version}:{message}" for version, message in self.messages)
        return f"{self.thread}/{told}"

    @property
    def latest(self) -> str:
        known = [message for _, message in self.messages if message not in (SOMEWHERE, ASKED)]
        return known[-1] if known else ""

    def has(self, version: str) -> bool:
        return any(version == each and message != ASKED for each, message in self.messages)

    def holds(self, record: InteractionRecord) -> bool:
        """Whether the record's latest version is there. What is there as sent stays that message,
        however it fares later."""
        return self.has(version_of(record)) or (
            record.outcome in FAILED and self.has(_revision(record))
        )

    def unsent(self, record: InteractionRecord) -> int:
        """How often the inbox says of this version that it was not sent, and that is over."""
        if record.outcome in FAILED:
            return 0
        return [version for version, _ in self.messages].count(_revision(record) + UNSENT)

    def failed(self, record: InteractionRecord) -> Remote:
        """What had been shown as sent is shown as not sent."""
        sent = _revision(record)
        told = ((sent + UNSENT if each == sent else each, there) for each, there in self.messages)
        return Remote(self.thread, tuple(told))

    def and_also(self, thread: str, version: str, message: str) -> Remote:
        others = self.without(version).messages
        return Remote(thread or self.thread, (*others, (version, message)))

    def without(self, version: str) -> Remote:
        return Remote(self.thread, tuple(each for each in self.messages if each[0] != version))


@dataclass(frozen=True, slots=True)
class Account:
    """The channel account: its number, and the delivery identifier that stands for the brand."""

    id: str
    identifier: str


def why_not(record: InteractionRecord) -> str:
    """Why this is no message of a conversation in HubSpot, or not yet; "" where it is one."""
    if record.type not in MESSAGES:
        return f"a {record.type} is no message that anybody sent: HubSpot's inbox has messages only"
    if not record.conversation_id:
        return "it belongs to no conversation"
    ours = record.direction == Direction.OUTGOING and record.type != Type.POST
    if ours and record.outcome not in (Outcome.DELIVERED, *FAILED):
        return "it is not sent yet: it comes with its outcome"
    return ""


def version_of(record: InteractionRecord) -> str:
    """A message cannot be changed, so that each version is a message of its own; also one that was
    not sent, for it may be sent after all."""
    return _revision(record) + (UNSENT if record.outcome in FAILED else "")


def _revision(record: InteractionRecord) -> str:
    return str(max(record.revisions, 1))


def key_of(record: InteractionRecord, unsent: int = 0) -> str:
    """Its idempotency id. After as many times `unsent` it is another message."""
    version = version_of(record)
    if unsent:
        return f"{record.id}.{version}-sent{unsent}"
    return record.id if version == "1" else f"{record.id}.{version}"


def body(
    change: Change,
    account: Account,
    who: IdentityRecord | None,
    reply_to: str,
    unsent: int = 0,
) -> dict[str, Any]:
    """What is posted. `who` is the customer's identity, `reply_to` HubSpot's id of the message
    that this one answers. `unsent` times the inbox says that it was not sent, and now it was."""
    record = change.record
    assert isinstance(record, InteractionRecord)
    name = (who.name or who.handle) if who else ""
    customer = _participant(record.identity_id or record.conversation_id, name or record.platform)
    brand = _participant(account.identifier, record.account)
    incoming = record.direction == Direction.INCOMING
    told: dict[str, Any] = {
        "channelAccountId": account.id,
        "messageDirection": "INCOMING" if incoming else "OUTGOING",
        "integrationThreadId": record.conversation_id,
        "integrationIdempotencyId": key_of(record, unsent),
        "senders": [customer if incoming else brand],
        "recipients": [brand if incoming else customer],
        "text": text(record, after_all=unsent > 0),
        "timestamp": instant(change.updated_at if unsent else _when(record, change)),
        "attachments": [],
    }
    return {**told, "inReplyToId": reply_to} if reply_to else told


def text(record: InteractionRecord, *, after_all: bool = False) -> str:
    """What stands in the inbox: the words, then where they were said and who may read them."""
    where = f"{record.visibility} {record.kind or record.type}".strip()
    about = f"{where}, {record.platform}, {record.account}".strip(", ")
    if record.outcome in FAILED:
        about = f"NOT SENT to the customer: {record.outcome} — {about}"
    if after_all:
        about = f"sent after all — {about}"
    if record.revisions > 1:
        about = f"edited, version {record.revisions} — {about}"
    if record.type in (Type.NOTICE, Type.AUTOMATIC):
        about = f"{record.type}, by no agent — {about}"
    lines = [record.subject, record.text, *(_medium(each) for each in record.media)]
    foot = [f"— {about}", record.external_url]
    return "\n\n".join(
        "\n".join(each for each in part if each) for part in (lines, foot) if any(part)
    )


def status(record: InteractionRecord) -> dict[str, str] | None:
    """How an outgoing message fared there; None where there is nothing to say of it.

    https://developers.hubspot.com/docs/api-reference/latest/conversations/custom-channels/messages/update-custom-channel
    """
    if record.outcome not in FAILED:
        return None
    return {"statusType": "FAILED", "errorMessage": f"{record.outcome}: not sent to the customer"}


def _participant(value: str, name: str) -> dict[str, Any]:
    return {"deliveryIdentifier": {"type": OPAQUE, "value": value}, "name": name}


def _when(record: InteractionRecord, change: Change) -> Any:
    edited = record.edited_at if record.revisions > 1 else None
    return edited or record.created_at or change.updated_at


def _medium(media: Media) -> str:
    return f"[{media.description or media.filename or media.content_type or 'file'}] {media.url}"
