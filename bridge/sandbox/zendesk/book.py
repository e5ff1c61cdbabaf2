"""What the pretend helpdesk holds, and how it is found again."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from bridge.model import Clock, File
from bridge.sandbox.zendesk import preset
from bridge.sandbox.zendesk.records import (
    Audit,
    Field,
    Job,
    Said,
    Stored,
    Ticket,
    Upload,
    User,
    invalid,
    not_found,
)
from bridge.sandbox.zendesk.rules import Rules

UPLOAD_KEPT = timedelta(days=3)


class Book:
    """Tickets, people, settings and files of one account, under one lock."""

    def __init__(self, clock: Clock, fields: tuple[Field, ...]) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.address = ""
        self.content_address = ""
        self.default_form = preset.FORM_ID
        self.groups = {group.id: group for group in preset.GROUPS}
        self.users = {user.id: user for user in preset.USERS}
        self.deleted_users: dict[int, User] = {}
        self.fields = {field.id: field for field in fields}
        self.rules = Rules()
        self.tickets: dict[int, Ticket] = {}
        self.audits: dict[int, list[Audit]] = {}
        self.uploads: dict[str, Upload] = {}
        self.files: dict[str, Stored] = {}
        self.jobs: dict[str, Job] = {}
        self._last_ticket = 35400
        self._last_id = 14_500_000_000_000

    def next_id(self) -> int:
        self._last_id += 17
        return self._last_id

    def next_ticket_id(self) -> int:
        self._last_ticket += 1
        return self._last_ticket

    def ticket(self, ticket_id: int) -> Ticket:
        """Raises `Refusal` (404) for one that never was, or was deleted."""
        with self.lock:
            ticket = self.tickets.get(ticket_id)
        if ticket is None or ticket.status == "deleted":
            raise not_found()
        return ticket

    def all_tickets(self) -> tuple[Ticket, ...]:
        """Every ticket that is not deleted, oldest first."""
        with self.lock:
            return tuple(one for one in self.tickets.values() if one.status != "deleted")

    def by_external_id(self, external_id: str) -> tuple[Ticket, ...]:
        return tuple(one for one in self.all_tickets() if one.external_id == external_id)

    def ticket_audits(self, ticket_id: int) -> tuple[Audit, ...]:
        self.ticket(ticket_id)
        with self.lock:
            return tuple(self.audits[ticket_id])

    def comments(self, ticket_id: int) -> tuple[Said, ...]:
        """The ticket's comments, oldest first."""
        return tuple(one.comment for one in self.ticket_audits(ticket_id) if one.comment)

    def comment(self, ticket_id: int, comment_id: int) -> tuple[Audit, Said]:
        for audit in self.ticket_audits(ticket_id):
            if audit.comment and audit.comment.id == comment_id:
                return audit, audit.comment
        raise not_found()

    def user(self, user_id: int) -> User:
        with self.lock:
            user = self.users.get(user_id)
        if user is None:
            raise not_found()
        return user

    def author(self, user_id: int) -> User:
        """Who wrote a comment, also where they are gone since."""
        with self.lock:
            known = self.users.get(user_id) or self.deleted_users.get(user_id)
        return known or User(user_id, "Permanently Deleted")

    def find_user(self, *, external_id: str | None = None, email: str | None = None) -> User | None:
        """By external id (case does not matter) or else by e-mail address."""
        with self.lock:
            for user in self.users.values():
                if external_id and (user.external_id or "").lower() == external_id.lower():
                    return user
            for user in self.users.values():
                if email and (user.email or "").lower() == email.lower():
                    return user
        return None

    def add_user(
        self,
        name: str,
        *,
        external_id: str | None = None,
        email: str | None = None,
        fields_json: str = "{}",
    ) -> User:
        now = self.clock()
        user = User(
            self.next_id(),
            name,
            external_id=external_id,
            email=email,
            created_at=now,
            updated_at=now,
            fields_json=fields_json,
        )
        self.users[user.id] = user
        return user

    def record(self, ticket: Ticket, audit: Audit | None) -> None:
        self.tickets[ticket.id] = ticket
        kept = self.audits.setdefault(ticket.id, [])
        if audit:
            kept.append(audit)

    def replace_audit(self, audit: Audit) -> None:
        kept = self.audits[audit.ticket_id]
        kept[[one.id for one in kept].index(audit.id)] = audit

    def store(self, file: File, *, inline: bool = False) -> Stored:
        """Keep a file at an unguessable address."""
        stored = Stored(
            self.next_id(),
            secrets.token_urlsafe(16),
            file.filename,
            file.content_type,
            file.content,
            inline,
        )
        self.files[stored.secret] = stored
        return stored

    def empty(self, file: Stored) -> Stored:
        """What is left of a redacted file: its place, without name and bytes."""
        left = replace(file, filename="redacted.txt", content_type="text/plain", content=b"")
        self.files[file.secret] = left
        return left

    def add_upload(self, files: Iterable[Stored], token: str = "") -> Upload:
        """A new upload, or more files under the token of an old one."""
        before = self.uploads[token].files if token in self.uploads else ()
        name = token if token in self.uploads else secrets.token_urlsafe(16)
        made = Upload(name, (*before, *files), self.clock() + UPLOAD_KEPT)
        self.uploads[name] = made
        return made

    def take_upload(self, token: str) -> tuple[Stored, ...]:
        """The files of a token, which is used up by this. Raises `Refusal` (422)."""
        upload = self.uploads.get(token)
        if upload is None or upload.expires_at <= self.clock():
            raise invalid("base", "Attachment: upload token is not valid")
        del self.uploads[token]
        return upload.files

    def address_of(self, file: Stored) -> str:
        return (
            f"{self.address}/attachments/token/{file.secret}/?{urlencode({'name': file.filename})}"
        )
