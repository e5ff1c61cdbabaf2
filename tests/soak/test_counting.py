"""The count itself: it must see what is lost, doubled, out of order or seen by the wrong people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from soak.counting import (
    AGENT,
    BRIDGE,
    Line,
    Meant,
    Piece,
    Said,
    Seen,
    Sent,
    Ticket,
    Written,
    differences,
)

ADA, BEN = "Ada", "Ben"

MEANT = Meant(
    said=(
        Said("post-0", "thread", "shop", "m0", ADA, private=False),
        Said("post-1", "thread", "shop", "m1", ADA, private=False),
        Said("post-2", "Ben", "town", "s2", BEN, private=True),
        Said("post-3", "thread", "shop", "m5", ADA, private=True),
    ),
    written=(
        Written("answer-0", ""),
        Written("answer-1", "dm"),
        Written("answer-2", ""),
        Written("answer-3", ""),
        Written("answer-4", "public"),
    ),
)


def post(number: int, by: str, *, private: bool = False) -> Line:
    return Line(f"c{number}", by, True, (Piece(f"post-{number}", private),))


def answer(number: int) -> Line:
    return Line(f"a{number}", AGENT, True, answer=f"answer-{number}")


def sent(number: int, above: str, *, private: bool, to: str = ADA, account: str = "shop") -> Sent:
    return Sent(account, f"r{number}", above, private, (to,), (f"answer-{number}",))


NOTICE = Sent("shop", "n1", "m1", False, (ADA,), ())

SEEN = Seen(
    tickets=(
        # In public, then privately (a handover), then below the customer's private answer, and
        # then in public again, because the agent says so.
        Ticket(
            1,
            (
                post(0, ADA),
                answer(0),
                post(1, ADA),
                answer(1),
                post(3, ADA, private=True),
                answer(3),
                answer(4),
            ),
        ),
        Ticket(2, (post(2, BEN, private=True), answer(2))),
    ),
    sent=(
        sent(0, "m0", private=False),
        sent(1, "m1", private=True),
        NOTICE,
        sent(3, "m5", private=True),
        sent(4, "m1", private=False),
        sent(2, "s2", private=True, to=BEN, account="town"),
    ),
)


def lines(number: int, change: Callable[[tuple[Line, ...]], tuple[Line, ...]]) -> Seen:
    """What is there, with the lines of one ticket changed."""
    tickets = tuple(
        replace(one, lines=change(one.lines)) if one.number == number else one
        for one in SEEN.tickets
    )
    return replace(SEEN, tickets=tickets)


def posted(change: Callable[[tuple[Sent, ...]], tuple[Sent, ...]]) -> Seen:
    return replace(SEEN, sent=change(SEEN.sent))


def first(seen: Seen) -> str:
    """The one difference that is told first."""
    found = differences(MEANT, seen)
    assert found, "nothing was noticed"
    return found[0]


WRONG = {
    "a post is lost": (
        lines(2, lambda old: old[1:]),
        "post-2 (Ben) is lost: it is not on a ticket",
    ),
    "a post is doubled": (
        lines(2, lambda old: (old[0], *old)),
        "post-2 (Ben) is 2 times on a ticket",
    ),
    "a post has a ticket too many": (
        replace(SEEN, tickets=(*SEEN.tickets, Ticket(3, (post(2, BEN, private=True),)))),
        "post-2 (Ben) is 2 times on a ticket",
    ),
    "posts are out of order": (
        lines(1, lambda old: (old[2], old[1], old[0], *old[3:])),
        "#1 is out of order: post-1, post-0, post-3",
    ),
    "posts told together are out of order": (
        lines(
            1,
            lambda old: (
                replace(old[0], pieces=(old[2].pieces[0], old[0].pieces[0])),
                old[1],
                *old[3:],
            ),
        ),
        "#1 is out of order: post-1, post-0, post-3",
    ),
    "a post is under another name": (
        lines(2, lambda old: (replace(old[0], by=ADA), old[1])),
        "post-2 on #2 is by Ada, not by Ben",
    ),
    "a private post is called public": (
        lines(2, lambda old: (post(2, BEN), old[1])),
        "post-2 on #2 is called public, not private",
    ),
    "a public post is called private": (
        lines(1, lambda old: (post(0, ADA, private=True), *old[1:])),
        "post-0 on #1 is called private, not public",
    ),
    "a post became an internal note": (
        lines(2, lambda old: (replace(old[0], public=False), old[1])),
        "post-2 on #2 is an internal note",
    ),
    "a post was never said": (
        lines(2, lambda old: (*old, post(9, BEN, private=True))),
        "post-9 is on a ticket, and nobody said it",
    ),
    "two conversations share a ticket": (
        replace(SEEN, tickets=(Ticket(1, (*SEEN.tickets[1].lines, *SEEN.tickets[0].lines)),)),
        "#1 mixes Ben, thread",
    ),
    "a conversation has two tickets": (
        replace(
            lines(1, lambda old: old[2:]),
            tickets=(*lines(1, lambda old: old[2:]).tickets, Ticket(3, SEEN.tickets[0].lines[:2])),
        ),
        "thread is on 2 tickets: 1, 3",
    ),
    "the bridge complains": (
        lines(2, lambda old: (*old, Line("c9", BRIDGE, False))),
        "#2 has a note of the bridge: comment c9",
    ),
    "an answer is gone from its ticket": (
        lines(2, lambda old: old[:1]),
        "answer-2 is lost: it is not written on a ticket",
    ),
    "an answer is lost": (
        posted(lambda old: old[:-1]),
        "answer-2 is lost: it is not on the network",
    ),
    "an answer is doubled": (
        posted(lambda old: (*old, replace(old[-1], id="r9"))),
        "answer-2 is 2 times on the network",
    ),
    "a private answer is public": (
        posted(lambda old: (*old[:-1], replace(old[-1], private=False))),
        "answer-2 is public on the network, not private",
    ),
    "an answer below a private answer is public": (
        posted(lambda old: (*old[:3], replace(old[3], private=False), *old[4:])),
        "answer-3 is public on the network, not private",
    ),
    "a public answer is private": (
        posted(lambda old: (replace(old[0], private=True), *old[1:])),
        "answer-0 is private on the network, not public",
    ),
    "an answer stands below another post": (
        posted(lambda old: (replace(old[0], above="m1"), *old[1:])),
        "answer-0 answers m1 in shop, not post-0",
    ),
    "an answer went to somebody else as well": (
        posted(lambda old: (*old[:-1], replace(old[-1], to=(BEN, ADA)))),
        "answer-2 went to Ben, Ada, not to Ben",
    ),
    "answers went out in another order": (
        posted(lambda old: (old[1], old[2], old[0], *old[3:])),
        "the answers on #1 went out in another order: answer-0, answer-1, answer-3, answer-4",
    ),
    "a customer's words were posted": (
        posted(lambda old: (*old[:-1], replace(old[-1], words=("post-2", "answer-2")))),
        "post-2 was posted by the brand, and no answer says it",
    ),
    "a notice is missing": (
        posted(lambda old: (*old[:2], *old[3:])),
        "the notice about answer-1 is lost: it is not in its thread",
    ),
    "a notice is doubled": (
        posted(lambda old: (*old, replace(NOTICE, id="n2"))),
        "the notice about answer-1 is 2 times in its thread",
    ),
    "a notice is about nothing": (
        posted(lambda old: (*old, replace(NOTICE, id="n2", above="m0"))),
        "a notice below m0 in shop is about nothing",
    ),
    "a notice is private": (
        posted(lambda old: (*old[:2], replace(NOTICE, private=True), *old[3:])),
        "the notice about answer-1 is private",
    ),
    "a notice comes first": (
        posted(lambda old: (old[0], NOTICE, old[1], *old[3:])),
        "the notice about answer-1 came before it",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_noticed(what: str) -> None:
    """One thing is changed in what is otherwise exact, and it is told by name."""
    seen, says = WRONG[what]
    assert says == first(seen)


def test_what_is_exact_is_called_exact() -> None:
    """A handover, its notice, a private thread on a public ticket and #public are all right."""
    assert [] == differences(MEANT, SEEN)


def test_posts_may_be_told_together() -> None:
    """Where the helpdesk takes no more updates, one comment tells several posts."""
    together = lines(
        1,
        lambda old: (
            replace(old[0], pieces=(*old[0].pieces, *old[2].pieces)),
            answer(0),
            *old[3:],
        ),
    )
    answered = posted(lambda old: (replace(old[0], above="m1"), *old[1:]))
    assert [] == differences(MEANT, replace(together, sent=answered.sent))
