"""The ledger is compared with both sides, and what does not fit is told."""

from __future__ import annotations

from bridge.ledger import Ledger, deliveries, people, posts, steps
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility
from soak.agreeing import disagreements, is_at_rest
from soak.counting import Line, Meant, Piece, Said, Seen, Sent, Ticket, Written

MEANT = Meant((Said("post-0", "thread", "shop", "m0", "Ada", private=True),), ())
SEEN = Seen((Ticket(1, (Line("c0", "Ada", True, (Piece("post-0", True),)),)),), ())


def know(ledger: Ledger, visibility: Visibility, comment_id: str) -> None:
    ada = Person("site", "shop/1", "ada", "Ada")
    post = Post(
        account="shop",
        network="site",
        id="m0",
        kind=Kind.DM,
        visibility=visibility,
        author=ada,
        text="post-0",
        created_at=ledger.clock(),
        thread_id="m0",
    )
    with ledger.writing() as tx:
        post_id = posts.store(
            tx,
            post,
            person_id=people.remember(tx, ada),
            conversation_id=None,
            because=Because("", "", 0),
        )
        posts.told(tx, post_id, comment_id)


def test_an_empty_ledger_disagrees(ledger: Ledger) -> None:
    """It knows neither the post nor the reply, and has no receipt."""
    sent = Sent("shop", "r0", "m0", True, ("Ada",), ("answer-0",))
    meant = Meant(MEANT.said, (Written("answer-0", ""),))
    assert [
        "the ledger knows 0 posts, and there were 1",
        "the ledger knows 0 replies, and there were 1",
        "the ledger does not know post-0",
        "the ledger has no receipt for r0 in shop",
    ] == disagreements(ledger, meant, Seen(SEEN.tickets, (sent,)))


def test_a_ledger_that_says_the_same_agrees(ledger: Ledger) -> None:
    """The same post, as visible, on the same comment."""
    know(ledger, Visibility.PRIVATE, "c0")
    assert [] == disagreements(ledger, MEANT, SEEN)


def test_a_post_that_the_ledger_sees_otherwise_is_told(ledger: Ledger) -> None:
    """Another visibility, another comment."""
    know(ledger, Visibility.PUBLIC, "c7")
    assert [
        "the ledger calls post-0 public",
        "the ledger says that post-0 is comment c7",
    ] == disagreements(ledger, MEANT, SEEN)


def test_what_is_left_to_do_is_told(ledger: Ledger) -> None:
    """A step, or a delivery, that waits: the ledger is not at rest."""
    assert is_at_rest(ledger)
    with ledger.writing() as tx:
        steps.add(tx, "conversation:1", "post", "1")
    assert not is_at_rest(ledger)
    with ledger.writing() as tx:
        steps.settle(tx, 1, steps.DONE)
    assert is_at_rest(ledger)
    with ledger.writing() as tx:
        deliveries.receive(tx, source="shop", key="1", via="webhook", body=b"")
    assert not is_at_rest(ledger)
    assert ["the ledger has 1 deliveries that are waiting"] == disagreements(
        ledger, Meant((), ()), Seen((), ())
    )


def test_what_was_set_aside_is_shown_with_its_reason(ledger: Ledger) -> None:
    """Whoever reads the report can see what it was."""
    with ledger.writing() as tx:
        steps.add(tx, "conversation:1", "post", "1")
        steps.settle(tx, 1, steps.SET_ASIDE, "the helpdesk said no")
        delivery = deliveries.receive(tx, source="shop", key="1", via="webhook", body=b"")
        assert delivery is not None
        deliveries.settle(tx, delivery, deliveries.SET_ASIDE, "not JSON")
    assert [
        "the ledger has 1 deliveries that are set_aside",
        "the ledger has 1 steps that are set_aside",
        "step 1 (post) is set aside: the helpdesk said no",
        f"delivery {delivery} is set aside: not JSON",
    ] == disagreements(ledger, Meant((), ()), Seen((), ()))
