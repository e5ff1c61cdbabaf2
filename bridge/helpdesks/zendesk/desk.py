"""Zendesk as a helpdesk: the Ticketing API inwards, webhooks and the incremental export outwards.

https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Headers
from datetime import datetime

import structlog

from bridge.errors import BridgeError, Gone, Misconfigured
from bridge.helpdesks.contract import (
    Budget,
    Changed,
    Commented,
    CommentNow,
    Erased,
    Ping,
    TicketState,
)
from bridge.helpdesks.zendesk import (
    answers,
    compose,
    erasing,
    events,
    examination,
    files,
    people,
    reading,
    redaction,
)
from bridge.helpdesks.zendesk.answers import Done
from bridge.helpdesks.zendesk.client import Lines
from bridge.helpdesks.zendesk.client import Ticket as ZenpyTicket
from bridge.helpdesks.zendesk.names import Directory
from bridge.helpdesks.zendesk.setup import Memory, Setup, Wishes
from bridge.helpdesks.zendesk.setup.calls import Calls
from bridge.helpdesks.zendesk.tokens import Tokens
from bridge.model import (
    AgentComment,
    Attachment,
    Clock,
    Comment,
    File,
    Finding,
    Person,
    Ticket,
    Written,
)
from bridge.outside import Timeout
from bridge.settings import ZendeskSettings
from bridge.tokens import TokenStore

LONGEST_KEY = 255

log = structlog.get_logger(__name__)


class Zendesk:
    """Fulfils `bridge.helpdesks.contract.Helpdesk`. May be used by many threads at once.

    `fields` are the mapping's words for ticket fields with Zendesk's ids; `reply_as` is the one
    in which agents choose. `public_url` is where Zendesk reaches us, for `examine` only.
    `trusted_hosts` may hold attachments though their addresses are private. `person_fields` are
    the keys of the user fields that may be filled. Building it makes no call; `close` ends its
    connections.
    """

    name = "zendesk"
    updates_per_window = 30
    """Per ticket and user in ten minutes, and the bridge is one user."""

    def __init__(
        self,
        settings: ZendeskSettings,
        *,
        clock: Clock,
        fields: tuple[tuple[str, int], ...],
        tokens: TokenStore,
        timeout: Timeout = (5.0, 20.0),
        public_url: str = "",
        trusted_hosts: frozenset[str] = frozenset(),
        person_fields: frozenset[str] = frozenset(),
    ) -> None:
        if not settings.url:
            raise Misconfigured("Zendesk: set ZENDESK_URL to https://your-subdomain.zendesk.com")
        self.address = settings.url.rstrip("/")
        self.updates_per_minute = settings.updates_per_minute
        self._settings = settings
        self._clock = clock
        self._fields = dict(fields)
        self._timeout = timeout
        self._public_url = public_url
        self._trusted_hosts = trusted_hosts
        self._person_fields = person_fields
        self._tokens = Tokens(settings, clock, tokens, timeout)
        self._lines = Lines(self.address, self._tokens, clock, timeout)
        self._directory = Directory(self._lines)
        self._own_id = ""

    def close(self) -> None:
        self._lines.close()

    def __repr__(self) -> str:
        return f"Zendesk({self.address!r})"

    def budget(self) -> Budget:
        return self._lines.heard.budget()

    def ensure_person(self, person: Person) -> str:
        return people.ensure(self._lines, person, self._person_fields)

    def compose_open(self, ticket: Ticket, comment: Comment, author_id: str) -> str:
        return compose.opening(ticket, comment, author_id, self._directory, self._fields)

    def compose_append(
        self,
        comment: Comment,
        author_id: str,
        *,
        reopen: bool,
        tags: tuple[str, ...] = (),
        fields: tuple[tuple[str, str], ...] = (),
        solve: bool = False,
    ) -> str:
        return compose.appending(
            comment,
            author_id,
            reopen=reopen,
            solve=solve,
            tags=tags,
            values=fields,
            fields=self._fields,
        )

    def compose_fields(self, mark: str, fields: tuple[tuple[str, str], ...]) -> str:
        return compose.setting(mark, fields, self._fields)

    def written_by(self, body: str) -> str:
        return compose.author_in(body)

    def said_in(self, body: str) -> str:
        return compose.said_in(body)

    def open(self, body: str, key: str) -> Written:
        """Zendesk remembers `key` for about two hours; after that, `find_opened` must come first.

        Raises `KeyTaken` (a `NobodyKnows`) when the key was used with another body.
        """
        ticket = compose.thaw(body)
        (done,) = self._lines.ask(
            lambda zenpy: zenpy.tickets.create(ZenpyTicket(**ticket)),
            answers.done,
            once=True,
            key=_header_key(key),
            frozen=body,
        )
        return _written(done)

    def update(self, ticket_id: str, body: str, unless: str = "") -> Written:
        """Zendesk has no key for updates: after `NobodyKnows`, `find_written` must come first, and
        the next try names the mark in `unless`: it goes as a safe update. Its stamp is read before
        the mark is looked for, so whatever arrives in between makes it a conflict.

        Not on a first try: that would cost a call for every message, and the stamp of our own last
        answer is old as soon as an agent or a trigger has touched the ticket.
        https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/#protecting-against-ticket-update-collisions
        """
        number = _ticket_number(ticket_id)
        if unless:
            (now_is,) = self._lines.ask(lambda zenpy: zenpy.tickets(id=number), answers.ticket)
            written = self.find_written(ticket_id, unless)
            if written is not None:
                return written
            body = compose.safely(body, now_is.updated_at) if now_is.updated_at else body
        ticket = compose.thaw(body)
        (done,) = self._lines.ask(
            lambda zenpy: zenpy.tickets.update(ZenpyTicket(id=number, **ticket)),
            answers.done,
            once=True,
            frozen=body,
        )
        self._add_missing_tags(number, ticket.get("additional_tags", []), done)
        return _written(done)

    def find_opened(self, external_id: str, mark: str) -> Written | None:
        """Looks through every ticket of this external id, newest first. Deleted ones are hidden."""
        found = reading.tickets_named(self._lines, external_id)
        for ticket in sorted(found, key=lambda ticket: int(ticket.id), reverse=True):
            written = self.find_written(ticket.id, mark)
            if written is not None:
                return written
        return None

    def find_written(self, ticket_id: str, mark: str) -> Written | None:
        """By audit, so that an update without a comment is found too. An update that changed
        nothing may have left no audit; repeating it changes nothing either."""
        for audit in reading.audits_on(self._lines, _ticket_number(ticket_id)):
            if audit.mark == mark:
                return Written(ticket_id, audit.comment_id)
        return None

    def redact(self, ticket_id: str, comment_id: str, text: str) -> None:
        comment = compose.number(comment_id, "a comment")
        redaction.redact(self._lines, _ticket_number(ticket_id), comment, text)

    def retitle(self, ticket_id: str, was: str, subject: str) -> None:
        redaction.retitle(self._lines, _ticket_number(ticket_id), was, subject)

    def tickets_named(self, external_id: str) -> tuple[str, ...]:
        return tuple(ticket.id for ticket in reading.tickets_named(self._lines, external_id))

    def erase_from_ticket(
        self, ticket_id: str, user_id: str, words: tuple[str, ...], note: str
    ) -> Erased:
        number = _ticket_number(ticket_id)
        return erasing.from_ticket(self._lines, number, user_id, words, note)

    def erase_user(self, user_id: str, *, delete: bool) -> Erased:
        number = compose.number(user_id, "a user")
        return erasing.user(self._lines, number, delete=delete, fields=self._person_fields)

    def upload(self, file: File) -> str:
        return files.upload(self._lines, file)

    def download(self, attachment: Attachment, most: int) -> File:
        return files.fetch(
            attachment,
            most,
            address=self.address,
            token=self._tokens.current(),
            timeout=self._timeout,
            trusted_hosts=self._trusted_hosts,
        )

    def comments(
        self, ticket_id: str, taken: frozenset[str] = frozenset()
    ) -> tuple[AgentComment, ...]:
        choice = str(self._fields.get("reply_as", ""))
        number = _ticket_number(ticket_id)
        return reading.read_comments(self._lines, ticket_id, number, self._own(), choice, taken)

    def comments_now(self, ticket_id: str) -> tuple[CommentNow, ...]:
        return reading.comments_now(self._lines, _ticket_number(ticket_id))

    def state(self, ticket_id: str) -> TicketState:
        """A ticket that Zendesk does not have is gone. `merged_into` is what the audits of a
        merge name, "" where they name no single ticket."""
        try:
            return reading.state_of(self._lines, ticket_id, _ticket_number(ticket_id))
        except Gone:
            return TicketState(ticket_id, status="deleted", gone=True)

    def changed_since(self, cursor: str, now: datetime) -> Changed:
        return reading.changed(self._lines, cursor, now)

    def comments_since(self, since: datetime) -> tuple[Commented, ...] | None:
        return reading.commented(self._lines, since)

    def is_no_agents(self, body: bytes) -> bool:
        return events.is_no_agents(body, self._own_id)

    def genuine(self, headers: Headers[str, str], body: bytes) -> Ping:
        return events.genuine(headers, body, self._settings.webhook_secret, self._clock())

    def told(self, body: bytes) -> TicketState | None:
        return events.state_in(body)

    def examine(self) -> tuple[Finding, ...]:
        return examination.examine(
            self._lines,
            self._directory,
            self._clock,
            self._fields,
            self._settings.webhook_secret,
            self._public_url,
        )

    def setup(self, wishes: Wishes, memory: Memory) -> Setup:
        """What makes this Zendesk ready. Making it makes no call."""
        return Setup(Calls(self._lines), self._directory, wishes, memory)

    def _own(self) -> str:
        """The bridge's own user. It stays the same while the credentials do."""
        if not self._own_id:
            (me,) = self._lines.ask(lambda zenpy: zenpy.users.me(), answers.user)
            self._own_id = me.id
        return self._own_id

    def _add_missing_tags(self, number: int, wanted: list[str], done: Done) -> None:
        """Zendesk documents `additional_tags` for bulk updates only and drops what it does not
        take without a word. Its answer shows whether the tags arrived; if not, they are added by
        the call made for that. The comment is written by then, so a failure here is only told.

        https://developer.zendesk.com/documentation/ticketing/managing-tickets/adding-tags-to-tickets-without-overwriting-existing-tags/
        """
        missing = sorted(set(wanted) - set(done.ticket.tags))
        if not missing:
            return
        try:
            self._lines.ask(lambda zenpy: zenpy.tickets.add_tags(number, missing), answers.tags_set)
        except BridgeError as error:
            log.error("zendesk_tags_missing", ticket=number, tags=missing, because=error.because)


def _written(done: Done) -> Written:
    return Written(done.ticket.id, done.audit.comment_id if done.audit else "")


def _ticket_number(ticket_id: str) -> int:
    return compose.number(ticket_id, "a ticket")


def _header_key(key: str) -> str:
    """The key as a header takes it; one that does not fit is always shortened the same way."""
    if key and key.isascii() and key.isprintable() and len(key) <= LONGEST_KEY:
        return key.strip()
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
