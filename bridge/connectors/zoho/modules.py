"""The fields of each module, and a record as the values for them.

https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html
A text that is too long is cut and ends with a link to the whole; an address that is too long is
left out. A lookup takes Zoho's own id of the other row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.connectors.capped import capped, fitting
from bridge.connectors.contract import Lookup
from bridge.records import (
    ConversationRecord,
    CustomerRecord,
    IdentityRecord,
    InteractionRecord,
    Record,
    Resource,
)

KEY = "Bridge_ID"
_NAME = 100


@dataclass(frozen=True, slots=True)
class Field:
    """`label` makes the API name, as Zoho makes it. `kind` is Zoho's `data_type`; `to` is what a
    lookup leads to. `most` characters, 0 where that says nothing."""

    label: str
    kind: str = "text"
    most: int = 255
    to: Resource | None = None

    @property
    def name(self) -> str:
        return self.label.replace(" ", "_")

    @property
    def is_key(self) -> bool:
        return self.name == KEY


_KEY_FIELD = Field("Bridge ID", most=100)


def _instant(label: str) -> Field:
    return Field(label, "datetime", 0)


def _lookup(label: str, to: Resource) -> Field:
    return Field(label, "lookup", 0, to)


FIELDS: dict[Resource, tuple[Field, ...]] = {
    Resource.CUSTOMER: (_KEY_FIELD, Field("Bridge Merged Into", most=100)),
    Resource.IDENTITY: (
        _KEY_FIELD,
        Field("Platform", most=50),
        Field("Platform User ID"),
        Field("Handle"),
        Field("Profile Link", "website", 450),
        Field("Followers", "bigint", 0),
        Field("Spoken Language", most=50),
        _lookup("Customer", Resource.CUSTOMER),
    ),
    Resource.CONVERSATION: (
        _KEY_FIELD,
        Field("Platform", most=50),
        Field("Brand Account", most=100),
        Field("Ticket", most=100),
        _instant("Opened At"),
        _instant("Last Word At"),
        _lookup("Profile", Resource.IDENTITY),
    ),
    Resource.INTERACTION: (
        _KEY_FIELD,
        Field("Message Type", most=50),
        Field("Direction", most=20),
        Field("Visible To", most=20),
        Field("Platform", most=50),
        Field("Brand Account", most=100),
        Field("Platform Message ID"),
        Field("In Reply To"),
        Field("Link", "website", 450),
        Field("Message", "textarea", 32_000),
        Field("Author"),
        Field("Outcome", most=50),
        Field("Score", "integer", 0),
        _instant("Said At"),
        _instant("Edited At"),
        _lookup("Profile", Resource.IDENTITY),
        _lookup("Conversation", Resource.CONVERSATION),
    ),
}


def values(record: Record, look: Lookup, link: str, modules: Mapping[Resource, str]) -> Any:
    """One row of `data`, with every field of the module, so that what is empty here is emptied
    there. `link` leads to our record."""
    resource, told = _told(record)
    row: dict[str, Any] = {KEY: record.id}
    for field in FIELDS[resource]:
        value = told.get(field.name)
        if field.to:
            remote = look.remote_id(value) if value and modules[field.to] else ""
            row[field.name] = {"id": remote} if remote else None
        elif not field.is_key:
            row[field.name] = _as(field, value, link)
    if isinstance(record, CustomerRecord):
        return {**row, "Last_Name": capped(record.name, 80, "") or record.id}
    return {**row, "Name": capped(_named(record), _NAME, "")}


def _told(record: Record) -> tuple[Resource, dict[str, Any]]:
    if isinstance(record, CustomerRecord):
        return Resource.CUSTOMER, {"Bridge_Merged_Into": record.merged_into}
    if isinstance(record, IdentityRecord):
        return Resource.IDENTITY, {
            "Platform": record.platform,
            "Platform_User_ID": record.platform_user_id,
            "Handle": record.handle,
            "Profile_Link": record.external_url,
            "Followers": record.followers,
            "Spoken_Language": record.language,
            "Customer": record.customer_id,
        }
    if isinstance(record, ConversationRecord):
        return Resource.CONVERSATION, {
            "Platform": record.platform,
            "Brand_Account": record.account,
            "Ticket": f"{record.ticket_system} {record.ticket_id}".strip(),
            "Opened_At": record.opened_at,
            "Last_Word_At": record.last_word_at,
            "Profile": record.identity_id,
        }
    assert isinstance(record, InteractionRecord)
    return Resource.INTERACTION, {
        "Message_Type": record.kind if record.type == "post" and record.kind else record.type,
        "Direction": record.direction,
        "Visible_To": record.visibility,
        "Platform": record.platform,
        "Brand_Account": record.account,
        "Platform_Message_ID": record.platform_message_id,
        "In_Reply_To": record.in_reply_to,
        "Link": record.external_url,
        "Message": "\n\n".join(
            part for part in (record.subject, record.text, *(m.url for m in record.media)) if part
        ),
        "Author": record.author,
        "Outcome": record.outcome,
        "Score": record.score,
        "Said_At": record.created_at,
        "Edited_At": record.edited_at,
        "Profile": record.identity_id,
        "Conversation": record.conversation_id,
    }


def _named(record: Record) -> str:
    if isinstance(record, IdentityRecord):
        return f"{record.handle or record.name or record.id} ({record.platform})"
    if isinstance(record, ConversationRecord):
        return f"{record.platform}, {record.account}: {record.ticket_id or record.id}"
    assert isinstance(record, InteractionRecord)
    first = record.subject or record.text.strip().split("\n", 1)[0]
    return f"{record.type}: {first}" if first else f"{record.type} {record.id}"


def _as(field: Field, value: Any, link: str) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0).isoformat()
    if isinstance(value, int):
        return value
    if field.kind == "website" or field.name in ("Platform_User_ID", "Platform_Message_ID"):
        return fitting(value, field.most)
    return capped(value, field.most, link if field.kind == "textarea" else "")
