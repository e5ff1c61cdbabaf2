"""What Zendesk answers, read with marshmallow into frozen types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, post_load, validate

from bridge.helpdesks.zendesk.audits import (
    COMMENTS,
    Audit,
    AuditSchema,
    CommentSchema,
    FoundComment,
    SpokenAuditSchema,
)
from bridge.helpdesks.zendesk.shapes import (
    Answer,
    Id,
    Instant,
    Raw,
    Text,
    dig,
    id_of,
    many,
    one,
    text,
    whole,
)


@dataclass(frozen=True, slots=True)
class FoundTicket:
    id: str
    status: str
    tags: tuple[str, ...]
    subject: str = ""
    requester_id: str = ""
    updated_at: str = ""
    priority: str = ""
    fields: tuple[tuple[str, str], ...] = ()


class _FoundTicket(Answer):
    builds = FoundTicket
    id = Id(required=True)
    status = text()
    tags = fields.List(Text(), load_default=list)
    subject = text()
    requester_id = Id(load_default="")
    updated_at = text()
    priority = text()
    custom_fields = fields.List(fields.Raw(), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> FoundTicket:
        values = ((id_of(dig(each, "id")), dig(each, "value")) for each in data["custom_fields"])
        return FoundTicket(
            id=data["id"],
            status=data["status"].lower(),
            tags=tuple(data["tags"]),
            subject=data["subject"],
            requester_id=data["requester_id"],
            updated_at=data["updated_at"],
            priority=data["priority"].lower(),
            fields=tuple((each, value) for each, value in values if isinstance(value, str)),
        )


@dataclass(frozen=True, slots=True)
class FoundUser:
    id: str
    name: str
    role: str
    external_id: str = ""


class _FoundUser(Answer):
    """An anonymous caller's own user has no id."""

    builds = FoundUser
    id = Id(load_default="")
    name = text()
    role = text()
    external_id = text()


class _MadeUser(_FoundUser):
    id = Id(required=True)


@dataclass(frozen=True, slots=True)
class Named:
    """A group or a form."""

    id: str
    name: str


class _Named(Answer):
    builds = Named
    id = Id(required=True)
    name = text()


@dataclass(frozen=True, slots=True)
class FoundField:
    id: str
    title: str
    type: str
    active: bool
    options: tuple[str, ...]


