"""What happens to a ticket when it is opened or updated.

Each change is checked as a whole, then made as a whole, and leaves one audit. The rules are those
of https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ and of the audit events
reference.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bridge.sandbox.zendesk import texts
from bridge.sandbox.zendesk.records import (
    Audit,
    Changed,
    Refusal,
    Said,
    Ticket,
    User,
    Via,
    invalid,
)
from bridge.sandbox.zendesk.wishes import Wish, Words

if TYPE_CHECKING:
    from bridge.sandbox.zendesk.desk import Desk

Value = str | tuple[str, ...] | None
TOLD = (
    "subject",
    "status",
    "priority",
    "type",
    "group_id",
    "assignee_id",
    "requester_id",
    "form_id",
)


def open_ticket(desk: Desk, wish: Wish, by: User, via: Via) -> Audit:
    """Open a ticket. Raises `Refusal` (422) for a missing comment or an unknown name."""
    words = wish.comment
    if words is None or words.is_blank:
        raise invalid("base", "Description: cannot be blank")
    source = _closed_source(desk, wish)
    now = desk.clock()
    requester_id = _requester(desk, wish, source, by)
    ticket = Ticket(
        id=desk.next_ticket_id(),
        subject=wish.subject or (words.body or texts.text_of(words.html or ""))[:80],
        requester_id=requester_id,
        submitter_id=wish.submitter_id or by.id,
        created_at=now,
        updated_at=now,
        via=Via(via.channel, "follow_up", from_tickets=(source.id,)) if source else via,
        external_id=wish.external_id,
        form_id=desk.default_form,
        says_public=True,
    )
    if source:
        # Tags are inherited unless some were sent; values of custom fields are copied.
        tags = () if "tags" in wish.given else source.tags
        ticket = replace(ticket, tags=tags, fields=source.fields, follow_up_of=source.id)
    audit = change(desk, ticket, wish, by, ticket.via, first=True)
    if source:
        follow_ups = (*source.follow_ups, ticket.id)
        desk.tickets[source.id] = replace(source, follow_ups=follow_ups)
    return audit


def update_ticket(desk: Desk, ticket_id: int, wish: Wish, by: User, via: Via) -> Audit:
    """Update a ticket. An audit without events was not kept: nothing had changed.

    Raises `Refusal`: 422 for a closed ticket, 409 when a safe update is for another version.
    """
    ticket = desk.ticket(ticket_id)
    if ticket.status == "closed":
        raise invalid("status", "Status: closed prevents ticket update")
    # Whole seconds, and any other stamp is a conflict, not only an older one.
    stands = ticket.updated_at.replace(microsecond=0)
    if wish.safe_update and wish.updated_stamp and _instant(wish.updated_stamp) != stands:
        raise Refusal(409, "UpdateConflict", "Safe Update prevented the update of a ticket")
    return change(desk, ticket, wish, by, via, first=False)


def change(desk: Desk, before: Ticket, wish: Wish, by: User, via: Via, *, first: bool) -> Audit:
    _check(desk, wish)
    now = desk.clock()
    audit_id = desk.next_id()
    after = _with_tags_and_fields(desk, _with_words(before, wish), wish)
    if first and after.status == "new" and after.assignee_id:
        after = replace(after, status="open")
    said = _say(desk, after, wish.comment, by, first=first)
    if said:
        after = replace(after, says_public=said.public)
    events: list[Said | Changed] = [said] if said else []
    events += _differences(desk, None if first else before, after)
    audit = Audit(
        id=audit_id,
        ticket_id=after.id,
        author_id=by.id,
        created_at=now,
        via=via,
        events=tuple(events),
        custom_json=wish.metadata_json,
    )
    if events or after != before or first:
        desk.record(replace(after, updated_at=now), audit if events else None)
    _tell(desk, None if first else before, audit, by)
    return audit


def _tell(desk: Desk, before: Ticket | None, audit: Audit, by: User) -> None:
    ticket = desk.tickets[audit.ticket_id]
    if before is None:
        desk.tell("created", ticket, by)
    if audit.comment:
        desk.tell("comment_added", ticket, by, comment=audit.comment)
        for file in audit.comment.attachments:
            desk.tell("attachment_linked_to_comment", ticket, by, comment=audit.comment, file=file)
    if before is not None and before.status != ticket.status:
        desk.tell(
            "status_changed",
            ticket,
            by,
            current=ticket.status.upper(),
            previous=before.status.upper(),
        )


def _check(desk: Desk, wish: Wish) -> None:
    if wish.group_id is not None and wish.group_id not in desk.groups:
        raise invalid("group", "Group: is invalid")
    if wish.assignee_id is not None:
        agent = desk.users.get(wish.assignee_id)
        if agent is None or not agent.is_staff:
            raise invalid("assignee", "Assignee: is invalid")
    if wish.requester_id is not None and wish.requester_id not in desk.users:
        raise invalid("requester", "Requester: is invalid")
    for field_id, value in wish.custom_fields:
        field = desk.fields.get(field_id)
        if field and field.choices and value and value not in {one.tag for one in field.choices}:
            raise invalid("base", f"{field.title}: is not a valid value")


def _with_words(ticket: Ticket, wish: Wish) -> Ticket:
    new = ticket
    for name in ("priority", "type", "group_id", "assignee_id", "external_id"):
        if name in wish.given:
            new = replace(new, **{name: getattr(wish, name)})
    if wish.subject and "subject" in wish.given:
        new = replace(new, subject=wish.subject)
    if wish.status:
        new = replace(new, status=wish.status)
    if wish.requester_id and "requester_id" in wish.given:
        new = replace(new, requester_id=wish.requester_id)
    if wish.ticket_form_id:
        new = replace(new, form_id=wish.ticket_form_id)
    return new


def _with_tags_and_fields(desk: Desk, ticket: Ticket, wish: Wish) -> Ticket:
    """A drop-down's value is also a tag: setting either sets the other, and sending `tags`
    without it clears it."""
    tags = {_tag(one) for one in (wish.tags if "tags" in wish.given else ticket.tags)}
    tags |= {_tag(one) for one in wish.additional_tags}
    tags -= {_tag(one) for one in wish.remove_tags}
    values = dict(ticket.fields)
    for field in desk.fields.values():
        if field.choices:
            chosen = [one.tag for one in field.choices if one.tag in tags]
            standing = values.get(field.id)
            values[field.id] = standing if standing in chosen else next(iter(chosen), None)
    for field_id, value in wish.custom_fields:
        known = desk.fields.get(field_id)
        if known is None:
            continue
        tags -= {one.tag for one in known.choices}
        if known.choices and value:
            tags.add(value)
        values[field_id] = value
    kept = tuple((one, values.get(one)) for one in desk.fields)
    return replace(ticket, tags=tuple(sorted(tags - {""})), fields=kept)


def _tag(text: str) -> str:
    return re.sub(r"\s+", "_", text.strip().lower())


def _say(desk: Desk, ticket: Ticket, words: Words | None, by: User, *, first: bool) -> Said | None:
    if words is None or words.is_blank:
        return None
    default_author = ticket.submitter_id if first else by.id
    author_id = words.author_id or default_author
    if author_id not in desk.users:
        raise invalid("base", "Comment: author is invalid")
    files = tuple(file for token in words.uploads for file in desk.take_upload(token))
    html = texts.clean(words.html) if words.html else texts.html_of(words.body or "")
    body = texts.text_of(html) if words.html else (words.body or "")
    return Said(
        id=desk.next_id(),
        author_id=author_id,
        body=body,
        html_body=html,
        plain_body=texts.plain_of(body),
        public=ticket.says_public if words.public is None else words.public,
        attachments=files,
    )


def _differences(desk: Desk, before: Ticket | None, after: Ticket) -> list[Changed]:
    found: list[tuple[str, Value, Value]] = [
        (
            "ticket_form_id" if name == "form_id" else name,
            _text(getattr(before, name, None)),
            _text(getattr(after, name)),
        )
        for name in TOLD
        if getattr(after, name) != getattr(before, name, None)
    ]
    if after.tags != (before.tags if before else ()):
        found.append(("tags", before.tags if before else (), after.tags))
    for field_id, value in after.fields:
        previous = before.value(field_id) if before else None
        if value != previous:
            found.append((str(field_id), previous, value))
    kind: Literal["Create", "Change"] = "Change" if before else "Create"
    return [Changed(desk.next_id(), kind, name, new, old) for name, old, new in found]


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _closed_source(desk: Desk, wish: Wish) -> Ticket | None:
    """The ticket this one follows up; naming one that is not closed has no effect."""
    if wish.via_followup_source_id is None:
        return None
    source = desk.tickets.get(wish.via_followup_source_id)
    return source if source and source.status == "closed" else None


def _requester(desk: Desk, wish: Wish, source: Ticket | None, by: User) -> int:
    if wish.requester_id is not None:
        return wish.requester_id
    if wish.requester:
        wanted = wish.requester
        known = desk.find_user(external_id=wanted.external_id, email=wanted.email)
        if known:
            return known.id
        if not wanted.name:
            raise invalid("requester", "Requester: Name: is too short (minimum one character)")
        made = desk.add_user(wanted.name, external_id=wanted.external_id, email=wanted.email)
        return made.id
    return source.requester_id if source else by.id


def _instant(stamp: str) -> datetime:
    try:
        return datetime.fromisoformat(stamp)
    except ValueError as error:
        raise Refusal(400, "InvalidAttribute", "updated_stamp is not a time") from error
