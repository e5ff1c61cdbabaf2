"""Records as JSON: what a CRM reads. A field may be added any day, so unknown ones are let pass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from bridge.ledger.shapes import Shape
from bridge.model import Media
from bridge.records import (
    Change,
    ConversationRecord,
    CustomerRecord,
    Direction,
    Fact,
    IdentityRecord,
    InteractionRecord,
    MergeRecord,
    Resource,
    TicketRecord,
    Type,
    Why,
)

NO_SUCH_RECORD = "no_such_record"
"""By this code of ours a 404 says that a record was never there, or is forgotten. Without it the
404 may come from whatever stands between."""

GONE = ("", *(str(why) for why in Why))


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with six digits: sorts as text, and every client's format fits it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Instant(fields.AwareDateTime):
    """RFC 3339; any precision and offset is taken, UTC with six digits is given."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **more)

    def _serialize(
        self, value: datetime | None, attr: str | None, obj: Any, **more: Any
    ) -> str | None:
        return None if value is None else instant(value)


class FactSchema(Shape):
    makes = Fact
    fact = fields.String(metadata={"description": "What is known: name, handle, language …"})
    value = fields.String()
    source = fields.String(metadata={"description": "Where it was learnt."})
    learnt_at = Instant()


class MediaSchema(Shape):
    makes = Media
    url = fields.String()
    content_type = fields.String()
    filename = fields.String()
    description = fields.String()
    size = fields.Integer(allow_none=True)
    keep = fields.Boolean(metadata={"description": "False: the network forbids copies."})


class TicketSchema(Shape):
    makes = TicketRecord
    ticket_id = fields.String()
    status = fields.String()
    since = Instant()
    solved_at = Instant(allow_none=True)


class _Gone(Shape):
    id = fields.String(required=True)
    deleted = fields.Boolean()
    deleted_at = Instant(allow_none=True)
    deleted_reason = fields.String(validate=OneOf(GONE))


class CustomerSchema(_Gone):
    makes = CustomerRecord
    name = fields.String()
    identity_ids = fields.List(fields.String())
    merged_into = fields.String(
        metadata={"description": "The customer who took this one's identities over, or empty."}
    )


class IdentitySchema(_Gone):
    makes = IdentityRecord
    customer_id = fields.String()
    platform = fields.String()
    platform_user_id = fields.String()
    handle = fields.String()
    name = fields.String()
    external_url = fields.String()
    avatar_url = fields.String()
    followers = fields.Integer(allow_none=True)
    language = fields.String()
    helpdesk_user_id = fields.String()
    facts = fields.List(fields.Nested(FactSchema))


class ConversationSchema(_Gone):
    makes = ConversationRecord
    account = fields.String()
    platform = fields.String()
    identity_id = fields.String()
    ticket_system = fields.String()
    ticket_id = fields.String()
    tickets = fields.List(fields.Nested(TicketSchema))
    opened_at = Instant(allow_none=True)
    last_word_at = Instant(allow_none=True)


class InteractionSchema(_Gone):
    makes = InteractionRecord
    type = fields.String(validate=OneOf(["", *(str(each) for each in Type)]))
    kind = fields.String(metadata={"description": "Of a post: post, comment, mention, dm …"})
    account = fields.String()
    platform = fields.String()
    platform_message_id = fields.String()
    platform_user_id = fields.String()
    thread_id = fields.String()
    in_reply_to = fields.String()
    external_url = fields.String()
    direction = fields.String(validate=OneOf(["", *(str(each) for each in Direction)]))
    visibility = fields.String(validate=OneOf(["", "public", "private", "internal"]))
    subject = fields.String()
    text = fields.String()
    language = fields.String()
    media = fields.List(fields.Nested(MediaSchema))
    identity_id = fields.String()
    conversation_id = fields.String()
    ticket_system = fields.String()
    ticket_id = fields.String()
    author = fields.String()
    agent_id = fields.String()
    outcome = fields.String()
    because = fields.String()
    answers = fields.String()
    handover = fields.Boolean()
    parts = fields.List(fields.String())
    arrival = fields.String()
    score = fields.Integer(allow_none=True)
    revisions = fields.Integer()
    created_at = Instant(allow_none=True)
    edited_at = Instant(allow_none=True)
    replaced_by = fields.String()


class MergeSchema(_Gone):
    makes = MergeRecord
    identity_id = fields.String()
    other_identity_id = fields.String()
    customer_id = fields.String()
    proof = fields.String()
    evidence = fields.String()
    by = fields.String()
    merged_at = Instant(allow_none=True)
    undone_at = Instant(allow_none=True)
    undone_by = fields.String()
    undone_because = fields.String()


SCHEMAS: dict[Resource, Schema] = {
    Resource.CUSTOMER: CustomerSchema(),
    Resource.IDENTITY: IdentitySchema(),
    Resource.CONVERSATION: ConversationSchema(),
    Resource.INTERACTION: InteractionSchema(),
    Resource.MERGE: MergeSchema(),
}


def row(change: Change) -> dict[str, Any]:
    """One row of a list or of the feed: the record with what a sync needs at the top level."""
    body: dict[str, Any] = dict(SCHEMAS[change.resource].dump(change.record))
    return {
        "id": body.pop("id"),
        "resource": str(change.resource),
        "change_id": change.change_id,
        "updated_at": instant(change.updated_at),
        **body,
    }


def change_of(body: dict[str, Any]) -> Change:
    """The other way, for clients of ours. Raises marshmallow's `ValidationError`, `KeyError` or
    `ValueError` for what is no row."""
    resource = Resource(body["resource"])
    at = datetime.fromisoformat(body["updated_at"])
    return Change(int(body["change_id"]), at, resource, SCHEMAS[resource].load(body))
