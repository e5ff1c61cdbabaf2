"""A short story, step by step, each step checked against what both sides really hold.

The network is whatever `Customers` is made for: the sandbox, or a server that nobody here wrote.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bridge.sandbox.zendesk import Desk, preset
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


class Customers(Protocol):
    """The network from its customers' side."""

    brand: str
    """How the brand is mentioned, without the @."""

    def says(self, who: str, text: str, *, private: bool = False) -> Seen:
        """Somebody posts; `text` mentions the brand."""
        ...

    def thread(self, post: Seen) -> tuple[Seen, ...]:
        """What the post's author sees in its thread, in order."""
        ...

    def public(self) -> tuple[Seen, ...]:
        """Everything of the brand that a stranger can find."""
        ...

    def unanswerable(self, text: str) -> Seen:
        """A public post to which the network will refuse every answer, at the latest once
        `refuse` was called."""
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
    """Something that had to happen did not, within the story's patience."""


@dataclass
class Stage:
    """Where the story plays. `patience` is how many seconds anything may take."""

    customers: Customers
    desk: Desk
    patience: float = 60.0
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

    def ticket_of(self, words: str) -> Ticket:
        """The ticket that was opened by these words."""

        def look() -> Ticket | None:
            for ticket in self.desk.all_tickets():
                said = self.desk.comments(ticket.id)
                if said and words in said[0].plain_body:
                    return ticket
            return None

        return self.until(f"a ticket saying {words!r}", look)

    def by_brand(self, post: Seen) -> list[Seen]:
        """What the brand wrote in a post's thread, as the post's author sees it."""
        return [one for one in self.customers.thread(post) if one.author == "brand"]


def play(stage: Stage) -> Iterator[Told]:
    """The steps, one at a time: whoever asks for the next one decides what happens in between."""
    for step in (_mention, _public_answer, _handover, _direct_message, _refusal, _nothing_twice):
        began = time.monotonic()
        title, network, helpdesk, checks = step(stage)
        yield Told(title, network, helpdesk, checks, time.monotonic() - began)


Scene = tuple[str, tuple[str, ...], tuple[str, ...], tuple[Check, ...]]


def _mention(stage: Stage) -> Scene:
    words = "my parcel 4711 says delivered, but it is not here."
    post = stage.customers.says("ada", f"@{stage.customers.brand} {words}")
    stage.asked["mention"] = post
    ticket = stage.ticket_of(words)
    first = stage.desk.comments(ticket.id)[0]
    requester = stage.desk.user(ticket.requester_id)
    return (
        "A public mention becomes a ticket",
        (_line("ada", post),),
        (_ticket_line(stage, ticket),),
        (
            Check("one ticket, by the customer", _count(stage, words) == 1),
            Check("in the group that the mapping says", ticket.group_id == preset.GROUP_SOCIAL),
            Check("the author is the requester", first.author_id == requester.id),
            Check("the subject tells what it is about", words[:20] in ticket.subject),
            Check("the permalink leads to the post", _has_link(ticket, post)),
            Check(
                "network and account are in their fields",
                ticket.value(preset.FIELD_NETWORK) == "mastodon"
                and ticket.value(preset.FIELD_ACCOUNT) == "acme",
            ),
        ),
    )


def _public_answer(stage: Stage) -> Scene:
    post = stage.asked["mention"]
    ticket = stage.ticket_of("my parcel 4711")
    words = "Sorry about that, Ada! We have asked the carrier and will tell you here."
    stage.desk.answer(ticket.id, words)
    answer = stage.until(
        "the public answer", lambda: _first(stage.by_brand(post), containing=words)
    )
    ours = stage.by_brand(post)
    return (
        "The agent's public answer appears in the thread",
        (_line("brand", answer),),
        (f"Ines, public reply on #{ticket.id}: {words}",),
        (
            Check("it is in the thread, once", len(ours) == 1),
            Check("everybody can read it", not answer.private),
        ),
    )


