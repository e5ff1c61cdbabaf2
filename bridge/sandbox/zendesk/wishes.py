"""What a request asks to be done to a ticket: JSON in, a frozen `Wish` out.

Unknown keys are dropped with nothing but a response header to tell of it, as Zendesk does
(https://developer.zendesk.com/api-reference/ticketing/introduction/).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields, validate

from bridge.sandbox.zendesk.records import Refusal

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("urgent", "high", "normal", "low")
TYPES = ("problem", "incident", "question", "task")


@dataclass(frozen=True, slots=True)
class Words:
    """A comment that is asked for; `public` None means: as the ticket's last one."""

    body: str | None = None
    html: str | None = None
    public: bool | None = None
    author_id: int | None = None
    uploads: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not (self.body or "").strip() and not (self.html or "").strip()


@dataclass(frozen=True, slots=True)
class Requester:
    name: str | None = None
    external_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be set; only what is named in `given` was asked for."""

    given: frozenset[str] = frozenset()
    subject: str | None = None
    status: str | None = None
    priority: str | None = None
    type: str | None = None
    group_id: int | None = None
    assignee_id: int | None = None
    requester_id: int | None = None
    submitter_id: int | None = None
    external_id: str | None = None
    ticket_form_id: int | None = None
    requester: Requester | None = None
    tags: tuple[str, ...] = ()
    additional_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    custom_fields: tuple[tuple[int, str | None], ...] = ()
    comment: Words | None = None
    metadata_json: str = "{}"
    safe_update: bool = False
    updated_stamp: str | None = None
    via_followup_source_id: int | None = None
    dropped: tuple[str, ...] = ()


class WordsSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    body = fields.String(allow_none=True)
    html_body = fields.String(allow_none=True)
    public = fields.Boolean(allow_none=True)
    author_id = fields.Integer(allow_none=True)
    uploads = fields.List(fields.String(), allow_none=True)


class RequesterSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    name = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class CustomFieldSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.Integer(required=True)
    value = fields.Raw(allow_none=True, load_default=None)


class TicketSchema(Schema):
    """The keys of a ticket that may be written; what else is known is read-only and ignored."""

    class Meta:
        unknown = INCLUDE

    subject = fields.String(allow_none=True)
    status = fields.String(allow_none=True, validate=validate.OneOf(STATUSES))
    priority = fields.String(allow_none=True, validate=validate.OneOf(PRIORITIES))
    type = fields.String(allow_none=True, validate=validate.OneOf(TYPES))
    group_id = fields.Integer(allow_none=True)
    assignee_id = fields.Integer(allow_none=True)
    requester_id = fields.Integer(allow_none=True)
    submitter_id = fields.Integer(allow_none=True)
    external_id = fields.String(allow_none=True)
    ticket_form_id = fields.Integer(allow_none=True)
    requester = fields.Nested(RequesterSchema, allow_none=True)
    tags = fields.List(fields.String(), allow_none=True)
    additional_tags = fields.List(fields.String(), allow_none=True)
    remove_tags = fields.List(fields.String(), allow_none=True)
    custom_fields = fields.List(fields.Nested(CustomFieldSchema), allow_none=True)
    fields_ = fields.List(fields.Nested(CustomFieldSchema), allow_none=True, data_key="fields")
    comment = fields.Nested(WordsSchema, allow_none=True)
    metadata = fields.Dict(allow_none=True)
    safe_update = fields.Boolean(allow_none=True)
    updated_stamp = fields.String(allow_none=True)
    via_followup_source_id = fields.Integer(allow_none=True)


_TEXTS = ("subject", "status", "priority", "type", "external_id", "updated_stamp")
_NUMBERS = (
    "group_id",
    "assignee_id",
    "requester_id",
    "submitter_id",
    "ticket_form_id",
    "via_followup_source_id",
)
_READ_ONLY = frozenset(
    (
        *("id", "url", "description", "raw_subject", "created_at", "updated_at", "via"),
        *("generated_timestamp", "is_public", "has_incidents", "recipient", "organization_id"),
        *("brand_id", "collaborator_ids", "follower_ids", "email_cc_ids", "followup_ids"),
        *("satisfaction_rating", "sharing_agreement_ids", "custom_status_id", "problem_id"),
        *("due_at", "allow_channelback", "allow_attachments", "from_messaging_channel"),
        *("forum_topic_id", "encoded_id", "support_type"),
    )
)


def read_wish(payload: Any) -> Wish:
    """The wish in `{"ticket": {...}}`. Raises `Refusal` (400) for a wrong shape or value."""
    ticket = payload.get("ticket") if isinstance(payload, dict) else None
    if not isinstance(ticket, dict):
        raise Refusal(400, "ParameterMissing", "Required parameter missing: ticket")
    known = TicketSchema()
    try:
        data = known.load(ticket)
    except ValidationError as error:
        name = next(iter(error.messages_dict))
        raise Refusal(
            400, "InvalidAttribute", f"You passed an invalid value for the {name} attribute"
        ) from error
    writable = {field.data_key or name for name, field in known.fields.items()}
    dropped = tuple(sorted(set(ticket) - writable - _READ_ONLY))
    if data.get("fields_") and not data.get("custom_fields"):
        data["custom_fields"] = data["fields_"]
    texts = {name: data.get(name) for name in _TEXTS}
    numbers = {name: data.get(name) for name in _NUMBERS}
    return Wish(
        given=frozenset(set(data) & writable),
        **texts,
        **numbers,
        requester=Requester(**data["requester"]) if data.get("requester") else None,
        tags=tuple(data.get("tags") or ()),
        additional_tags=tuple(data.get("additional_tags") or ()),
        remove_tags=tuple(data.get("remove_tags") or ()),
        custom_fields=tuple(
            (one["id"], _text(one["value"])) for one in data.get("custom_fields") or ()
        ),
        comment=_words(data.get("comment")),
        metadata_json=json.dumps(data.get("metadata") or {}, sort_keys=True),
        # "A value of false has the same effect as true", says the contract.
        safe_update=data.get("safe_update") is not None,
        dropped=dropped,
    )


def _words(data: dict[str, Any] | None) -> Words | None:
    if data is None:
        return None
    return Words(
        body=data.get("body"),
        html=data.get("html_body"),
        public=data.get("public"),
        author_id=data.get("author_id"),
        uploads=tuple(data.get("uploads") or ()),
    )


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Refusal(
        400, "InvalidAttribute", "You passed an invalid value for the custom_fields attribute"
    )
