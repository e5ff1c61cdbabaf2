"""The body of an event webhook, pretty-printed as it really comes.

https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events
Ids are strings, status and priority upper-case, empty values "" or "0", times in nanoseconds.
What `merged` carries besides the common properties is not confirmed by a recording.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.records import Said, Stored, Ticket, User

if TYPE_CHECKING:
    from bridge.sandbox.zendesk.desk import Desk

VERSION = "2022-11-06"


def body(
    desk: Desk,
    kind: str,
    ticket: Ticket,
    by: User,
    comment: Said | None,
    file: Stored | None,
    more: dict[str, str],
) -> bytes:
    """One event about `ticket`, ready to be signed and sent."""
    event: dict[str, Any] = dict(more)
    if comment:
        event["comment"] = _comment(desk, comment, whole=file is None)
    if file:
        event["attachment"] = {
            "id": str(file.id),
            "content_type": file.content_type,
            "content_url": desk.address_of(file),
            "filename": file.filename,
            "is_public": comment.public if comment else True,
        }
    now = desk.clock()
    data = {
        "account_id": preset.ACCOUNT_ID,
        "detail": _detail(desk, ticket, by),
        "event": event,
        "id": str(uuid.uuid4()),
        "subject": f"zen:ticket:{ticket.id}",
        "time": nanoseconds(now),
        "type": kind,
        "zendesk_event_version": VERSION,
    }
    return (json.dumps(data, indent=3, ensure_ascii=False) + "\n").encode()


def example(desk: Desk) -> bytes:
    """An event about nothing, for trying a webhook out."""
    data = {
        "account_id": preset.ACCOUNT_ID,
        "detail": {"id": "0"},
        "event": {},
        "id": str(uuid.uuid4()),
        "subject": "zen:ticket:0",
        "time": nanoseconds(desk.clock()),
        "type": "zen:event-type:test",
        "zendesk_event_version": VERSION,
    }
    return (json.dumps(data, indent=3) + "\n").encode()


def nanoseconds(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond:06d}789Z"


def _comment(desk: Desk, said: Said, *, whole: bool) -> dict[str, Any]:
    if not whole:
        return {"id": str(said.id)}
    author = desk.author(said.author_id)
    return {
        "id": str(said.id),
        "body": said.body,
        "is_public": said.public,
        "author": {"id": str(author.id), "is_staff": author.is_staff, "name": author.name},
    }


def _detail(desk: Desk, ticket: Ticket, by: User) -> dict[str, Any]:
    first = desk.audits[ticket.id][0].comment
    return {
        "actor_id": str(by.id),
        "assignee_id": str(ticket.assignee_id or 0),
        "brand_id": str(preset.BRAND_ID),
        "created_at": f"{ticket.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "custom_status": "0",
        "description": first.body if first else "",
        "external_id": ticket.external_id or "",
        "form_id": str(ticket.form_id or 0),
        "group_id": str(ticket.group_id or 0),
        "id": str(ticket.id),
        "is_public": any(one.comment and one.comment.public for one in desk.audits[ticket.id]),
        "organization_id": "0",
        "priority": (ticket.priority or "").upper(),
        "requester_id": str(ticket.requester_id),
        "status": ticket.status.upper(),
        "subject": ticket.subject,
        "submitter_id": str(ticket.submitter_id),
        "tags": list(ticket.tags),
        "type": (ticket.type or "").upper(),
        "updated_at": f"{ticket.updated_at:%Y-%m-%dT%H:%M:%SZ}",
        "via": {"channel": ticket.via.channel},
    }