def _handover(stage: Stage) -> Scene:
    words = "I was charged twice for order 4712!"
    post = stage.customers.says("chloe", f"@{stage.customers.brand} {words}")
    ticket = stage.ticket_of(words)
    secret = "Please tell us the last four digits of the card you paid with, 0815."  # noqa: S105
    stage.desk.answer(ticket.id, secret, reply_as="private")
    # Servers deliver in any order: both must be there before either is judged.
    ours = stage.until("the message and the notice", lambda: _both(stage.by_brand(post)))
    private = [one for one in ours if one.private]
    public = [one for one in ours if not one.private]
    return (
        "A second public post is answered privately; then the public notice, once",
        tuple(_line("brand", one) for one in ours),
        (
            f"chloe: {words} -> #{ticket.id}",
            f'Ines, on #{ticket.id}, with "Reply as: Private message": {secret}',
        ),
        (
            Check("the direct message arrived, once", len(private) == 1),
            Check("it carries the answer", bool(private) and secret in private[0].text),
            Check("the public notice came once", len(public) == 1),
            Check("first the message, then the notice", ours == [*private, *public]),
            Check(
                "no private word in public",
                all("0815" not in one.text for one in stage.customers.public()),
            ),
        ),
    )


def _direct_message(stage: Stage) -> Scene:
    words = "please change my address to 12 Rose Lane"
    post = stage.customers.says("ada", f"@{stage.customers.brand} {words}", private=True)
    ticket = stage.ticket_of(words)
    answer = "Done: 12 Rose Lane it is."
    stage.desk.answer(ticket.id, answer)
    stage.until("the private answer", lambda: _first(stage.by_brand(post), answer))
    ours = stage.by_brand(post)
    return (
        "A direct message becomes a ticket, and its answer stays private",
        (_line("ada", post), *(_line("brand", one) for one in ours)),
        (_ticket_line(stage, ticket), f"Ines, plain answer on #{ticket.id}: {answer}"),
        (
            Check("a ticket of its own, in its group", ticket.group_id == preset.GROUP_PRIVATE),
            Check("answered once", len(ours) == 1),
            Check("privately", all(one.private for one in ours)),
            Check(
                "nothing of it in public",
                all("Rose Lane" not in one.text for one in stage.customers.public()),
            ),
        ),
    )


def _refusal(stage: Stage) -> Scene:
    words = "are you open on Sunday?"
    post = stage.customers.unanswerable(f"@{stage.customers.brand} {words}")
    ticket = stage.ticket_of(words)
    stage.customers.refuse(post)
    stage.desk.answer(ticket.id, "Yes, from ten to four!")
    note = stage.until("a note on the ticket", lambda: _note(stage, ticket))
    tags = stage.desk.ticket(ticket.id).tags
    return (
        "A reply that the network refuses leaves a plain note on the ticket",
        (_line("somebody", post), "the network refuses the answer"),
        (f"internal note on #{ticket.id}: {note.plain_body.strip()}",),
        (
            Check("nothing was posted", not stage.by_brand(post)),
            Check(
                "the note says what to do",
                "new comment" in note.plain_body or "Answer another" in note.plain_body,
            ),
            Check("the ticket is tagged", "bridge_delivery_failed" in tags),
        ),
    )


def _nothing_twice(stage: Stage) -> Scene:
    """After everything has come to rest: all of it once, and the sum is right."""
    tickets = stage.desk.all_tickets()
    public = stage.customers.public()
    said = [one for ticket in tickets for one in stage.desk.comments(ticket.id) if one.public]
    return (
        "In the end everything is there once",
        (f"{len(public)} public posts by the brand: one answer, one notice",),
        (f"{len(tickets)} tickets with {len(said)} public comments",),
        (
            Check("four posts made four tickets", len(tickets) == 4),
            Check("four posts and four answers stand on them", len(said) == 8),
            Check("two public posts by the brand", len(public) == 2),
        ),
    )


def _first(posts: list[Seen], containing: str) -> Seen | None:
    return next((one for one in posts if containing in one.text), None)


def _both(posts: list[Seen]) -> list[Seen] | None:
    return posts if {one.private for one in posts} == {True, False} else None


def _note(stage: Stage, ticket: Ticket) -> Said | None:
    notes = (one for one in stage.desk.comments(ticket.id) if not one.public)
    return next((one for one in notes if "Nothing was sent" in one.plain_body), None)


def _count(stage: Stage, words: str) -> int:
    return sum(
        words in said.plain_body
        for ticket in stage.desk.all_tickets()
        for said in stage.desk.comments(ticket.id)
    )


def _has_link(ticket: Ticket, post: Seen) -> bool:
    return bool(post.link) and ticket.value(preset.FIELD_PERMALINK) == post.link


def _line(who: str, post: Seen) -> str:
    lock = "direct message" if post.private else "public"
    return f"{who}, {lock}: {post.text}"


def _ticket_line(stage: Stage, ticket: Ticket) -> str:
    group = stage.desk.groups[ticket.group_id].name if ticket.group_id else "no group"
    return f'#{ticket.id} in {group}: "{ticket.subject}" [{", ".join(ticket.tags)}]'
