"""Rows that most tests of the ledger need: somebody who said something, in a conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bridge.ledger import Ledger, Tx, conversations, people, posts
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility

ADA = Person("mastodon", "1", "ada@example.social", "Ada")


@pytest.fixture
def make(clock) -> Callable[..., Post]:
    """A post by Ada, with what the test says otherwise."""
    plain = Post(
        account="acme",
        network="mastodon",
        id="p1",
        kind=Kind.MENTION,
        visibility=Visibility.PUBLIC,
        author=ADA,
        text="hello",
        created_at=clock(),
        thread_id="p1",
    )
    return lambda **how: replace(plain, **how)


@pytest.fixture
def keep() -> Callable[..., int]:
    """Stores a post with its one revision, as intake does; the ledger's id of it."""

    def store(tx: Tx, post: Post, conversation_id: int | None) -> int:
        post_id = posts.store(
            tx,
            post,
            person_id=people.remember(tx, post.author),
            conversation_id=conversation_id,
            because=Because("rule", "because", 1),
        )
        posts.add_revision(tx, post_id, post, None)
        return post_id

    return store


@pytest.fixture
def conversation(ledger: Ledger, clock) -> int:
    """A conversation with Ada on the account acme."""
    with ledger.writing() as tx:
        person = people.remember(tx, ADA)
        return conversations.begin(tx, "acme", person, "thread:p1:by:1", clock())
