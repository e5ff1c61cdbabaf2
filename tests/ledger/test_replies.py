"""Replies: every comment of an agent is taken up once, and tried as often as they ask."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from bridge.ledger import Ledger, Tx, replies
from bridge.ledger.replies import Draft
from bridge.model import AgentComment, Attachment, Outcome, Person, Post, Visibility

DESK = "helpdesk:zendesk"
DRAFT = Draft(
    account="acme",
    visibility=Visibility.PRIVATE,
    text="Grüße \N{PARTY POPPER}",
    to=Person("mastodon", "1", "ada@example.social", "Ada", followers=3),
    in_reply_to="p1",
    thread_id="p1",
    language="de",
    attachments=(Attachment("https://desk/a.png", "a.png", "image/png", 12),),
)


def said(comment_id: str = "c1", ticket_id: str = "77") -> AgentComment:
    return AgentComment(
        id=comment_id,
        ticket_id=ticket_id,
        text="hello",
        public=True,
        by_agent=True,
        author_id="9",
        author_name="Ines",
        created_at=datetime(2026, 11, 21, 11, tzinfo=UTC),
    )


def take(tx: Tx, conversation: int, comment: AgentComment, draft: Draft | None = DRAFT):
    return replies.take(
        tx, DESK, comment, conversation, draft=draft, because="it answers", answers=None
    )


def test_a_comment_is_taken_up_once(ledger: Ledger, conversation: int) -> None:
    """However often a ticket is looked at, a comment makes one reply."""
    with ledger.writing() as tx:
        assert take(tx, conversation, said()) is not None
        assert take(tx, conversation, said()) is None
        assert take(tx, conversation, said("c2")) is not None
        assert {"c1", "c2"} == replies.taken_ids(tx, DESK, "77")


def test_a_comment_raced_by_many_is_taken_up_once(ledger: Ledger, conversation: int) -> None:
    """Ping and reconciler may find the same comment at the same instant."""
    start, found = threading.Barrier(6), list[int | None]()

    def race() -> None:
        start.wait(30)
        with ledger.writing() as tx:
            found.append(take(tx, conversation, said()))

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 5 == found.count(None)


def test_a_draft_comes_back_as_it_was_frozen(ledger: Ledger, conversation: int) -> None:
    """Words, addressee and files of a reply survive the ledger unchanged."""
    with ledger.writing() as tx:
        reply_id = take(tx, conversation, said())
        assert reply_id is not None
        taken = replies.one(tx, reply_id)
    assert taken is not None
    assert DRAFT == taken.draft
    assert (1, "") == (taken.attempt, taken.outcome)


def test_another_attempt_starts_afresh(ledger: Ledger, conversation: int) -> None:
    """A retry counts up and forgets the outcome of the try before."""
    with ledger.writing() as tx:
        reply_id = take(tx, conversation, said())
        assert reply_id is not None
        replies.came_to(tx, reply_id, Outcome.REFUSED)
        failed = replies.last_undelivered(tx, conversation)
        assert failed is not None
        assert 2 == replies.next_attempt(tx, failed.id)
        assert replies.last_undelivered(tx, conversation) is None


def test_a_failure_counts_until_another_answer_is_written(
    ledger: Ledger, conversation: int, make: Callable[..., Post]
) -> None:
    """A note is no answer; one of a merged conversation is found by ticket."""
    with ledger.writing() as tx:
        failed = take(tx, conversation, said("c1"))
        assert failed is not None
        replies.came_to(tx, failed, Outcome.UNKNOWN)
        assert take(tx, conversation, said("c2"), draft=None)
        found = replies.last_undelivered(tx, conversation)
        elsewhere = replies.last_undelivered(tx, conversation + 1, "77")
        assert found is not None
        assert failed == found.id
        assert found == elsewhere
        assert replies.last_undelivered(tx, conversation + 1) is None
        assert take(tx, conversation, said("c3"))
        assert replies.last_undelivered(tx, conversation) is None
        assert found == replies.newest(tx, conversation, failed=True)