class _FoundField(Answer):
    builds = FoundField
    id = Id(required=True)
    title = text()
    type = text()
    active = fields.Boolean(load_default=True)
    custom_field_options = fields.List(fields.Raw(), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> FoundField:
        options = tuple(str(dig(o, "value") or "") for o in data.pop("custom_field_options"))
        return FoundField(**data, options=options)


@dataclass(frozen=True, slots=True)
class FoundHook:
    endpoint: str
    status: str
    subscriptions: tuple[str, ...]


class _FoundHook(Answer):
    builds = FoundHook
    endpoint = text()
    status = text()
    subscriptions = fields.List(Text(), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> FoundHook:
        return FoundHook(data["endpoint"], data["status"], tuple(data["subscriptions"]))


@dataclass(frozen=True, slots=True)
class Done:
    """What a write answers: the ticket as it is now and the audit of what was done."""

    ticket: FoundTicket
    audit: Audit | None


class _Done(Answer):
    builds = Done
    ticket = fields.Nested(_FoundTicket, required=True)
    audit = fields.Nested(AuditSchema, load_default=None)


@dataclass(frozen=True, slots=True)
class Export:
    """One page of the incremental ticket export."""

    tickets: tuple[FoundTicket, ...]
    after_cursor: str
    end_of_stream: bool


class _Export(Answer):
    builds = Export
    tickets = fields.List(fields.Nested(_FoundTicket), required=True)
    after_cursor = text()
    end_of_stream = fields.Boolean(required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Export:
        return Export(tuple(data["tickets"]), data["after_cursor"], data["end_of_stream"])


@dataclass(frozen=True, slots=True)
class CommentsPage:
    """Comments, and the users that came along."""

    comments: tuple[FoundComment, ...]
    users: tuple[FoundUser, ...]
    """Those that are told whole. A deleted user may be told by an address or a name alone.
    https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#list-comments"""


class _CommentsPage(Answer):
    builds = CommentsPage
    comments = fields.List(fields.Nested(CommentSchema), required=True)
    users = fields.List(fields.Raw(allow_none=True), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> CommentsPage:
        return CommentsPage(tuple(data["comments"]), _told_whole(data["users"]))


@dataclass(frozen=True, slots=True)
class AuditsPage:
    """Audits with what was said in them, and the users that came along: those told whole."""

    audits: tuple[Audit, ...]
    users: tuple[FoundUser, ...]


class _AuditsPage(Answer):
    builds = AuditsPage
    audits = fields.List(fields.Nested(SpokenAuditSchema), required=True)
    users = fields.List(fields.Raw(allow_none=True), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> AuditsPage:
        return AuditsPage(tuple(data["audits"]), _told_whole(data["users"]))


_COMES_ALONG = _FoundUser()


def _told_whole(users: list[object]) -> tuple[FoundUser, ...]:
    found = (_COMES_ALONG.load(each) for each in users if isinstance(each, dict))
    return tuple(each for each in found if each.id and each.role)


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One change of a ticket, with the comments that came with it."""

    ticket_id: str
    created_at: datetime
    comment_ids: tuple[str, ...]


class _TicketEvent(Answer):
    builds = TicketEvent
    ticket_id = Id(required=True)
    created_at = Instant(required=True)
    child_events = fields.List(fields.Raw(), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> TicketEvent:
        found = (each for each in data["child_events"] if dig(each, "event_type") in COMMENTS)
        ids = tuple(id_of(dig(each, "id")) or "?" for each in found)
        return TicketEvent(data["ticket_id"], data["created_at"], ids)


@dataclass(frozen=True, slots=True)
class Events:
    """One page of the incremental export of ticket events."""

    ticket_events: tuple[TicketEvent, ...]
    count: int
    end_of_stream: bool


class _Events(Answer):
    builds = Events
    ticket_events = fields.List(fields.Nested(_TicketEvent), required=True)
    count = fields.Integer(required=True)
    end_of_stream = fields.Boolean(load_default=False)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Events:
        return Events(tuple(data["ticket_events"]), data["count"], data["end_of_stream"])


@dataclass(frozen=True, slots=True)
class Uploaded:
    token: str


class _Uploaded(Answer):
    builds = Uploaded
    token = fields.String(required=True, validate=validate.Length(min=1))


class _Tags(Answer):
    builds = dict
    tags = fields.List(Text(), required=True)


class _Redacted(Answer):
    builds = dict


done: Callable[[Raw], Done] = whole(_Done)
export: Callable[[Raw], Export] = whole(_Export)
ticket: Callable[[Raw], FoundTicket] = one("ticket", _FoundTicket)
tickets: Callable[[Raw], tuple[FoundTicket, ...]] = many("tickets", _FoundTicket)
comments_with_users: Callable[[Raw], CommentsPage] = whole(_CommentsPage)
ticket_events: Callable[[Raw], Events] = whole(_Events)
audits: Callable[[Raw], tuple[Audit, ...]] = many("audits", AuditSchema)
audits_with_users: Callable[[Raw], AuditsPage] = whole(_AuditsPage)
user: Callable[[Raw], FoundUser] = one("user", _FoundUser)
made_user: Callable[[Raw], FoundUser] = one("user", _MadeUser)
users: Callable[[Raw], tuple[FoundUser, ...]] = many("users", _FoundUser)
groups: Callable[[Raw], tuple[Named, ...]] = many("groups", _Named)
forms: Callable[[Raw], tuple[Named, ...]] = many("ticket_forms", _Named)
ticket_fields: Callable[[Raw], tuple[FoundField, ...]] = many("ticket_fields", _FoundField)
webhooks: Callable[[Raw], tuple[FoundHook, ...]] = many("webhooks", _FoundHook)
upload: Callable[[Raw], Uploaded] = one("upload", _Uploaded)
deleted_user: Callable[[Raw], object] = one("deleted_user", _Redacted)
redacted: Callable[[Raw], object] = one("comment", _Redacted)
tags_set: Callable[[Raw], dict[str, Any]] = whole(_Tags)
