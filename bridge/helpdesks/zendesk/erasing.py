"""Taking one person off Zendesk: their comments, their files, their name.

- Comments and files: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace
  (closed tickets too; it needs the Agent Workspace, and a user who may delete tickets)
- Users: https://developer.zendesk.com/api-reference/ticketing/users/users/#delete-user and
  https://developer.zendesk.com/api-reference/ticketing/users/users/#permanently-delete-user
  (only by admins, and by agents whose role allows it)

Nothing can take former subjects and field values out of a ticket's history but deleting the ticket.
"""

from __future__ import annotations

import html
import re
from typing import Any

from bridge.errors import Closed, Gone, PersonMustAct
from bridge.helpdesks.contract import Erased
from bridge.helpdesks.zendesk import answers, compose
from bridge.helpdesks.zendesk.answers import FoundTicket
from bridge.helpdesks.zendesk.audits import FoundComment
from bridge.helpdesks.zendesk.client import API, Lines
from bridge.helpdesks.zendesk.faults import TokenRefused
from bridge.helpdesks.zendesk.reading import comments_on
from bridge.text.storm import LIST_NAME

NOBODY = "Erased person"
TAG = "bridge_erased"
BLACK = "\N{LOWER SEVEN EIGHTHS BLOCK}" * 3

_TAG = re.compile(r"(<[^>]*>)")
_SHOWN = re.compile(r"[^\s\N{LOWER SEVEN EIGHTHS BLOCK}]")
_CARRIES_WORDS = ("<a ", "<img ")


def from_ticket(
    lines: Lines, ticket: int, user_id: str, words: tuple[str, ...], note: str
) -> Erased:
    """Each comment by itself: one that cannot be redacted keeps no other from it."""
    try:
        (found,) = lines.ask(lambda zenpy: zenpy.tickets(id=ticket), answers.ticket)
        comments = comments_on(lines, ticket)
    except Gone:
        return Erased(left=(f"ticket {ticket} is deleted: Zendesk destroys it after 30 days",))
    pattern = _any_of(words)
    done: list[str] = []
    left = [f"ticket {ticket}: the history of its fields keeps former values"]
    count = 0
    for comment in comments:
        try:
            whole = bool(user_id) and comment.author_id == user_id
            count += _blacken(lines, ticket, comment, pattern, whole=whole)
        except PersonMustAct as refusal:
            _unless_signed_out(refusal)
            left.append(f"ticket {ticket}, comment {comment.id}: {refusal.because}")
    if count:
        done.append(f"ticket {ticket}: {count} comments redacted")
    mark = f"erased:{ticket}"
    if any(comment.mark == mark for comment in comments):
        return Erased(tuple(done), tuple(left))
    own = bool(user_id) and found.requester_id == user_id
    try:
        if _rename(lines, found, pattern, note if own else "", mark):
            done.append(f"ticket {ticket}: subject and fields replaced")
    except PersonMustAct as refusal:
        _unless_signed_out(refusal)
        because = "it is closed" if isinstance(refusal, Closed) else refusal.because
        left.append(f"ticket {ticket}: its subject and fields could not be replaced: {because}")
    return Erased(tuple(done), tuple(left))


def user(
    lines: Lines, number: int, *, delete: bool, fields: frozenset[str] = frozenset()
) -> Erased:
    """The name and the external id first, so that they are gone also where deleting is refused
    (a user with tickets that are not closed cannot be deleted). `fields` are the keys of the user
    fields that the bridge fills: they are emptied in the same call."""
    gone_with_it: dict[str, Any] = {"name": NOBODY, "external_id": None}
    if fields:
        gone_with_it["user_fields"] = dict.fromkeys(sorted(fields), "")
    changed = {"user": gone_with_it}
    path = f"{API}users/{number}.json"
    try:
        # zenpy leaves out what is None.
        (now,) = lines.ask(
            lambda zenpy: zenpy.tickets.session.put(path, json=changed), answers.user
        )
    except Gone:
        return Erased((f"user {number}: was deleted before",))
    except PersonMustAct as refusal:
        _unless_signed_out(refusal)
        return Erased(left=(f"user {number}: {refusal.because}",))
    done, left = [f"user {number}: name replaced"], []
    if now.external_id:
        left.append(f"user {number}: Zendesk kept the external id")
    else:
        done.append(f"user {number}: external id removed")
    if delete:
        try:
            lines.ask(lambda zenpy: zenpy.tickets.session.delete(path), answers.user)
            done.append(f"user {number}: deleted")
            gone = f"{API}deleted_users/{number}.json"
            lines.ask(lambda zenpy: zenpy.tickets.session.delete(gone), answers.deleted_user)
            done.append(f"user {number}: deleted for good")
        except PersonMustAct as refusal:
            _unless_signed_out(refusal)
            left.append(f"user {number}: could not be deleted: {refusal.because}")
    return Erased(tuple(done), tuple(left))


