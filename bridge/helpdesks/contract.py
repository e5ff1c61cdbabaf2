"""What the flow asks of a helpdesk.

Writes come in two halves, because an intent's body is frozen before the call: `compose_…` gives
the exact JSON that will be sent (a pure function, but for names looked up), `send` sends it.
Every failure is one of the kinds in `bridge.errors`; the adapter never retries and never sleeps.
"""

from __future__ import annotations

from collections.abc import Mapping as Headers
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bridge.model import (
    AgentComment,
    Attachment,
    Comment,
    File,
    Finding,
    Person,
    Ticket,
    Written,
)


@dataclass(frozen=True, slots=True)
class Ping:
    """A genuine event from the helpdesk: only a hint that something changed on a ticket."""

    key: str
    ticket_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Tickets that changed since a cursor, and the next cursor. `more`: ask again at once.
    `states` are how they stand, as far as the helpdesk says it along with that."""

    ticket_ids: tuple[str, ...]
    cursor: str
    more: bool = False
    states: tuple[TicketState, ...] = ()


@dataclass(frozen=True, slots=True)
class Commented:
    """A change of a ticket, and the comment that it was; `comment_id` is "" where it was none."""

    ticket_id: str
    comment_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketState:
    """How a ticket stands: `status` in the helpdesk's words, `gone` when deleted, `merged_into`
    when its conversation goes on elsewhere ("" otherwise). `at` is since when at the latest, None
    where that is not told. `is_merged`: it was merged into another, which may not be named with
    that. `priority` is low, normal, high or urgent, "" where none is set."""

    ticket_id: str
    status: str
    gone: bool = False
    merged_into: str = ""
    at: datetime | None = None
    priority: str = ""
    is_merged: bool = False


@dataclass(frozen=True, slots=True)
class CommentNow:
    """What is left of a comment: who may read it, its words, the names of its files."""

    id: str
    public: bool
    text: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was taken off the helpdesk, and what could not be and why: plain sentences that name
    tickets and comments by number, and nobody."""

    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """How many calls a minute the helpdesk takes from everybody together, and how many of them
    are `left` until `whole_at`, as it last said; `total` 0 where it says nothing. Nothing is
    taken before `closed_until`, no change of a ticket before `updates_closed_until`."""

    total: int = 0
    left: int = 0
    whole_at: datetime | None = None
    closed_until: datetime | None = None
    updates_closed_until: datetime | None = None


class Helpdesk(Protocol):
    name: str
    address: str
    updates_per_window: int
    """How many updates one ticket takes in ten minutes."""
    updates_per_minute: int
    """How many updates all tickets together take in a minute."""

    def budget(self) -> Budget:
        """What is known of its limits by now; makes no call."""
        ...

    def ensure_person(self, person: Person) -> str:
        """The helpdesk's id of this person, made if it is not there. Safe to repeat."""
        ...

    def compose_open(self, ticket: Ticket, comment: Comment, author_id: str) -> str:
        """The frozen body that opens a ticket. Raises `Misconfigured` for an unknown group."""
        ...

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
        """The frozen body that adds one comment (or note), and what changes with it.

        `tags` are added to those the ticket has. `reopen` sets the status to open, `solve` to
        solved.
        """
        ...

    def compose_fields(self, mark: str, fields: tuple[tuple[str, str], ...]) -> str:
        """The frozen body that sets ticket fields and says nothing."""
        ...

    def written_by(self, body: str) -> str:
        """The author that a frozen body names, as `ensure_person` named them; "" for us."""
        ...

    def said_in(self, body: str) -> str:
        """The words of the comment or note in a frozen body, as plain text; "" for none."""
        ...

    def open(self, body: str, key: str) -> Written:
        """Open a ticket with a frozen body. `key` makes it safe to repeat within the helpdesk's
        own time limit."""
        ...

    def update(self, ticket_id: str, body: str, unless: str = "") -> Written:
        """Send a frozen update. Raises `Closed` when the ticket takes no more.

        `unless` is a mark: an earlier try of this update may be there already, or still on its
        way. Then it is only carried out on the ticket as it was when that mark was looked for,
        and `Again` is raised if the ticket has changed since.
        """
        ...

    def find_opened(self, external_id: str, mark: str) -> Written | None:
        """The ticket that an open with this mark made, if it did."""
        ...

    def find_written(self, ticket_id: str, mark: str) -> Written | None:
        """The update with this mark, if it was carried out."""
        ...

    def redact(self, ticket_id: str, comment_id: str, text: str) -> None:
        """Take the words of a deleted post out of a comment. Safe to repeat."""
        ...

    def retitle(self, ticket_id: str, was: str, subject: str) -> None:
        """Another subject, where the ticket still has the one it was opened with. Safe to
        repeat. Raises `Closed` when the ticket takes no more."""
        ...

    def tickets_named(self, external_id: str) -> tuple[str, ...]:
        """Every ticket that was opened for a conversation."""
        ...

    def erase_from_ticket(
        self, ticket_id: str, user_id: str, words: tuple[str, ...], note: str
    ) -> Erased:
        """Black out all that a user said on a ticket, with the files, and `words` wherever else
        they stand; where it is the user's own ticket, `note` says so. Safe to repeat."""
        ...

    def erase_user(self, user_id: str, *, delete: bool) -> Erased:
        """Take a user's name and external id away, or delete the user for good. Safe to repeat."""
        ...

    def upload(self, file: File) -> str:
        """A token to put in a comment's `uploads`."""
        ...

    def download(self, attachment: Attachment, most: int) -> File:
        """At most `most` bytes; our credentials go to the helpdesk's own host and nowhere else."""
        ...

    def comments(
        self, ticket_id: str, taken: frozenset[str] = frozenset()
    ) -> tuple[AgentComment, ...]:
        """Every comment on the ticket, oldest first, with the choice that stood at each. `taken`
        are those that were taken up: what became of them since is of no interest."""
        ...

    def comments_now(self, ticket_id: str) -> tuple[CommentNow, ...]:
        """Every comment on the ticket as it stands now, whatever was done to it since."""
        ...

    def state(self, ticket_id: str) -> TicketState: ...

    def changed_since(self, cursor: str, now: datetime) -> Changed:
        """Tickets with new comments; "" starts a little before `now`."""
        ...

    def comments_since(self, since: datetime) -> tuple[Commented, ...] | None:
        """Every comment of any ticket since an instant, but for the newest, which `changed_since`
        leaves out too. None where it cannot tell them all."""
        ...

    def is_no_agents(self, body: bytes) -> bool:
        """Whether a genuine event tells of nothing but a comment that no agent wrote; pure."""
        ...

    def genuine(self, headers: Headers[str, str], body: bytes) -> Ping:
        """Raises `NotGenuine`."""
        ...

    def told(self, body: bytes) -> TicketState | None:
        """How a ticket stands, where a genuine event is about nothing else; pure."""
        ...

    def examine(self) -> tuple[Finding, ...]: ...
