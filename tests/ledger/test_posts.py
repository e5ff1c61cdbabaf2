"""Posts and conversations: each post once, each version once, each found again by its ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bridge.ledger import Ledger, conversations, people, posts
from bridge.ledger.posts import Because
from bridge.mapping.model import Route
from bridge.model import Kind, Media, Person, Post, Removal, Visibility

Make = Callable[..., Post]
Keep = Callable[..., int]


def test_a_version_is_kept_once(ledger: Ledger, conversation: int, make: Make, keep: Keep) -> None:
    """The same version again is None; another one is kept beside it."""
    with ledger.writing() as tx:
        post_id = keep(tx, make(), conversation)
        assert posts.add_revision(tx, post_id, make(), None) is None
        assert posts.add_revision(tx, post_id, make(revision="2026-01-02"), None) is not None


def test_the_newest_version_goes_by_its_name_not_by_its_arrival(
    ledger: Ledger, conversation: int, make: Make, keep: Keep
) -> None:
    """An older edit that arrives late does not become what the post says now."""
    with ledger.writing() as tx:
        post_id = keep(tx, make(), conversation)
        newer = posts.add_revision(tx, post_id, make(revision="2026-03", text="third"), None)
        older = posts.add_revision(tx, post_id, make(revision="2026-02", text="second"), None)
        assert newer is not None
        assert older is not None
        assert "third" == posts.newest_revision(tx, post_id).text
        before = posts.revision_before(tx, newer), posts.revision_before(tx, older)
        assert ["second", "hello"] == [each.text for each in before if each]
        assert ("hello", "third", "second") == posts.texts(tx, post_id)


def test_a_post_comes_back_as_it_was_kept(
    ledger: Ledger, conversation: int, make: Make, keep: Keep
) -> None:
    """Everything about a post survives the ledger, the thread above it as well."""
    above = make(id="p0", text="before")
    post = make(
        text="«Où est\nmon colis?» \N{SLIGHTLY SMILING FACE}",
        media=(Media("https://x/1.png", "image/png", "1.png", "a parcel", 12),),
        history=(above,),
        language="fr-CH",
    )
    with ledger.writing() as tx:
        post_id = keep(tx, post, conversation)
        assert post == posts.newest_revision(tx, post_id)


def test_a_removal_before_its_post_is_remembered(ledger: Ledger, clock) -> None:
    """The post, should it still come, is known to be gone."""
    removal = Removal("acme", "p9", clock(), "deleted")
    with ledger.writing() as tx:
        posts.store_removed(tx, removal)
        posts.store_removed(tx, removal)
        known = posts.find(tx, "acme", "p9")
    assert known is not None
    assert (posts.GONE, None) == (known.state, known.conversation_id)


def test_why_a_post_went_where_it_went_is_kept(
    ledger: Ledger, conversation: int, make: Make
) -> None:
    """Rule, reason and the whole route come back."""
    route = Route("vip", "many followers", "Social", "high", tags=("a", "b"), fields=(("x", "y"),))
    with ledger.writing() as tx:
        person = people.remember(tx, make().author)
        post_id = posts.store(
            tx,
            make(),
            person_id=person,
            conversation_id=conversation,
            because=Because("vip", "many followers", 3, route),
        )
        known = posts.one(tx, post_id)
    assert ("vip", "many followers", route) == (known.rule, known.because, known.route)


def test_posts_are_found_by_the_comments_they_stand_in(
    ledger: Ledger, conversation: int, make: Make, keep: Keep
) -> None:
    """Several posts in one comment come oldest first, of whatever conversation they are."""
    with ledger.writing() as tx:
        other = conversations.begin(tx, "acme", people.remember(tx, make().author), "k2", tx.now)
        first = keep(tx, make(id="a"), conversation)
        second = keep(tx, make(id="b"), other)
        keep(tx, make(id="c"), conversation)
        posts.told(tx, second, "c1")
        posts.told(tx, first, "c1")
        found = posts.by_comments(tx, ("c1", *(f"none {n}" for n in range(1200))))
    assert {"c1": [first, second]} == {c: [p.id for p in each] for c, each in found.items()}


def test_the_window_counts_from_what_others_said_in_private(
    ledger: Ledger, conversation: int, make: Make, keep: Keep, clock
) -> None:
    """Public posts and our own do not open a reply window."""
    private = {"visibility": Visibility.PRIVATE}
    with ledger.writing() as tx:
        assert posts.last_private_at(tx, conversation) is None
        keep(tx, make(id="a"), conversation)
        assert posts.last_private_at(tx, conversation) is None
        keep(tx, make(id="b", **private), conversation)
        later = clock() + timedelta(hours=1)
        keep(tx, make(id="c", by_us=True, created_at=later, **private), conversation)
        assert clock() == posts.last_private_at(tx, conversation)


def test_newer_private_posts_take_no_public_ones_place_in_looking_again(
    ledger: Ledger, conversation: int, make: Make, keep: Keep, clock
) -> None:
    """Where private ones can be looked at as well, the newest count, whatever they are."""
    since = clock()
    private = {"visibility": Visibility.PRIVATE, "kind": Kind.DM}
    with ledger.writing() as tx:
        for number, how in enumerate([{}, {}, private, private]):
            at = since + timedelta(minutes=number)
            keep(tx, make(**{"id": f"p{number}", **how, "created_at": at}), conversation)
        first = [
            posts.to_reread(tx, "acme", since, most, public_first=True) for most in (1, 2, 3, 9)
        ]
        newest = posts.to_reread(tx, "acme", since, 3, public_first=False)
    assert [("p1",), ("p1", "p0"), ("p1", "p0", "p3"), ("p1", "p0", "p3", "p2")] == first
    assert ("p3", "p2", "p1") == newest


def test_a_person_is_one_row_and_shown_as_last_seen(ledger: Ledger, make: Make) -> None:
    """A new name does not make a new person, nor forget who they are at the helpdesk."""
    ada = make().author
    with ledger.writing() as tx:
        first = people.remember(tx, ada)
        people.set_helpdesk_id(tx, ada, "500")
        assert first == people.remember(tx, replace(ada, name="Countess", handle="lovelace"))
        assert "500" == people.helpdesk_id(tx, ada)
        assert "" == people.helpdesk_id(tx, Person("x", ada.id, "ada", "Ada"))


def test_a_key_leads_to_the_conversation_that_began_last(
    ledger: Ledger, conversation: int, make: Make
) -> None:
    """After a reopen window has closed, the thread's key leads to the new conversation."""
    with ledger.writing() as tx:
        person = people.remember(tx, make().author)
        found = conversations.by_key(tx, "acme", "thread:p1:by:1")
        assert found is not None
        assert conversation == found.id
        newer = conversations.begin(tx, "acme", person, "thread:p1:by:1", tx.now)
        again = conversations.by_key(tx, "acme", "thread:p1:by:1")
        assert again is not None
        assert newer == again.id
        assert conversations.by_key(tx, "other", "thread:p1:by:1") is None


def test_every_ticket_of_a_conversation_leads_back_to_it(ledger: Ledger, conversation: int) -> None:
    """A ping about the ticket before the follow-up still finds its conversation."""
    desk = "helpdesk:zendesk"
    with ledger.writing() as tx:
        for ticket in ("77", "78", "77"):
            conversations.point(tx, conversation, desk, ticket)
        assert [conversation] * 2 == [conversations.by_ticket(tx, desk, t) for t in ("77", "78")]
        assert conversations.by_ticket(tx, desk, "79") is None
        assert "77" == conversations.one(tx, conversation).ticket_id


def test_an_older_word_does_not_turn_the_time_back(
    ledger: Ledger, conversation: int, clock
) -> None:
    """Deliveries out of order leave the latest word the latest."""
    with ledger.writing() as tx:
        conversations.heard(tx, conversation, clock() + timedelta(hours=2))
        conversations.heard(tx, conversation, clock() + timedelta(hours=1))
        assert clock() + timedelta(hours=2) == conversations.one(tx, conversation).last_word_at
