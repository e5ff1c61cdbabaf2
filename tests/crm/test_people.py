"""One customer across networks: merged on proof, undone again, told in the feed."""

from __future__ import annotations

import threading

import pytest

from bridge.crm import feed
from bridge.crm.feed import Asked
from bridge.crm.people import CannotMerge, Proof, merge, undo
from bridge.flow import proving
from bridge.ledger import Ledger, Tx, customers, people, posts
from bridge.ledger.posts import Because
from bridge.model import Kind, Person, Post, Visibility
from bridge.records import CustomerRecord, IdentityRecord, MergeRecord, Resource


def joined(tx: Tx, one: int, other: int) -> int:
    return merge(tx, one, other, proof=Proof.AGENT, evidence="ticket 7", by="Grace")


@pytest.fixture
def four(ledger: Ledger) -> list[int]:
    """Four people, in the order of their numbers."""
    with ledger.writing() as tx:
        return [
            people.remember(tx, Person(network, str(n), f"ada{n}", name))
            for n, (network, name) in enumerate(
                (("mastodon", ""), ("x", "Ada"), ("site", ""), ("x", "Zoe")), start=1
            )
        ]


def whose(ledger: Ledger, ids: list[int]) -> list[int]:
    with ledger.reading() as tx:
        return [customers.customer_of(tx, each) for each in ids]


def test_two_that_cannot_be_one(ledger: Ledger, four: list[int], clock) -> None:
    """Nobody with themselves, with nobody, or with the brand."""
    one = four[0]
    with ledger.writing() as tx:
        brand = people.remember(tx, Person("mastodon", "99", "acme", ""))
        ours = Post(
            "acme", "mastodon", "p1", Kind.POST, Visibility.PUBLIC,
            Person("mastodon", "99", "acme", ""), "hi", clock(), thread_id="p1", by_us=True,
        )  # fmt: skip
        because = Because("", "ours", 1)
        posts.store(tx, ours, person_id=brand, conversation_id=None, because=because)
        for other, code in ((one, "same"), (10_000, "unknown"), (brand, "brand")):
            with pytest.raises(CannotMerge) as refused:
                joined(tx, one, other)
            assert code == refused.value.code
        with pytest.raises(CannotMerge):
            undo(tx, 10_000, by="Grace", because="?")
    assert [one] == whose(ledger, [one])


def test_a_chain_is_one_customer_until_a_link_of_it_is_undone(
    ledger: Ledger, four: list[int]
) -> None:
    """The number is the smallest of those who hang together; each part gets its own again."""
    one, two, three, four_ = four
    with ledger.writing() as tx:
        last = joined(tx, three, four_)
        middle = joined(tx, three, two)
        assert middle == joined(tx, two, three)
        first = joined(tx, one, two)
    assert [one] * 4 == whose(ledger, four)
    with ledger.writing() as tx:
        assert tuple(four) == customers.members(tx, one)
        assert () == customers.members(tx, three)
        assert undo(tx, middle, by="Grace", because="another Ada")
        assert not undo(tx, middle, by="Grace", because="twice")
    assert [one, one, three, three] == whose(ledger, four)
    with ledger.writing() as tx:
        undo(tx, first, by="Grace", because="")
        undo(tx, last, by="Grace", because="")
        assert (two,) == customers.members(tx, two)
        assert customers.was_undone(tx, three, two)
    assert four == whose(ledger, four)


def test_a_third_one_does_not_bring_back_what_was_undone(ledger: Ledger, four: list[int]) -> None:
    """All three are one user at the helpdesk; a person has said that two of them are not one."""
    one, two, three, four_th = four
    with ledger.writing() as tx:
        assert undo(tx, joined(tx, one, two), by="Grace", because="sisters")
        for n in (1, 2):
            known = people.one(tx, four[n - 1])
            assert known is not None
            people.set_helpdesk_id(tx, known, "77")
        proving.at_helpdesk(tx, three, "77")
        assert customers.customer_of(tx, three) == one
        proving.at_helpdesk(tx, four_th, "77")
    assert [one, two, one, one] == whose(ledger, four)
    with ledger.writing() as tx:
        joined(tx, two, four_th)  # a person may say it again
    assert [one] * 4 == whose(ledger, four)


def test_two_merges_at_once_end_as_one_customer(ledger: Ledger, four: list[int]) -> None:
    """The second waits for the first, and sees what it did."""
    one, two, three, _ = four

    def second() -> None:
        with ledger.writing() as tx:
            joined(tx, two, three)

    other = threading.Thread(target=second)
    with ledger.writing() as tx:
        joined(tx, one, two)
        other.start()
        other.join(0.2)
        assert other.is_alive()
    other.join(30)
    assert [one] * 3 == whose(ledger, [one, two, three])


def test_the_feed_tells_who_was_merged_and_who_was_parted(ledger: Ledger, four: list[int]) -> None:
    """The identities, the customers and the merge, and nobody who has nothing to do with it."""
    one, two, *_ = four
    everything = Asked(tuple(Resource))
    begun = feed.read(ledger, everything, str)
    with ledger.writing() as tx:
        number = joined(tx, two, one)
    after = feed.read(ledger, Asked(tuple(Resource), cursor=begun.resume_cursor), str)
    told = {change.record.id: change.record for change in after.changes}
    assert {
        f"identity_{one}", f"identity_{two}", f"customer_{one}", f"customer_{two}",
        f"merge_{number}",
    } == set(told)  # fmt: skip
    both = (f"identity_{one}", f"identity_{two}")
    assert CustomerRecord(f"customer_{one}", "Ada", both) == told[f"customer_{one}"]
    gone = CustomerRecord(f"customer_{two}", merged_into=f"customer_{one}")
    assert gone == told[f"customer_{two}"]
    merged = told[f"merge_{number}"]
    assert isinstance(merged, MergeRecord)
    assert ("agent", "ticket 7", "Grace") == (merged.proof, merged.evidence, merged.by)
    with ledger.writing() as tx:
        undo(tx, number, by="Bob", because="no")
    last = feed.read(ledger, Asked(tuple(Resource), cursor=after.resume_cursor), str)
    told = {change.record.id: change.record for change in last.changes}
    parted = told[f"identity_{two}"]
    assert isinstance(parted, IdentityRecord)
    assert f"customer_{two}" == parted.customer_id
    undone = told[f"merge_{number}"]
    assert isinstance(undone, MergeRecord)
    assert ("Bob", "no", "") == (undone.undone_by, undone.undone_because, undone.customer_id)
    assert not undone.deleted
