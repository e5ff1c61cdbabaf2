"""What the pretend helpdesk knows: frozen records, replaced when something changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
Role = Literal["end-user", "agent", "admin"]


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A person in the helpdesk. `fields_json` holds `user_fields` as they were sent."""

    id: int
    name: str
    role: Role = "end-user"
    external_id: str | None = None
    email: str | None = None
    created_at: datetime = LONG_AGO
    updated_at: datetime = LONG_AGO
    fields_json: str = "{}"

    @property
    def is_staff(self) -> bool:
        return self.role != "end-user"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a drop-down: what people read, and the tag it sets."""

    name: str
    tag: str


@dataclass(frozen=True, slots=True)
class Field:
    """A custom ticket field. A `tagger` is a drop-down whose value is also a tag on the ticket."""

    id: int
    type: str
    title: str
    description: str = ""
    choices: tuple[Choice, ...] = ()
    created_at: datetime = LONG_AGO
    agent_description: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was uploaded or attached. `secret` is the unguessable part of its address."""

    id: int
    secret: str
    filename: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """Files waiting to be put on a comment."""

    token: str
    files: tuple[Stored, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, as an event of its audit. `is_private_since`: made private later on."""

    id: int
    author_id: int
    body: str
    html_body: str
    plain_body: str
    public: bool
    attachments: tuple[Stored, ...] = ()
    is_private_since: bool = False


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What happened later to a comment, or to a file on it."""

    id: int
    kind: Literal["CommentRedactionEvent", "AttachmentRedactionEvent", "CommentPrivacyChange"]
    comment_id: int
    attachment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that was set. `kind` is Create on the first audit, Change on the others."""

    id: int
    kind: Literal["Create", "Change"]
    field_name: str
    value: str | tuple[str, ...] | None
    previous: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Via:
    """How an update came in. `rel` with `from_tickets` and `to_ticket` tells of merges."""

    channel: str
    rel: str | None = None
    from_tickets: tuple[int, ...] = ()
    to_ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """One update of one ticket: who (`author_id` is the updater), when, and what happened.

    `custom_json` is the metadata that came with the update.
    """

    id: int
    ticket_id: int
    author_id: int
    created_at: datetime
    via: Via
    events: tuple[Said | Changed | Afterwards, ...]
    custom_json: str = "{}"

    @property
    def comment(self) -> Said | None:
        return next((event for event in self.events if isinstance(event, Said)), None)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. `says_public` is what a comment is when it does not say."""

    id: int
    subject: str
    requester_id: int
    submitter_id: int
    created_at: datetime
    updated_at: datetime
    via: Via
    status: str = "new"
    priority: str | None = None
    type: str | None = None
    group_id: int | None = None
    assignee_id: int | None = None
    external_id: str | None = None
    form_id: int | None = None
    tags: tuple[str, ...] = ()
    fields: tuple[tuple[int, str | None], ...] = ()
    follow_ups: tuple[int, ...] = ()
    follow_up_of: int | None = None
    says_public: bool = True

    def value(self, field_id: int) -> str | None:
        return dict(self.fields).get(field_id)


@dataclass(frozen=True, slots=True)
class Job:
    """Background work; the stand-in does it at once and tells of it afterwards."""

    id: str
    kind: str
    message: str
    total: int


class Refusal(Exception):
    """The helpdesk says no. Becomes an answer with `status` and the usual error JSON."""

    def __init__(
        self,
        status: int,
        error: str,
        description: str = "",
        *,
        details: tuple[tuple[str, str], ...] = (),
        wait: int | None = None,
    ) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.error = error
        self.description = description
        self.details = details
        self.wait = wait


def not_found() -> Refusal:
    return Refusal(404, "RecordNotFound", "Not found")


def invalid(field_name: str, description: str) -> Refusal:
    """422 RecordInvalid, as for a missing comment or a closed ticket."""
    return Refusal(
        422, "RecordInvalid", "Record validation errors", details=((field_name, description),)
    )
