"""What stands on a ticket: its comments, who wrote them, and what was chosen for each.

Comments: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
Audits: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
Via: https://developer.zendesk.com/documentation/ticketing/reference-guides/via-object-reference/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import quote

from bridge.helpdesks.contract import Changed, Commented, CommentNow, TicketState
from bridge.helpdesks.zendesk import answers
from bridge.helpdesks.zendesk.answers import FoundTicket, FoundUser
from bridge.helpdesks.zendesk.audits import Audit, Event, FoundComment, are_enough, said_in
from bridge.helpdesks.zendesk.client import Lines, exhaust
from bridge.helpdesks.zendesk.compose import REPLY_AS
from bridge.helpdesks.zendesk.shapes import MERGED
from bridge.model import AgentComment, Attachment
from bridge.text.html import to_text

STAFF = ("agent", "admin")
CHOICES = {option: word for word, option in REPLY_AS.items() if word != "auto"}
"""What an agent may choose; "auto" and an empty field are no choice."""

START_BEFORE = timedelta(minutes=5)
SINCE = "since:"
USERS_AT_ONCE = 100
MOST_EVENTS = 1000
"""A page of the events' export that is as long is not the last one."""


def comments_on(lines: Lines, ticket: int) -> tuple[FoundComment, ...]:
    """All comments, oldest first, as Zendesk has them."""
    return _comments_on(lines, ticket)[0]


def _comments_on(
    lines: Lines, ticket: int
) -> tuple[tuple[FoundComment, ...], dict[str, FoundUser]]:
    """All comments, oldest first, and those of their authors that came along."""
    pages = lines.ask(
        lambda zenpy: exhaust(zenpy.tickets.comments(ticket, include_inline_images=True)),
        answers.comments_with_users,
        include="users",
    )
    found = [comment for page in pages for comment in page.comments]
    people = {user.id: user for page in pages for user in page.users}
    ordered = sorted(found, key=lambda comment: (comment.created_at, int(comment.id or 0)))
    return tuple(ordered), people


def audits_on(lines: Lines, ticket: int) -> tuple[Audit, ...]:
    """All audits, oldest first."""
    pages = lines.ask(lambda zenpy: exhaust(zenpy.tickets.audits(ticket)), answers.audits)
    return tuple(audit for page in pages for audit in page)


def _audits_with_people(
    lines: Lines, ticket: int
) -> tuple[tuple[Audit, ...], dict[str, FoundUser]]:
    """All audits with what was said in them, and those of the users that came along.
    https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/#list-audits-for-a-ticket
    """
    pages = lines.ask(
        lambda zenpy: exhaust(zenpy.tickets.audits(ticket)),
        answers.audits_with_users,
        include="users",
    )
    people = {user.id: user for page in pages for user in page.users}
    return tuple(audit for page in pages for audit in page.audits), people


def tickets_named(lines: Lines, external_id: str) -> tuple[FoundTicket, ...]:
    """Every ticket with this external id: it is not unique. Not search, so there is no lag."""
    # zenpy puts the value into the address as it is.
    value = quote(external_id, safe="")
    pages = lines.ask(lambda zenpy: exhaust(zenpy.tickets(external_id=value)), answers.tickets)
    return tuple(ticket for page in pages for ticket in page)


