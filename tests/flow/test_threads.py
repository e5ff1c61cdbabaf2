"""Which conversation a post belongs to: by the network's ids, never another person's in private."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.flow.threads import of_ours, place
from bridge.ledger import Ledger, Tx, conversations, intents, people, posts
from bridge.ledger.posts import Because
from bridge.ledger.shapes import Draft, draft_to_json
from bridge.mapping import AfterClosing, Per, ThreadPolicy
from bridge.model import Kind, Person, Post, Receipt, Visibility

ADA = Person("mastodon", "1", "ada", "Ada")
BEN = Person("mastodon", "2", "ben", "Ben")
PRIVATE = {"visibility": Visibility.PRIVATE, "kind": Kind.DM}


def policy(per: Per, within: timedelta | None = None) -> ThreadPolicy:
    return ThreadPolicy(per, within, AfterClosing.FOLLOW_UP)


@pytest.fixture
def say(clock) -> Callable[..., Post]:
    def make(post_id: str, **how: object) -> Post:
        plain = Post(
            account="acme",
            network="mastodon",
            id=post_id,
            kind=Kind.MENTION,
            visibility=Visibility.PUBLIC,
            author=ADA,
            text="hello",
            created_at=clock(),
            thread_id=post_id,
        )
        return replace(plain, **how)

    return make


def keep(tx: Tx, post: Post, per: Per = Per.AUTHOR) -> int:
    """Place and store a post as intake does; its conversation."""
    spot = place(tx, post, policy(per))
    person = people.remember(tx, post.author)
    found = (
        spot.conversation.id
        if spot.conversation
        else conversations.begin(tx, post.account, person, spot.key, post.created_at)
    )
    conversations.lead(tx, post.account, spot.key, found)
    threaded = replace(post, thread_id=spot.thread_id)
    post_id = posts.store(
        tx, threaded, person_id=person, conversation_id=found, because=Because("", "", 1)
    )
    posts.add_revision(tx, post_id, threaded, None)
    return found


def answered(tx: Tx, conversation: int, to: Person, sent: str, thread: str = "p1") -> None:
    """We wrote to somebody, and have the receipt."""
    draft = Draft("acme", Visibility.PRIVATE, "hi", to, "p1", thread, "", ())
    intent = intents.intend(
        tx,
        key=sent,
        kind="send",
        far_side="acme",
        conversation_id=conversation,
        body=draft_to_json(draft),
    )
    intents.settle(tx, intent, Receipt(sent))


def test_two_authors_of_a_thread_share_a_ticket_only_if_the_mapping_says_so(
    ledger: Ledger, say: Callable[..., Post]
) -> None:
    """Per author, Ben's answer under Ada's post is a conversation of his own; per thread it is
    Ada's."""
    for per, shared in ((Per.AUTHOR, False), (Per.THREAD, True)):
        with ledger.writing() as tx:
            first = keep(tx, say(f"{per}1"), per)
            answer = say(f"{per}2", author=BEN, parent_id=f"{per}1", thread_id=f"{per}1")
            assert shared == (first == keep(tx, answer, per))


def test_per_person_keeps_what_is_public_apart_from_what_is_private(
    ledger: Ledger, say: Callable[..., Post]
) -> None:
    """One ticket for everything a person says privately, another for what they say publicly."""
    with ledger.writing() as tx:
        public = keep(tx, say("p1"), Per.PERSON)
        private = keep(tx, say("d1", **PRIVATE), Per.PERSON)
        assert public != private
        assert private == keep(tx, say("d2", **PRIVATE), Per.PERSON)
        assert public == keep(tx, say("p2"), Per.PERSON)


def test_a_private_word_never_joins_another_persons_ticket(
    ledger: Ledger, say: Callable[..., Post]
) -> None:
    """Ben answers in Ada's thread, privately: even with one ticket per thread he gets his own."""
    with ledger.writing() as tx:
        adas = keep(tx, say("p1"), Per.THREAD)
        bens = keep(
            tx, say("d1", author=BEN, parent_id="p1", thread_id="p1", **PRIVATE), Per.THREAD
        )
        assert adas != bens


def test_an_answer_to_our_private_message_goes_on_where_that_belongs(
    ledger: Ledger, say: Callable[..., Post]
) -> None:
    """After a handover the customer's private answer finds the public post's ticket; somebody
    else's private answer to the same message does not."""
    with ledger.writing() as tx:
        conversation = keep(tx, say("p1"))
        answered(tx, conversation, ADA, "ours")
        answer = say("d1", parent_id="ours", thread_id="elsewhere", **PRIVATE)
        assert conversation == keep(tx, answer, Per.PERSON)
        other = say("d2", author=BEN, parent_id="ours", thread_id="elsewhere", **PRIVATE)
        assert conversation != keep(tx, other, Per.PERSON)


def test_a_root_that_is_known_wins_over_one_that_is_shown(
    ledger: Ledger, say: Callable[..., Post]
) -> None:
    """Servers show threads incompletely: an answer whose parent is known belongs to its thread,
    whatever root this delivery names."""
    with ledger.writing() as tx:
        first = keep(tx, say("p1"))
        assert first == keep(tx, say("p2", parent_id="p1", thread_id="p2"))
        above = (say("p1"),)
        assert first == keep(tx, say("p4", parent_id="p3", thread_id="p3", history=above))


@pytest.mark.parametrize(("days", "same"), [(13, True), (15, False)])
def test_after_the_window_a_new_conversation_begins(
    ledger: Ledger, say: Callable[..., Post], clock, days: int, same: bool
) -> None:
    """The window counts from the last word; what comes after it gets a ticket of its own."""
    with ledger.writing() as tx:
        first = keep(tx, say("p1"))
        late = say("p2", parent_id="p1", thread_id="p1", created_at=clock() + timedelta(days=days))
        spot = place(tx, late, policy(Per.AUTHOR, timedelta(days=14)))
        assert same == (spot.conversation is not None and spot.conversation.id == first)


def test_our_own_post_belongs_to_what_it_answers(ledger: Ledger, say: Callable[..., Post]) -> None:
    """By its parent, else by the thread above it, else by the thread itself; else to nobody."""
    us = Person("mastodon", "99", "bridge", "Acme")
    with ledger.writing() as tx:
        adas = keep(tx, say("p1"))
        bens = keep(tx, say("p2", author=BEN, parent_id="p1", thread_id="p1"))
        assert adas != bens
        ours = say("o1", author=us, by_us=True, parent_id="p1", thread_id="p1")
        assert (adas, "p1") == of_ours(tx, ours)
        assert bens == of_ours(tx, replace(ours, parent_id="p2"))[0]
        assert adas == of_ours(tx, replace(ours, parent_id="unknown", history=(say("p1"),)))[0]
        assert bens == of_ours(tx, replace(ours, parent_id=""))[0]
        assert of_ours(tx, replace(ours, parent_id="", thread_id="other"))[0] is None
