"""Where the story is played: the network from its customers' side, the helpdesk, and what is
counted. The network is whatever `Customers` is made for: a stand-in, or a server that nobody here
wrote."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bridge.sandbox.zendesk import Desk
from bridge.sandbox.zendesk.desk import ReplyAs
from bridge.sandbox.zendesk.records import Said, Ticket

T = TypeVar("T")
LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Seen:
    """A post as somebody sees it on the network. `author` is "brand", or the customer's name."""

    id: str
    author: str
    private: bool
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a network has, and what the story expects there because of it.

    `public`: something can be said in public, and `linked`: it comes with its address.
    `own_notice`: the network itself shows beneath a post that it was answered privately, so no
    line of ours may come. `hint` stands in our line. `warned` is what a ticket says beforehand of
    a post that cannot be answered, "" where nobody can know. `not_sent` and `to_do` stand in the
    note about a refused reply.
    """

    network: str
    public: bool = True
    linked: bool = True
    own_notice: bool = False
    hint: str = ""
    warned: str = ""
    not_sent: str = "Nothing was sent to the customer"
    to_do: str = "send it as a new comment"


class Customers(Protocol):
    """The network from its customers' side. They are ada, chloe and dora."""

    def says(
        self, who: str, text: str, *, private: bool = False, answering: Seen | None = None
    ) -> Seen:
        """Somebody writes to the brand, with whatever the network needs for that (a mention, say).
        `answering` is a private message of the brand."""
        ...

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        """What the post's author sees in its thread, and in private since, in order."""
        ...

    def public(self) -> tuple[Seen, ...]:
        """Everything that the brand has said since the beginning and a stranger can find."""
        ...

    def own_notice(self, post: Seen) -> str:
        """What the network itself shows beneath a post about a private answer, "" for nothing."""
        ...

    def unanswerable(self, text: str) -> Seen:
        """A post to which every answer is refused, at the latest once `refuse` was called: in
        public where anything is."""
        ...

    def refuse(self, post: Seen) -> None:
        """From here on answers to that post are refused."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    says: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One step: what happened on both sides, what was checked, how long it took (seconds)."""

    title: str
    network: tuple[str, ...]
    helpdesk: tuple[str, ...]
    checks: tuple[Check, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


class NotSeen(Exception):
    """Something did not happen in time; the message says what was waited for."""


@dataclass(slots=True)
class Tally:
    """What was done so far: what customers wrote, what agents answered, and what must come of it:
    so many tickets, so many public lines by the brand."""

    posts: int = 0
    answers: int = 0
    tickets: int = 0
    in_public: int = 0


@dataclass(slots=True)
class Stage:
    """Both sides. `patience` is how many seconds anything may take; `asked` are the posts that
    later steps come back to."""

    customers: Customers
    desk: Desk
    expected: Expected
    patience: float = 60.0
    tally: Tally = field(default_factory=Tally)
    asked: dict[str, Seen] = field(default_factory=dict)

    def until(self, what: str, look: Callable[[], T | None]) -> T:
        """Look again and again until there is something. Raises `NotSeen`."""
        pause = threading.Event()
        for _ in range(int(self.patience / LOOK_EVERY)):
            found = look()
            if found is not None:
                return found
            pause.wait(LOOK_EVERY)
        raise NotSeen(f"{what}: not seen within {self.patience:.0f} seconds")

    # ---------------------------------------------------------------- doing

    def says(self, who: str, words: str, *, private: bool = False) -> tuple[Seen, Ticket]:
        """Somebody writes, and it becomes a ticket."""
        post = self.customers.says(who, words, private=private)
        return post, self.opened(words)

    def opened(self, words: str) -> Ticket:
        """The ticket of what somebody has just written."""
        ticket = self.ticket_of(words)
        self.tally.posts += 1
        self.tally.tickets += 1
        return ticket

    def answers(self, ticket: Ticket, words: str, reply_as: ReplyAs | None = None) -> None:
        self.tally.answers += 1
        self.desk.answer(ticket.id, words, reply_as=reply_as)

    # ---------------------------------------------------------------- looking

    def ticket_of(self, words: str) -> Ticket:
        """The ticket that was opened by these words."""

        def look() -> Ticket | None:
            for ticket in self.desk.all_tickets():
                said = self.desk.comments(ticket.id)
                if said and words in said[0].plain_body:
                    return ticket
            return None

        return self.until(f"a ticket saying {words!r}", look)

    def comment(self, words: str) -> tuple[Ticket, Said]:
        """The first comment with these words, on whichever ticket."""

        def look() -> tuple[Ticket, Said] | None:
            for ticket in self.desk.all_tickets():
                for said in self.desk.comments(ticket.id):
                    if words in said.plain_body:
                        return ticket, said
            return None

        return self.until(f"a comment saying {words!r}", look)

    def note(self, ticket: Ticket, words: str) -> Said:
        """The internal note with these words."""

        def look() -> Said | None:
            notes = (one for one in self.desk.comments(ticket.id) if not one.public)
            return next((one for one in notes if words in one.plain_body), None)

        return self.until(f"a note saying {words!r}", look)

    def by_brand(self, post: Seen) -> list[Seen]:
        """What the brand wrote in a post's thread, as the post's author sees it."""
        return [one for one in self.customers.thread(post) if one.author == "brand"]

    def times(self, words: str) -> int:
        """How often these words stand on tickets."""
        return sum(
            words in said.plain_body
            for ticket in self.desk.all_tickets()
            for said in self.desk.comments(ticket.id)
        )

    def in_public(self, words: str) -> bool:
        """Whether the brand has said them where everybody can read them."""
        return any(words in one.text for one in self.customers.public())
