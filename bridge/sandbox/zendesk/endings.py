"""How a ticket, or a comment on it, comes to an end: merged, deleted, redacted, made private.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/ for redaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.sandbox.zendesk import texts
from bridge.sandbox.zendesk.changes import change
from bridge.sandbox.zendesk.records import Afterwards, Audit, Said, User, Via, invalid, not_found
from bridge.sandbox.zendesk.wishes import Wish, Words

if TYPE_CHECKING:
    from bridge.sandbox.zendesk.desk import Desk


def merge(
    desk: Desk,
    target_id: int,
    source_ids: Iterable[int],
    by: User,
    *,
    source_words: Words | None = None,
    target_words: Words | None = None,
) -> None:
    """Close the sources and go on in the target; each gets a comment that says so."""
    target = desk.ticket(target_id)
    sources = [desk.ticket(one) for one in source_ids]
    for ticket in (target, *sources):
        if ticket.status == "closed":
            raise invalid("status", "Status: closed prevents ticket update")
    for source in sources:
        if source.id == target.id:
            raise invalid("base", "A ticket cannot be merged into itself")
    for source in sources:
        last = next((a.comment for a in reversed(desk.audits[source.id]) if a.comment), None)
        words = source_words or Words(
            body=f"This request was closed and merged into request #{target.id} "
            f'"{target.subject}".',
            public=False,
        )
        wish = Wish(
            given=frozenset(("comment", "status", "additional_tags")),
            comment=words,
            status="closed",
            additional_tags=("closed_by_merge",),
        )
        change(desk, source, wish, by, Via("web", "merge", to_ticket=target.id), first=False)
        words = target_words or Words(
            body=f'Request #{source.id} "{source.subject}" was closed and merged into this '
            f"request. Last comment in request #{source.id}:\n\n{last.plain_body if last else ''}",
            public=False,
        )
        wish = Wish(given=frozenset(("comment",)), comment=words)
        via = Via("web", "merge", from_tickets=(source.id,))
        change(desk, desk.ticket(target.id), wish, by, via, first=False)
        desk.tell("merged", desk.tickets[source.id], by, target_ticket_id=str(target.id))


def delete(desk: Desk, ticket_id: int, by: User) -> None:
    """Soft delete: gone for everybody but the incremental export."""
    ticket = replace(desk.ticket(ticket_id), status="deleted", updated_at=desk.clock())
    desk.tickets[ticket_id] = ticket
    desk.tell("soft_deleted", ticket, by)


def redact(
    desk: Desk,
    ticket_id: int,
    comment_id: int,
    *,
    html: str | None = None,
    text: str | None = None,
    attachments: tuple[str, ...] = (),
    by: User,
) -> Said:
    """Black out parts of a comment for good: what is tagged in `html`, `text`, or files.

    The older way with `text` refuses closed tickets (422), the newer one with `html` takes them.
    """
    ticket = desk.ticket(ticket_id)
    if text is not None and ticket.status == "closed":
        raise invalid("status", "Status: closed prevents ticket update")
    audit, said = desk.comment(ticket_id, comment_id)
    new = said
    if html is not None:
        html_body = texts.redacted(html)
        words = texts.text_of(html_body)
        new = replace(new, html_body=html_body, body=words, plain_body=texts.plain_of(words))
    if text:
        new = replace(
            new,
            html_body=texts.blacked(new.html_body, text),
            body=texts.blacked(new.body, text),
            plain_body=texts.blacked(new.plain_body, text),
        )
    emptied = [one for one in said.attachments if desk.address_of(one) in attachments]
    kept = tuple(desk.empty(one) if one in emptied else one for one in said.attachments)
    new = replace(new, attachments=kept)
    _put(desk, audit, said, new)
    told = [
        Afterwards(desk.next_id(), "AttachmentRedactionEvent", said.id, one.id) for one in emptied
    ]
    if (new.html_body, new.body) != (said.html_body, said.body):
        told.append(Afterwards(desk.next_id(), "CommentRedactionEvent", said.id))
    _note(desk, ticket_id, by, tuple(told))
    desk.tell("comment_redacted", desk.ticket(ticket_id), by, comment=new)
    return new


def make_private(desk: Desk, ticket_id: int, audit_id: int, by: User) -> None:
    """A public comment becomes an internal note; there is no way back."""
    audit = next((one for one in desk.ticket_audits(ticket_id) if one.id == audit_id), None)
    if audit is None or audit.comment is None:
        raise not_found()
    said = audit.comment
    _put(desk, audit, said, replace(said, is_private_since=True))
    told = Afterwards(desk.next_id(), "CommentPrivacyChange", said.id)
    _note(desk, ticket_id, by, (told,))
    desk.tell("comment_made_private", desk.ticket(ticket_id), by, comment=said)


def _put(desk: Desk, audit: Audit, said: Said, new: Said) -> None:
    events = tuple(new if event is said else event for event in audit.events)
    desk.replace_audit(replace(audit, events=events))


def _note(desk: Desk, ticket_id: int, by: User, told: tuple[Afterwards, ...]) -> None:
    now = desk.clock()
    ticket = replace(desk.ticket(ticket_id), updated_at=now)
    audit = Audit(desk.next_id(), ticket_id, by.id, now, Via("web"), told)
    desk.record(ticket, audit if told else None)
