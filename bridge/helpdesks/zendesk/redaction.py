"""Taking words out of a comment, for good.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-string-in-comment
The bridge's user needs the right to delete tickets. A closed ticket refuses this call; there the
newer one is used, which needs the Agent Workspace:
https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace
"""

from __future__ import annotations

import html

from bridge.errors import Closed, Gone, Refused
from bridge.helpdesks.zendesk import answers
from bridge.helpdesks.zendesk.audits import FoundComment
from bridge.helpdesks.zendesk.client import API, Lines
from bridge.helpdesks.zendesk.client import Ticket as ZenpyTicket
from bridge.helpdesks.zendesk.compose import literal, subject_line
from bridge.helpdesks.zendesk.reading import comments_on


def redact(lines: Lines, ticket: int, comment: int, text: str) -> None:
    """Line by line, because Zendesk finds no string across the lines of formatted text.

    Safe to repeat: a line that is no longer there is not asked for again. Raises `Gone` if the
    comment is not on the ticket.
    """
    found = next((c for c in comments_on(lines, ticket) if c.id == str(comment)), None)
    if found is None:
        raise Gone("the comment is not on this ticket")
    lines_left = _still_there(found, text)
    try:
        for line in lines_left:
            _redact_line(lines, ticket, comment, line)
    except Closed:
        _redact_closed(lines, ticket, found, _still_there(found, text))


def retitle(lines: Lines, ticket: int, was: str, subject: str) -> None:
    """Only where the subject is still the one given: an agent's own wording stays."""
    (found,) = lines.ask(lambda zenpy: zenpy.tickets(id=ticket), answers.ticket)
    new = subject_line(subject)
    if found.subject == subject_line(was) != new:
        lines.ask(
            lambda zenpy: zenpy.tickets.update(ZenpyTicket(id=ticket, subject=new)), answers.done
        )


def _still_there(comment: FoundComment, text: str) -> tuple[str, ...]:
    """The lines of `text` that the comment shows, longest first: once a line is out, a shorter
    one that was only a part of it is out as well."""
    shown = html.unescape(comment.html_body) + comment.body
    there: list[str] = []
    lines = {line.strip() for line in literal(text).split("\n")} - {""}
    for line in sorted(lines, key=lambda line: (-len(line), line)):
        if line in shown:
            there.append(line)
            shown = shown.replace(line, "")
    return tuple(there)


def _redact_line(lines: Lines, ticket: int, comment: int, line: str) -> None:
    lines.ask(lambda zenpy: zenpy.tickets.comment_redact(ticket, comment, line), answers.redacted)


def _redact_closed(
    lines: Lines, ticket: int, comment: FoundComment, words: tuple[str, ...]
) -> None:
    marked = comment.html_body
    for line in words:
        for written in (html.escape(line), html.escape(line, quote=False), line):
            if written in marked:
                marked = marked.replace(written, f"<redact>{written}</redact>")
                break
        else:
            raise Refused("the words stand in the comment in pieces: an agent must redact them")
    payload = {"ticket_id": ticket, "html_body": marked}
    path = f"{API}comment_redactions/{comment.id}.json"
    # zenpy does not know this call.
    lines.ask(lambda zenpy: zenpy.tickets.session.put(path, json=payload), answers.redacted)
