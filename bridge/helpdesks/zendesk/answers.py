"""What Zendesk answers, read with marshmallow into frozen types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, post_load, validate

from bridge.helpdesks.zendesk.shapes import (
    BEGINNING,
    Answer,
    Id,
    Instant,
    Raw,
    Text,
    dig,
    id_of,
    many,
    mapping,
    mark_in,
    one,
    text,
    whole,
)


@dataclass(frozen=True, slots=True)
class FoundFile:
    content_url: str
    file_name: str
    content_type: str
    size: int | None
    deleted: bool


class _FoundFile(Answer):
    builds = FoundFile
    content_url = text()
    file_name = text()
    content_type = text()
    size = fields.Integer(load_default=None)
    deleted = fields.Boolean(load_default=False)


@dataclass(frozen=True, slots=True)
class FoundComment:
    """`is_system`: written by Zendesk itself (a merge, say), in the name of some agent."""

    id: str
    type: str
    author_id: str
    audit_id: str
    public: bool
    html_body: str
    body: str
    created_at: datetime
    metadata: object
    via: object
    attachments: tuple[FoundFile, ...]

    @property
    def mark(self) -> str:
        return mark_in(self.metadata)

    @property
    def is_system(self) -> bool:
        return (
            dig(self.via, "channel") == "system" or dig(self.via, "source", "rel") == "merge"
        ) or self.type != "Comment"


class _FoundComment(Answer):
    builds = FoundComment
    id = Id(required=True)
    type = Text(load_default="Comment")
    author_id = Id(load_default="")
    audit_id = Id(load_default="")
    public = fields.Boolean(required=True)
    html_body = text()
    body = text()
    created_at = Instant(load_default=BEGINNING)
    metadata = mapping()
    via = mapping()
    attachments = fields.List(fields.Nested(_FoundFile), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> FoundComment:
        return FoundComment(**(data | {"attachments": tuple(data["attachments"])}))


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in an audit. `by_rule`: a trigger or an automation did it."""

    id: str
    type: str
    field_name: str
    value: object
    body: str
    public: object
    via: object

    @property
    def by_rule(self) -> bool:
        return dig(self.via, "channel") in ("rule", "automation", "trigger")


class _Event(Answer):
    builds = Event
    id = Id(load_default="")
    type = text()
    field_name = fields.Function(deserialize=str, load_default="")
    value = mapping()
    body = text()
    public = mapping()
    via = mapping()


@dataclass(frozen=True, slots=True)
class Audit:
    id: str
    author_id: str
    metadata: object
    via: object
    events: tuple[Event, ...]

    @property
    def mark(self) -> str:
        return mark_in(self.metadata)

    @property
    def comment_id(self) -> str:
        return next((event.id for event in self.events if event.type == "Comment"), "")

    def merged_with(self) -> str:
        """The one other ticket that a merge names, "" if this is no merge or names several."""
        vias = [self.via, *(event.via for event in self.events)]
        for via in vias:
            if dig(via, "source", "rel") == "merge":
                for side in ("to", "from"):
                    found = id_of(dig(via, "source", side, "ticket_id"))
                    if found:
                        return found
        return ""


class _Audit(Answer):
    builds = Audit
    id = Id(load_default="")
    author_id = Id(load_default="")
    metadata = mapping()
    via = mapping()
    events = fields.List(fields.Nested(_Event), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Audit:
        return Audit(**(data | {"events": tuple(data["events"])}))


@dataclass(frozen=True, slots=True)
class FoundTicket:
    id: str
    status: str
    tags: tuple[str, ...]
    subject: str = ""
    requester_id: str = ""
    updated_at: str = ""
    fields: tuple[tuple[str, str], ...] = ()


class _FoundTicket(Answer):
    builds = FoundTicket
    id = Id(required=True)
    status = text()
    tags = fields.List(Text(), load_default=list)
    subject = text()
    requester_id = Id(load_default="")
    updated_at = text()
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
    audit = fields.Nested(_Audit, load_default=None)


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
comments: Callable[[Raw], tuple[FoundComment, ...]] = many("comments", _FoundComment)
audits: Callable[[Raw], tuple[Audit, ...]] = many("audits", _Audit)
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
