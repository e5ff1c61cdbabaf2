"""What the website holds: customers, their messages, and the replies that came back, once each."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from bridge.model import Clock
from bridge.sandbox.faults import Faults
from bridge.sandbox.site.courier import Courier
from bridge.settings import Secret

BRAND = "brand"
LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    handle: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on the website, by the number in its address."""

    id: str
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `author` is a customer's id, or `BRAND` for an answer. `to` is the customer
    whom a private answer is for, `webhook_id` the delivery that brought it."""

    id: str
    thread_id: str
    parent_id: str
    author: str
    private: bool
    text: str
    at: datetime
    subject: str = ""
    edited_at: datetime | None = None
    deleted: bool = False
    to: str = ""
    webhook_id: str = ""
    uploads: tuple[Upload, ...] = ()


class _To(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.String(required=True)


class _File(Schema):
    filename = fields.String(required=True, validate=validate.Length(min=1))
    content_type = fields.String(required=True)
    description = fields.String(required=True)
    content_base64 = fields.String(required=True)


class _Reply(Schema):
    """What a reply must look like; the stand-in is strict, so that a slip of ours is seen."""

    id = fields.String(required=True, validate=validate.Length(min=1))
    thread_id = fields.String(required=True)
    in_reply_to = fields.String(required=True)
    visibility = fields.String(required=True, validate=validate.OneOf(("public", "private")))
    text = fields.String(required=True, validate=validate.Length(max=LONGEST))
    to = fields.Nested(_To, required=True)
    language = fields.String(required=True)
    files = fields.List(fields.Nested(_File), required=True)


class NoSuchMessage(Exception):
    """What is answered, changed or deleted is not there (any more)."""


@dataclass
class Website:
    """Safe to use from several threads. `url` is where it can be seen, once it is open."""

    clock: Clock
    customers: tuple[Customer, ...]
    reply_secrets: tuple[Secret, ...]
    courier: Courier
    faults: Faults
    url: str = ""
    _messages: dict[str, Message] = field(default_factory=dict)
    _seen: dict[str, Message] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    _guard: threading.RLock = field(default_factory=threading.RLock)

    def opens(self, url: str, hook: str) -> None:
        """From now on it is at `url`, and what is written on it goes to the bridge at `hook`."""
        self.url = url
        self.courier.aim(hook)

    def customer(self, customer_id: str) -> Customer | None:
        return next((one for one in self.customers if one.id == customer_id), None)

    def messages(self) -> tuple[Message, ...]:
        """Everything, oldest first, deleted ones as well."""
        with self._guard:
            return tuple(self._messages.values())

    def replies(self) -> tuple[Message, ...]:
        """The brand's answers, oldest first."""
        return tuple(one for one in self.messages() if one.author == BRAND)

    def may_read(self, reader: str, message: Message) -> bool:
        """Private messages are for their author and for whom they answer."""
        return not message.private or reader in (message.author, message.to)

    def upload(self, number: str) -> Upload | None:
        return next((up for one in self.messages() for up in one.uploads if up.id == number), None)

    # ---------------------------------------------------------------- the customer

    def write(
        self,
        author: str,
        text: str,
        *,
        private: bool = False,
        parent: str = "",
        subject: str = "",
        uploads: tuple[Upload, ...] = (),
    ) -> Message:
        """Raises `NoSuchMessage` when the parent is gone or not the author's to see."""
        with self._guard:
            above = self._there(parent) if parent else None
            if above and not self.may_read(author, above):
                raise NoSuchMessage(parent)
            own_id = self._next_id()
            message = Message(
                id=own_id,
                thread_id=above.thread_id if above else own_id,
                parent_id=parent,
                author=author,
                private=private,
                text=text,
                at=self.clock(),
                subject=subject,
                uploads=uploads,
            )
            self._messages[own_id] = message
            self.courier.post("message.created", message.at, self._told(message))
        return message

    def edit(self, message_id: str, text: str) -> Message:
        with self._guard:
            changed = replace(self._there(message_id), text=text, edited_at=self.clock())
            self._messages[message_id] = changed
            self.courier.post("message.edited", self.clock(), self._told(changed))
        return changed

    def delete(self, message_id: str) -> None:
        with self._guard:
            self._messages[message_id] = replace(self._there(message_id), deleted=True, text="")
            data = {"id": message_id, "reason": "deleted by its author"}
            self.courier.post("message.deleted", self.clock(), data)

    def _told(self, message: Message) -> dict[str, Any]:
        author = self.customer(message.author) or Customer(message.author, message.author, "")
        return {
            "id": message.id,
            "thread_id": message.thread_id,
            "parent_id": message.parent_id,
            "visibility": "private" if message.private else "public",
            "author": {
                "id": author.id,
                "name": author.name,
                "handle": author.handle,
                "language": author.language,
            },
            "text": message.text,
            "subject": message.subject,
            "language": author.language,
            "url": f"{self.url}/m/{message.id}" if self.url else "",
            "created_at": message.at.isoformat(),
            "media": [
                {
                    "url": f"{self.url}/files/{one.id}",
                    "content_type": one.content_type,
                    "filename": one.filename,
                }
                for one in message.uploads
                if self.url
            ],
        }

    # ---------------------------------------------------------------- the answers

    def take_reply(self, webhook_id: str, data: Any) -> Message:
        """Put an answer on the website; the same webhook again is the same answer.

        Raises `ValidationError` for a reply that is not as promised, `NoSuchMessage` for an
        answer to something that is gone.
        """
        given = _Reply().load(data)
        with self._guard:
            known = self._seen.get(webhook_id)
            if known:
                return known
            if given["in_reply_to"]:
                self._there(given["in_reply_to"])
            if self.customer(given["to"]["id"]) is None:
                raise ValidationError("nobody of this id is a customer here", "to")
            message = Message(
                id=self._next_id(),
                thread_id=given["thread_id"],
                parent_id=given["in_reply_to"],
                author=BRAND,
                private=given["visibility"] == "private",
                text=given["text"],
                at=self.clock(),
                to=given["to"]["id"],
                webhook_id=webhook_id,
                uploads=tuple(self._uploaded(one) for one in given["files"]),
            )
            self._messages[message.id] = self._seen[webhook_id] = message
        return message

    def _uploaded(self, file: dict[str, Any]) -> Upload:
        try:
            content = base64.b64decode(file["content_base64"], validate=True)
        except ValueError as odd:
            raise ValidationError("is not base64", "files") from odd
        return self.new_upload(file["filename"], file["content_type"], content)

    def new_upload(self, filename: str, content_type: str, content: bytes) -> Upload:
        with self._guard:
            return Upload(self._next_id(), filename, content_type, content)

    def _there(self, message_id: str) -> Message:
        message = self._messages.get(message_id)
        if message is None or message.deleted:
            raise NoSuchMessage(message_id)
        return message

    def _next_id(self) -> str:
        return f"m{next(self._ids)}"


def new_website(
    clock: Clock, secret: Secret, reply_secret: Secret, *, retry_seconds: float = 0.5
) -> Website:
    """`secret` signs what the website sends, `reply_secret` what it receives. Ada and Ben write
    English, Chloé French, Dirk German."""
    faults = Faults()
    return Website(
        clock=clock,
        customers=(
            Customer("1001", "Ada Lovelace", "ada"),
            Customer("1002", "Ben Okri", "ben"),
            Customer("1003", "Chloé Durand", "chloe", "fr"),
            Customer("1004", "Dirk Vogel", "dirk", "de"),
        ),
        reply_secrets=(reply_secret,),
        courier=Courier(clock, (secret,), faults, retry_seconds=retry_seconds),
        faults=faults,
    )


def parsed(body: bytes) -> tuple[str, Any]:
    """The type and data of a webhook. Raises `ValidationError`."""
    try:
        given = json.loads(body)
        return str(given["type"]), given["data"]
    except (ValueError, TypeError, KeyError, RecursionError) as odd:
        raise ValidationError("the body must be JSON with type and data") from odd
