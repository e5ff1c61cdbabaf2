"""Our objects and fields in Salesforce, and what of a record goes into which.

Text fields hold 255 characters, URL fields 255, names 80:
https://help.salesforce.com/s/articleView?id=platform.custom_field_types.htm. A long text area would
hold 131,072, and 32,000 is the most that the Bulk API takes of one field:
https://developer.salesforce.com/docs/atlas.en-us.228.0.api_bulk_v2.meta/api_bulk_v2/bulk_api_2_limits.htm
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bridge.connectors.capped import capped
from bridge.connectors.contract import Lookup
from bridge.records import Record, Resource

KEY = "External_Id__c"
TEXT, LONG, NAME = 255, 32_000, 80


class Kind(StrEnum):
    """As the Metadata API calls a field's type."""

    NAME = "Name"
    TEXT = "Text"
    LONG = "LongTextArea"
    URL = "Url"
    NUMBER = "Number"
    MOMENT = "DateTime"
    LOOKUP = "Lookup"


@dataclass(frozen=True, slots=True)
class Column:
    """`of` is the record's field, `to` the object that a lookup leads to."""

    name: str
    kind: Kind
    of: str
    to: str = ""

    @property
    def label(self) -> str:
        return self.name.removesuffix("__c").replace("_", " ")

    @property
    def relation(self) -> str:
        """A lookup's name for setting it by the other's external id."""
        return f"{self.name.removesuffix('__c')}__r"


@dataclass(frozen=True, slots=True)
class Thing:
    """One custom object."""

    name: str
    label: str
    plural: str
    columns: tuple[Column, ...]

    @property
    def field_names(self) -> frozenset[str]:
        own = (each.name for each in self.columns if each.kind is not Kind.NAME)
        return frozenset((KEY, *own))


CUSTOMER, PROFILE = "Social_Customer__c", "Social_Profile__c"
CONVERSATION, MESSAGE = "Social_Conversation__c", "Social_Message__c"


def _own(kind: Kind, *of: str) -> tuple[Column, ...]:
    """Fields called as the record's are."""
    return tuple(Column(f"{each.title()}__c", kind, each) for each in of)


_NUMBERED = Column("Name", Kind.NAME, "id")
_LINK = Column("Link__c", Kind.URL, "external_url")
_WHOSE = Column("Profile__c", Kind.LOOKUP, "identity_id", PROFILE)
_WHERE = ("account", "platform")
_TICKET = ("ticket_system", "ticket_id")

THINGS: dict[Resource, Thing] = {
    Resource.CUSTOMER: Thing(
        CUSTOMER,
        "Social Customer",
        "Social Customers",
        (
            Column("Name", Kind.NAME, "name"),
            Column("Merged_Into__c", Kind.LOOKUP, "merged_into", CUSTOMER),
        ),
    ),
    Resource.IDENTITY: Thing(
        PROFILE,
        "Social Profile",
        "Social Profiles",
        (
            Column("Name", Kind.NAME, "name"),
            Column("Customer__c", Kind.LOOKUP, "customer_id", CUSTOMER),
            *_own(Kind.TEXT, "platform", "platform_user_id", "handle"),
            _LINK,
            *_own(Kind.NUMBER, "followers"),
            *_own(Kind.TEXT, "language", "helpdesk_user_id"),
        ),
    ),
    Resource.CONVERSATION: Thing(
        CONVERSATION,
        "Social Conversation",
        "Social Conversations",
        (
            _NUMBERED,
            _WHOSE,
            *_own(Kind.TEXT, *_WHERE, *_TICKET),
            *_own(Kind.MOMENT, "opened_at", "last_word_at"),
        ),
    ),
    Resource.INTERACTION: Thing(
        MESSAGE,
        "Social Message",
        "Social Messages",
        (
            _NUMBERED,
            _WHOSE,
            Column("Conversation__c", Kind.LOOKUP, "conversation_id", CONVERSATION),
            *_own(Kind.TEXT, "type", "kind", "direction", "visibility", *_WHERE),
            *_own(Kind.TEXT, "platform_message_id", "thread_id", "in_reply_to"),
            _LINK,
            *_own(Kind.TEXT, "author", "subject"),
            *_own(Kind.LONG, "text"),
            *_own(Kind.TEXT, "language", *_TICKET, "outcome", "because"),
            *_own(Kind.NUMBER, "score"),
            *_own(Kind.MOMENT, "created_at", "edited_at"),
        ),
    ),
}

Value = str | int | None


def value(column: Column, record: Record, look: Lookup, record_url: str) -> Value:
    """What stands in a field, None for nothing. Of a lookup it is our id of the other, and nothing
    where the other is not there."""
    found = getattr(record, column.of)
    if isinstance(found, datetime):
        return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if found is None or isinstance(found, int):
        return found
    text = str(found)
    match column.kind:
        case Kind.NAME:
            return capped(text, NAME, "") or record.id
        case Kind.LONG:
            link = getattr(record, "external_url", "") or record_url.replace("{id}", record.id)
            return capped(text, LONG, link) or None
        case Kind.URL:
            return text if 0 < len(text) <= TEXT else None  # a link that was cut leads elsewhere
        case Kind.LOOKUP:
            return text if text and look.remote_id(text) else None
    return capped(text, TEXT, "") or None
