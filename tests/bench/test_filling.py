"""A ledger that was filled by SQL is one that the service can read and go on with."""

from __future__ import annotations

from bench.filling import fill
from bench.story import DESK, SHOP
from bench.tongue import FIRST_TICKET, POSTS
from bridge.crm import feed
from bridge.crm.feed import Asked
from bridge.ledger import Ledger, browsing, changes, conversations, deliveries, posts, touching
from bridge.records import Resource

MANY = 30


def test_what_was_filled_can_be_read(ledger: Ledger) -> None:
    """A conversation with all its parts, by its thread and by its ticket; nothing waits."""
    fill(ledger, MANY)
    with ledger.reading() as tx:
        assert MANY == conversations.by_ticket(tx, DESK, str(FIRST_TICKET + MANY))
        whole = browsing.whole(tx, MANY)
        assert whole is not None
        assert (POSTS, 1, 4, 5) == tuple(
            map(len, (whole.posts, whole.replies, whole.calls, whole.steps))
        )
        first = whole.posts[0]
        assert MANY == posts.newest_in_thread(tx, SHOP, first.network_id)
        assert {"done": 4 * MANY} == deliveries.counts(tx)


def test_the_feed_is_what_numbering_would_have_made(ledger: Ledger) -> None:
    """Everything put down and numbered anew is what was filled: none missing, none too many."""
    fill(ledger, MANY)
    asked = Asked(tuple(Resource), limit=feed.MOST)
    before = feed.read(ledger, asked, str)
    with ledger.writing() as tx:
        touching.backlog(tx.conn)
    changes.catch_up(ledger)
    after = feed.read(ledger, asked, str)
    assert {each.record.id for each in after.changes} == {each.record.id for each in before.changes}


def test_what_comes_next_has_the_next_number(ledger: Ledger) -> None:
    """Sequences and triggers are as they were."""
    fill(ledger, MANY)
    with ledger.writing() as tx:
        new = deliveries.receive(tx, source=SHOP, key="new", via="webhook", body=b"{}")
        posts.gone(tx, 1)
    assert 4 * MANY + 1 == new
    assert changes.catch_up(ledger) > 0
