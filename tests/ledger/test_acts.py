"""What agents asked to be done: kept once, found by the ticket, agreed to once, echoed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.ledger import Ledger, Tx, acts, conversations, people, posts
from bridge.ledger.posts import Because
from bridge.model import Act, AgentComment, Kind, Person, Post, Visibility

DESK = "helpdesk:zendesk"
ADA = Person("mastodon", "1", "ada@example.social", "Ada")
NOTE = AgentComment(
    id="c1",
    ticket_id="77",
    text="#hide spam",
    public=False,
    by_agent=True,
    author_id="9",
    author_name="Ines",
    created_at=datetime(2026, 11, 21, 11, tzinfo=UTC),
)


def heard(tx: Tx, conversation: int, network_id: str = "p1") -> int:
    post = Post(
        account="acme",
        network="mastodon",
        id=network_id,
        kind=Kind.MENTION,
        visibility=Visibility.PUBLIC,
        author=ADA,
        text="hello",
        created_at=tx.now,
        thread_id=network_id,
    )
    person = people.remember(tx, ADA)
    because = Because("", "", 0)
    return posts.store(tx, post, person_id=person, conversation_id=conversation, because=because)


def asked(tx: Tx, conversation: int, **how: object) -> acts.Asked | None:
    comment = how.pop("comment", NOTE)
    about = {"act": Act.HIDE, "reason": "spam", "state": acts.OPEN, **how}
    post_id = about.pop("post_id", None) or heard(tx, conversation)
    return acts.ask(tx, DESK, comment, conversation_id=conversation, post_id=post_id, **about)


def test_a_note_asks_once(ledger: Ledger, conversation: int) -> None:
    with ledger.writing() as tx:
        first = asked(tx, conversation)
        assert first is not None
        assert (first.number, first.asked_by, first.reason) == (f"a{first.id}", "Ines", "spam")
        assert asked(tx, conversation, post_id=first.post_id) is None


def test_acts_are_found_by_their_ticket_newest_first(ledger: Ledger, conversation: int) -> None:
    with ledger.writing() as tx:
        conversations.point(tx, conversation, DESK, "77")
        first = asked(tx, conversation)
        assert first is not None
        second = asked(
            tx,
            conversation,
            post_id=first.post_id,
            comment=replace(NOTE, id="c2"),
            act=Act.DELETE,
            state=acts.HELD,
        )
        assert second is not None
        assert acts.of_ticket(tx, DESK, "77") == (second, first)
        assert acts.of_ticket(tx, DESK, "78") == ()
        assert acts.find(tx, DESK, "77", first.id) == first
        assert acts.find(tx, DESK, "78", first.id) is None
        assert acts.newest_held(tx, DESK, "77") == second
        assert acts.is_on_ticket(tx, DESK, "77", conversation)
        assert not acts.is_on_ticket(tx, DESK, "78", conversation)


def test_an_act_is_agreed_to_once(ledger: Ledger, conversation: int) -> None:
    tom = replace(NOTE, id="c9", author_id="10", author_name="Tom")
    with ledger.writing() as tx:
        held = asked(tx, conversation, act=Act.DELETE, state=acts.HELD)
        assert held is not None
        assert held.needs_second
        assert acts.approve(tx, held.id, tom)
        assert not acts.approve(tx, held.id, tom)
        agreed = acts.one(tx, held.id)
        assert (agreed.state, agreed.approved_by, agreed.needs_second) == (acts.OPEN, "Tom", False)


@pytest.mark.parametrize(
    ("act", "state", "minutes", "echo"),
    [
        (Act.HIDE, acts.DONE, 1, True),
        (Act.HIDE, acts.UNKNOWN, -1, True),
        (Act.HIDE, acts.REFUSED, 1, False),
        (Act.HIDE, acts.DONE, 60, False),
        (Act.UNHIDE, acts.DONE, 1, False),
    ],
)
def test_an_echo_is_soon_and_of_the_same_kind(
    ledger: Ledger, conversation: int, act: Act, state: str, minutes: int, echo: bool
) -> None:
    with ledger.writing() as tx:
        made = asked(tx, conversation, act=act)
        assert made is not None
        acts.settle(tx, made.id, state)
        at = tx.now + timedelta(minutes=minutes)
        assert acts.take_echo(tx, made.post_id, Act.HIDE, at) is echo
        assert acts.take_echo(tx, made.post_id, Act.HIDE, at) is echo
        assert not acts.take_echo(tx, made.post_id, Act.HIDE, at + timedelta(seconds=5))


def test_why_it_was_refused_is_a_sentence_and_what_to_add(
    ledger: Ledger, conversation: int
) -> None:
    with ledger.writing() as tx:
        made = asked(tx, conversation, state=acts.REFUSED, because=acts.why("act_refused", "a: b"))
        assert made is not None
        assert made.refusal == ("act_refused", "a: b")
        assert acts.counts(tx) == {acts.REFUSED: 1}