def read_comments(
    lines: Lines,
    ticket_id: str,
    ticket: int,
    own_id: str,
    choice_field: str,
    taken: frozenset[str],
) -> tuple[AgentComment, ...]:
    """The comments as the flow wants them.

    The audits tell them together with what was chosen at the time of each, so they are read first,
    and the comments only where audits are not enough for what is new: `taken` are comments whose
    answers are known. Without a field to choose in, the comments alone will do. Users that do not
    come along are asked for.
    """
    audits: tuple[Audit, ...] = ()
    if choice_field:
        audits, people = _audits_with_people(lines, ticket)
        found = said_in(audits)
    else:
        found, people = _comments_on(lines, ticket)
    people = _with_authors(lines, found, people)
    new = [
        c
        for c in found
        if c.id not in taken and (not c.author_id or _is_by_agent(c, people, own_id))
    ]
    if choice_field and not are_enough(audits, new):
        found, more = _comments_on(lines, ticket)
        people = _with_authors(lines, found, people | more)
        if {c.audit_id for c in found} - {audit.id for audit in audits}:
            # Said since the audits were read: they do not tell what was chosen for it.
            audits = audits_on(lines, ticket)
    by_agent = {c.id: _is_by_agent(c, people, own_id) for c in found}
    chosen: dict[str, tuple[str, bool]] = {}
    if choice_field and any(c.public and by_agent[c.id] and c.id not in taken for c in found):
        replies = {c.audit_id or c.id: c.id for c in found if c.public and by_agent[c.id]}
        chosen = _choices(lines, audits, replies, people, own_id, choice_field)
    return tuple(
        _agent_comment(c, ticket_id, people, by_agent[c.id], chosen.get(c.id, ("", False)))
        for c in found
    )


def comments_now(lines: Lines, ticket: int) -> tuple[CommentNow, ...]:
    """The list of comments: it alone is documented to tell what a redaction left of one."""
    return tuple(
        CommentNow(c.id, c.public, _words(c), tuple(file.filename for file in _files(c)))
        for c in comments_on(lines, ticket)
    )


def state_of(lines: Lines, ticket_id: str, ticket: int) -> TicketState:
    """How the ticket stands. Raises `Gone` when Zendesk does not have it."""
    (found,) = lines.ask(lambda zenpy: zenpy.tickets(id=ticket), answers.ticket)
    merged_into, is_merged = "", _is_merged(found)
    if is_merged:
        others = [audit.merged_with() for audit in audits_on(lines, ticket)]
        # Tickets merged into this one came before it was itself merged away.
        merged_into = next((other for other in reversed(others) if other), "")
        merged_into = "" if merged_into == found.id else merged_into
    gone = found.status == "deleted"
    return TicketState(
        ticket_id, found.status, gone, merged_into, priority=found.priority, is_merged=is_merged
    )


def _is_merged(ticket: FoundTicket) -> bool:
    return ticket.status == "closed" and MERGED in ticket.tags


def changed(lines: Lines, cursor: str, now: datetime) -> Changed:
    """One page of the incremental ticket export by cursor.

    Chosen over `ticket_events`, which pages by time: its pages overlap, and more events within
    one second than fit a page can never be got past. The cursor neither repeats nor skips, and
    deleted and merged tickets come along. Both leave out the last minute: what happened then
    comes with a later page of the same cursor. Ten calls a minute, so one page for each call.
    https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
    """
    if not cursor:
        cursor = f"{SINCE}{int((now - START_BEFORE).timestamp())}"
    if cursor.startswith(SINCE):
        start = int(cursor.removeprefix(SINCE))
        (page,) = lines.ask(
            lambda zenpy: zenpy.tickets.incremental(start_time=start), answers.export
        )
    else:
        after = quote(cursor, safe="")
        (page,) = lines.ask(lambda zenpy: zenpy.tickets.incremental(cursor=after), answers.export)
    ids = tuple(dict.fromkeys(ticket.id for ticket in page.tickets))
    # A page without tickets may come without a cursor: then the place stays where it was.
    following = page.after_cursor or cursor
    states = tuple(
        TicketState(
            each.id,
            each.status,
            each.status == "deleted",
            at=_instant(each.updated_at),
            is_merged=_is_merged(each),
        )
        for each in page.tickets
    )
    more = not page.end_of_stream and following != cursor
    return Changed(ids, following, more=more, states=states)


def commented(lines: Lines, since: datetime) -> tuple[Commented, ...] | None:
    """Every change of any ticket since an instant that came as an event, with the comments among
    them. None where there are more than a page holds.
    https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-ticket-event-export
    """
    # What Zendesk left out of the last page of tickets, it counted by its own clock.
    start = int((since - lines.heard.ahead).timestamp())
    (page, *_) = lines.ask(
        lambda zenpy: zenpy.tickets.events(start, include=["comment_events"]), answers.ticket_events
    )
    if page.count >= MOST_EVENTS or not page.end_of_stream:
        return None
    return tuple(
        Commented(each.ticket_id, comment_id, each.created_at)
        for each in page.ticket_events
        for comment_id in each.comment_ids or ("",)
    )


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _with_authors(
    lines: Lines, found: Iterable[FoundComment], people: dict[str, FoundUser]
) -> dict[str, FoundUser]:
    authors = {c.author_id for c in found if not c.mark and not c.is_system}
    return people | _people(lines, authors - set(people))


