"""Comments and audits, as Zendesk tells them; and the comments that audits tell.

An audit tells the comment that came with it, as an event of its own. Documented of that event are
`id`, `body`, `html_body`, `public`, `author_id` and `attachments`. Metadata and time are the
audit's, and so is `via` where the event has none of its own.

Audits: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
Events: https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-audit-events-reference/
Comments: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from marshmallow import fields, post_load

from bridge.helpdesks.zendesk.shapes import (
    BEGINNING,
    Answer,
    Id,
    Instant,
    Text,
    dig,
    id_of,
    mapping,
    mark_in,
    text,
)

COMMENTS = ("Comment", "VoiceComment")
SAYS = ("author_id", "public", "html_body", "attachments")
"""What the event of a comment must say to be enough for an answer."""

TO, FROM = ("source", "to", "ticket_id"), ("source", "from", "ticket_id")
"""Where the `via` of a merge names the other ticket; several stand in `ticket_ids` instead.
https://developer.zendesk.com/documentation/ticketing/reference-guides/via-object-reference/"""

AFTERWARDS = ("CommentRedactionEvent", "AttachmentRedactionEvent", "CommentPrivacyChange")
"""What happened to a comment later. That it did is documented, not what the comment's own event
says from then on."""


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
    """`is_system`: written by Zendesk itself (a merge, say), in the name of some agent. `is_whole`:
    nothing is missing that an answer needs."""

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
    is_whole: bool = True

    @property
    def mark(self) -> str:
        return mark_in(self.metadata)

    @property
    def is_system(self) -> bool:
        return dig(self.via, "channel") == "system" or _is_merge(self.via) or self.type != "Comment"

    def merged_from(self, ticket_id: str) -> tuple[str, ...]:
        """The tickets that were merged into this one, where the comment tells of that: "" for what
        is not named, nothing where it is this ticket that was merged away."""
        if not _is_merge(self.via) or id_of(dig(self.via, *TO)) not in ("", ticket_id):
            return ()
        several = dig(self.via, "source", "from", "ticket_ids")
        named = several if isinstance(several, list) else []
        ids = (id_of(each) for each in (*named, dig(self.via, *FROM)))
        return tuple(dict.fromkeys(each for each in ids if each)) or ("",)


class CommentSchema(Answer):
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
    """One thing that happened in an audit. `by_rule`: a trigger or an automation did it.
    `comment_id`: the earlier comment that it happened to."""

    id: str
    type: str
    field_name: str
    value: object
    via: object
    comment_id: str

    @property
    def by_rule(self) -> bool:
        return dig(self.via, "channel") in ("rule", "automation", "trigger")


@dataclass(frozen=True, slots=True)
class Audit:
    """`comments`: what was said in it, where that was asked for."""

    id: str
    author_id: str
    metadata: object
    via: object
    events: tuple[Event, ...]
    comments: tuple[FoundComment, ...] = ()

    @property
    def mark(self) -> str:
        return mark_in(self.metadata)

    @property
    def comment_id(self) -> str:
        return next((event.id for event in self.events if event.type == "Comment"), "")

    def merged_with(self) -> str:
        """The one other ticket that a merge names, "" if this is no merge or names several."""
        for via in (self.via, *(event.via for event in self.events)):
            if _is_merge(via):
                for side in ("to", "from"):
                    found = id_of(dig(via, "source", side, "ticket_id"))
                    if found:
                        return found
        return ""


class AuditSchema(Answer):
    """Events are many and most are of no interest: each is read by hand."""

    id = Id(load_default="")
    author_id = Id(load_default="")
    created_at = fields.Raw(load_default=None)
    metadata = mapping()
    via = mapping()
    events = fields.List(fields.Raw(allow_none=True), load_default=list)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Audit:
        return Audit(
            id=data["id"],
            author_id=data["author_id"],
            metadata=data["metadata"],
            via=data["via"],
            events=tuple(_event(each) for each in data["events"]),
            comments=self.said(data),
        )

    def said(self, _data: dict[str, Any]) -> tuple[FoundComment, ...]:
        return ()


class SpokenAuditSchema(AuditSchema):
    def said(self, data: dict[str, Any]) -> tuple[FoundComment, ...]:
        spoken = (each for each in data["events"] if dig(each, "type") in COMMENTS)
        return tuple(_comment(each, data) for each in spoken)


_COMMENT = CommentSchema()


def said_in(audits: Iterable[Audit]) -> tuple[FoundComment, ...]:
    """Every comment, oldest first."""
    found = [comment for audit in audits for comment in audit.comments]
    return tuple(sorted(found, key=lambda comment: (comment.created_at, int(comment.id))))


def are_enough(audits: tuple[Audit, ...], new: Iterable[FoundComment]) -> bool:
    """Whether audits alone tell all of these comments; the list of comments is asked for as well
    where

    - one was redacted, or made private, or it is not said which one was;
    - one holds a picture: only the list is documented to name those as files;
    - something is missing that is documented to be there;
    - something was said in a way that is not known here.
    """
    events = [event for audit in audits for event in audit.events]
    later = {event.comment_id for event in events if event.type in AFTERWARDS}
    others = (each for each in events if each.type.endswith("Comment"))
    if not audits or any(each.type not in COMMENTS for each in others):
        return False
    return all(
        each.is_whole
        and not later & {"", each.id}
        and not (each.public and "<img" in each.html_body.lower())
        for each in new
    )


def _event(raw: object) -> Event:
    kind, name = dig(raw, "type"), dig(raw, "field_name")
    return Event(
        id=id_of(dig(raw, "id")),
        type=kind if isinstance(kind, str) else "",
        field_name="" if name is None else str(name),
        value=dig(raw, "value"),
        via=dig(raw, "via"),
        comment_id=id_of(dig(raw, "comment_id")),
    )


def _comment(raw: dict[str, Any], audit: dict[str, Any]) -> FoundComment:
    via = raw.get("via")
    if via is None or _is_merge(audit["via"]):
        via = audit["via"]
    found: FoundComment = _COMMENT.load(
        {
            "public": False,
            **{name: value for name, value in raw.items() if value is not None},
            "audit_id": audit["id"],
            "created_at": audit["created_at"],
            "metadata": audit["metadata"],
            "via": via,
        }
    )
    files = (file for file in found.attachments if not file.deleted)
    is_whole = all(raw.get(name) is not None for name in SAYS) and all(
        file.content_url and file.file_name for file in files
    )
    return replace(found, is_whole=is_whole)


def _is_merge(via: object) -> bool:
    return dig(via, "source", "rel") == "merge"
