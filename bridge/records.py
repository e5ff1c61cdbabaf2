"""What a CRM is told: the customer history as plain frozen types, one for each resource.

Every record has an `id` of its own kind (`customer_7`, `post_12`), which is never used for anything
else again. One that is gone is still told, with `deleted`, when and why, and without its contents:
never by an emptied field alone. Instants are timezone-aware, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.model import Media


class Resource(StrEnum):
    """What there is to be read, each under a right of its own."""

    CUSTOMER = "customer"
    IDENTITY = "identity"
    CONVERSATION = "conversation"
    INTERACTION = "interaction"
    MERGE = "merge"


class Why(StrEnum):
    """Why something is gone."""

    PLATFORM = "platform_delete"
    ERASED = "gdpr_erasure"
    RETENTION = "retention"
    DUPLICATE = "duplicate"
    """The network's copy of a message of ours that is told already, as `replaced_by`."""


class Type(StrEnum):
    """What an interaction is. A note is what the bridge told the agents on the ticket; a notice,
    what it said in public of a private answer; an automatic is any other text that no agent
    wrote."""

    POST = "post"
    REPLY = "reply"
    NOTICE = "notice"
    AUTOMATIC = "automatic"
    NOTE = "note"
    RATING = "rating"


class Direction(StrEnum):
    INCOMING = "in"
    OUTGOING = "out"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of an identity, where that was learnt, and when."""

    fact: str
    value: str
    source: str
    learnt_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What every record says of its end. `deleted_reason` is a word of `Why`, "" while there is
    none."""

    deleted: bool = False
    deleted_at: datetime | None = None
    deleted_reason: str = ""


@dataclass(frozen=True, slots=True)
class CustomerRecord(Gone):
    """A human being, as far as is proved: one identity, or several. `merged_into` is the customer
    who took this one's identities over, "" for none."""

    id: str
    name: str = ""
    identity_ids: tuple[str, ...] = ()
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class IdentityRecord(Gone):
    """Somebody on one network, under the network's own stable id of them."""

    id: str
    customer_id: str = ""
    platform: str = ""
    platform_user_id: str = ""
    handle: str = ""
    name: str = ""
    external_url: str = ""
    avatar_url: str = ""
    followers: int | None = None
    language: str = ""
    helpdesk_user_id: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """A ticket that a conversation has, or had."""

    ticket_id: str
    status: str
    since: datetime
    solved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConversationRecord(Gone):
    """The posts and replies that share one ticket. `ticket_id` is where it goes on now."""

    id: str
    account: str = ""
    platform: str = ""
    identity_id: str = ""
    ticket_system: str = ""
    ticket_id: str = ""
    tickets: tuple[TicketRecord, ...] = ()
    opened_at: datetime | None = None
    last_word_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InteractionRecord(Gone):
    """One thing said, tried or told. `identity_id` is the customer's, whoever speaks.

    `visibility` is public, private or internal. `outcome` is a word of `bridge.model.Outcome` for
    what we send, with `because`; for a post, `because` says why it went where it went. `answers` is
    the interaction that a reply answers, `handover` that it answered a public one privately.
    `platform_message_id` of a reply in several parts is the first part's, `parts` has all.
    """

    id: str
    type: str = ""
    kind: str = ""
    account: str = ""
    platform: str = ""
    platform_message_id: str = ""
    platform_user_id: str = ""
    thread_id: str = ""
    in_reply_to: str = ""
    external_url: str = ""
    direction: str = ""
    visibility: str = ""
    subject: str = ""
    text: str = ""
    language: str = ""
    media: tuple[Media, ...] = ()
    identity_id: str = ""
    conversation_id: str = ""
    ticket_system: str = ""
    ticket_id: str = ""
    author: str = ""
    agent_id: str = ""
    outcome: str = ""
    because: str = ""
    answers: str = ""
    handover: bool = False
    parts: tuple[str, ...] = ()
    arrival: str = ""
    score: int | None = None
    revisions: int = 0
    created_at: datetime | None = None
    edited_at: datetime | None = None
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class MergeRecord(Gone):
    """Two identities are one customer's, by this proof; or were held to be, until it was undone."""

    id: str
    identity_id: str = ""
    other_identity_id: str = ""
    customer_id: str = ""
    proof: str = ""
    evidence: str = ""
    by: str = ""
    merged_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
    undone_because: str = ""


Record = CustomerRecord | IdentityRecord | ConversationRecord | InteractionRecord | MergeRecord

RECORDS: dict[Resource, type[Record]] = {
    Resource.CUSTOMER: CustomerRecord,
    Resource.IDENTITY: IdentityRecord,
    Resource.CONVERSATION: ConversationRecord,
    Resource.INTERACTION: InteractionRecord,
    Resource.MERGE: MergeRecord,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it stands, and the number of its latest change: ascending, never used again."""

    change_id: int
    updated_at: datetime
    resource: Resource
    record: Record