def _unless_signed_out(refusal: PersonMustAct) -> None:
    """A dead token is no answer about this comment; a right that is missing is."""
    if isinstance(refusal, TokenRefused):
        raise refusal


def _any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Whole words only, longest first, upper and lower case alike."""
    lines = {line.strip() for text in words for line in compose.literal(text).split("\n")} - {""}
    if not lines:
        return None
    each = (re.escape(line) for line in sorted(lines, key=lambda line: (-len(line), line)))
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


def _blacken(
    lines: Lines,
    ticket: int,
    comment: FoundComment,
    pattern: re.Pattern[str] | None,
    *,
    whole: bool,
) -> bool:
    marked = _marked(comment.html_body, pattern, whole=whole)
    files = [
        file.content_url
        for file in comment.attachments
        if not file.deleted and _goes(comment, file.file_name, whole=whole)
    ]
    if marked == comment.html_body and not files:
        return False
    payload: dict[str, Any] = {"ticket_id": ticket, "html_body": marked}
    if files:
        payload["external_attachment_urls"] = files
    path = f"{API}comment_redactions/{comment.id}.json"
    lines.ask(lambda zenpy: zenpy.tickets.session.put(path, json=payload), answers.redacted)
    return True


def _goes(comment: FoundComment, file_name: str, *, whole: bool) -> bool:
    """What they sent, and lists of ours that name many."""
    if comment.mark and file_name.startswith(LIST_NAME):
        return True
    return whole and file_name != "redacted.txt"


def _marked(body: str, pattern: re.Pattern[str] | None, *, whole: bool) -> str:
    """The comment's HTML with what is to go marked for Zendesk."""

    def black(match: re.Match[str]) -> str:
        return f"\0{match[0]}\1"

    parts: list[str] = []
    for part in _TAG.split(body):
        shown = html.unescape(part)
        if part.startswith("<"):
            goes = part.startswith(_CARRIES_WORDS) and (
                whole or bool(pattern and pattern.search(shown))
            )
            parts.append(f"{part[:-1].rstrip('/ ')} redact>" if goes else part)
        elif whole:
            parts.append(f"<redact>{part}</redact>" if _SHOWN.search(shown) else part)
        elif pattern and pattern.search(shown):
            marked = html.escape(pattern.sub(black, shown), quote=False)
            parts.append(marked.replace("\0", "<redact>").replace("\1", "</redact>"))
        else:
            parts.append(part)
    return "".join(parts)


def _rename(
    lines: Lines, found: FoundTicket, pattern: re.Pattern[str] | None, note: str, mark: str
) -> bool:
    named = [each for each, value in found.fields if pattern and pattern.search(value)]
    subject = pattern.sub(BLACK, found.subject) if pattern else found.subject
    ticket: dict[str, Any] = {}
    if note or subject != found.subject:
        ticket["subject"] = NOBODY if note else subject
    if named:
        ticket["custom_fields"] = [{"id": int(each), "value": ""} for each in named]
    if not ticket:
        return False
    ticket["metadata"] = {"bridge": {"mark": mark}}
    if note:
        ticket["comment"] = {"html_body": compose.as_html(note), "public": False}
    if note:
        number = int(found.id)
        lines.ask(lambda zenpy: zenpy.tickets.add_tags(number, [TAG]), answers.tags_set)
    path = f"{API}tickets/{found.id}.json"
    # Its mark is looked for before it is done again, so a lost answer is no harm.
    lines.ask(lambda zenpy: zenpy.tickets.session.put(path, json={"ticket": ticket}), answers.done)
    return True