def _people(lines: Lines, ids: Iterable[str]) -> dict[str, FoundUser]:
    """The users, by id; those that are gone for good are missing."""
    wanted = sorted(int(user_id) for user_id in ids if user_id)
    people: dict[str, FoundUser] = {}
    for start in range(0, len(wanted), USERS_AT_ONCE):
        for user in _users(lines, wanted[start : start + USERS_AT_ONCE]):
            people[user.id] = user
    return people


def _users(lines: Lines, some: list[int]) -> Iterable[FoundUser]:
    pages = lines.ask(lambda zenpy: exhaust(zenpy.users(ids=some)), answers.users)
    return (user for page in pages for user in page)


def _is_by_agent(comment: FoundComment, people: dict[str, FoundUser], own_id: str) -> bool:
    if comment.mark or comment.is_system or comment.author_id == own_id:
        return False
    author = people.get(comment.author_id)
    return author is not None and author.role in STAFF


def _choices(
    lines: Lines,
    audits: tuple[Audit, ...],
    replies: dict[str, str],
    people: dict[str, FoundUser],
    own_id: str,
    choice_field: str,
) -> dict[str, tuple[str, bool]]:
    """For each reply: what the field held when it was written, and whether an agent set it since
    the reply before.

    `replies` maps an audit's id (or its comment's) to the comment. What a trigger did within the
    audit of a reply came after that reply, and no change by a trigger, by the bridge or by the
    customer is an agent's act.
    """
    setters = {a.author_id for a in audits if _sets(a, choice_field)} - {own_id, *people}
    people = people | _people(lines, setters)
    stands, explicit = "", False
    chosen: dict[str, tuple[str, bool]] = {}
    for audit in audits:
        author = people.get(audit.author_id)
        staff = author is not None and author.role in STAFF and audit.author_id != own_id
        acts = [event for event in audit.events if _is_choice(event, choice_field)]
        for event in acts:
            if not event.by_rule:
                stands = str(event.value or "")
                explicit = staff and not audit.mark and stands in CHOICES
        comment_id = replies.get(audit.id) or replies.get(audit.comment_id)
        if comment_id:
            choice = CHOICES.get(stands, "")
            chosen[comment_id] = (choice, explicit and bool(choice))
            explicit = False
        for event in acts:
            if event.by_rule:
                stands, explicit = str(event.value or ""), False
    return chosen


def _is_choice(event: Event, choice_field: str) -> bool:
    return event.type in ("Change", "Create") and event.field_name == choice_field


def _sets(audit: Audit, choice_field: str) -> bool:
    return bool(audit.author_id) and any(_is_choice(e, choice_field) for e in audit.events)


def _agent_comment(
    comment: FoundComment,
    ticket_id: str,
    people: dict[str, FoundUser],
    by_agent: bool,
    choice: tuple[str, bool],
) -> AgentComment:
    author = people.get(comment.author_id)
    return AgentComment(
        id=comment.id,
        ticket_id=ticket_id,
        text=_words(comment),
        public=comment.public,
        by_agent=by_agent,
        author_id=comment.author_id,
        author_name=author.name if author else "",
        created_at=comment.created_at,
        mark=comment.mark,
        attachments=_files(comment),
        reply_as=choice[0],
        chosen_here=choice[1],
        merged_from=comment.merged_from(ticket_id),
    )


def _words(comment: FoundComment) -> str:
    """`body` is Markdown of a kind, and `plain_body` may hold entities."""
    return to_text(comment.html_body) if comment.html_body else comment.body


def _files(comment: FoundComment) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(file.content_url, file.file_name, file.content_type, file.size)
        for file in comment.attachments
        if file.content_url and not file.deleted
    )
