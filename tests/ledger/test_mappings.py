"""Revisions of the mapping: numbered without gaps, also when several processes start at once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from bridge.ledger import Ledger, mappings
from bridge.ledger.mappings import Origin, Overtaken
from bridge.ledger.tables import mapping_revisions


def publish(ledger: Ledger, digest: str, author: str = "") -> int:
    with ledger.writing() as tx:
        return mappings.publish(tx, digest, f"text of {digest}", author=author)


def test_the_same_mapping_keeps_its_number(ledger: Ledger) -> None:
    """A restart publishes nothing new; a change gets the next number, also a change back."""
    assert [1, 1, 2, 3] == [publish(ledger, digest) for digest in ("a", "a", "b", "a")]
    with ledger.reading() as tx:
        assert 3 == mappings.latest_number(tx)


def test_an_empty_ledger_has_no_revision(ledger: Ledger) -> None:
    """Before the first mapping the number is 0."""
    with ledger.reading() as tx:
        assert 0 == mappings.latest_number(tx)


def test_processes_that_start_at_once_agree(ledger: Ledger) -> None:
    """Eight publish the same file at the same instant: one revision, one number for all."""
    start, numbers = threading.Barrier(8), list[int]()

    def race() -> None:
        start.wait(30)
        numbers.append(publish(ledger, "a"))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [1] * 8 == numbers


def test_two_different_mappings_at_once_keep_both_and_their_authors(ledger: Ledger) -> None:
    """Who comes second gets the next number, and is still named as its author."""
    start = threading.Barrier(6)

    def race(name: str) -> None:
        start.wait(30)
        publish(ledger, name, author=name)

    threads = [threading.Thread(target=race, args=(f"by {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with ledger.reading() as tx:
        rows = tx.conn.execute(select(mapping_revisions).order_by(mapping_revisions.c.number)).all()
    assert list(range(1, 7)) == [row.number for row in rows]
    assert all(row.digest == row.author for row in rows)


FILES = (("10-accounts.yaml", "accounts: {}\n"), ("20-rules.yaml", "rules: []  # Grüße\n"))


def by_hand(ledger: Ledger, digest: str, *, base: int | None, author: str = "Ada") -> int:
    with ledger.writing() as tx:
        return mappings.publish(
            tx,
            digest,
            f"text of {digest}",
            files=FILES,
            origin=Origin.CONSOLE,
            author=author,
            comment="for the sale",
            base=base,
        )


def test_a_revision_keeps_its_files_its_author_and_its_reason(ledger: Ledger) -> None:
    """All that is needed to show it, and to go back to it."""
    publish(ledger, "a")
    assert 2 == by_hand(ledger, "b", base=1)
    with ledger.reading() as tx:
        live = mappings.latest(tx)
        assert live == mappings.one(tx, 2)
        assert mappings.one(tx, 3) is None
    assert live is not None
    assert (FILES, Origin.CONSOLE, "Ada", "for the sale") == (
        live.files,
        live.origin,
        live.author,
        live.comment,
    )


def test_nobody_overwrites_what_they_have_not_seen(ledger: Ledger) -> None:
    """Two began from revision 1: the second is refused, and told who published what since."""
    publish(ledger, "a")
    assert 2 == by_hand(ledger, "b", base=1, author="Ada")
    with pytest.raises(Overtaken, match="2 by Ada") as raised:
        by_hand(ledger, "c", base=1, author="Bob")
    assert [2] == [each.number for each in raised.value.since]
    assert 3 == by_hand(ledger, "c", base=2, author="Bob")
    with ledger.reading() as tx:
        assert [3, 2] == [each.number for each in mappings.since(tx, 1)]
        assert [2, 1] == [each.number for each in mappings.before(tx, 3, 10)]


def test_who_publishes_what_is_live_already_is_told_its_number(ledger: Ledger) -> None:
    """Whatever they began from: there is nothing to overwrite."""
    publish(ledger, "a")
    by_hand(ledger, "b", base=1)
    assert 2 == by_hand(ledger, "b", base=1)


def test_one_of_two_at_the_same_instant_is_refused(ledger: Ledger) -> None:
    """Six admins press the button at once, all upon revision 1: one gets in."""
    publish(ledger, "a")
    start, told = threading.Barrier(6), list[str]()

    def race(name: str) -> None:
        start.wait(30)
        try:
            told.append(str(by_hand(ledger, name, base=1, author=name)))
        except Overtaken:
            told.append("refused")

    threads = [threading.Thread(target=race, args=(f"admin {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ["2", *["refused"] * 5] == sorted(told)


def test_it_is_known_whether_a_person_has_published(ledger: Ledger) -> None:
    """From then on, files decide only where they have seen it."""
    publish(ledger, "a")
    with ledger.reading() as tx:
        assert not mappings.is_managed(tx)
    by_hand(ledger, "b", base=1)
    publish(ledger, "c")
    with ledger.reading() as tx:
        assert mappings.is_managed(tx)
        assert mappings.is_managed(tx, 1)
        assert not mappings.is_managed(tx, 2)
        assert mappings.has_digest(tx, "a")
        assert not mappings.has_digest(tx, "z")


def test_a_revision_of_an_older_release_is_given_its_files(ledger: Ledger) -> None:
    """It kept one text alone. A start with the same files adds them, and no revision."""
    publish(ledger, "a")
    with ledger.writing() as tx:
        assert 1 == mappings.publish(tx, "a", "text of a", files=FILES)
        live = mappings.latest(tx)
    assert live is not None
    assert FILES == live.files


def test_every_admin_has_one_draft(ledger: Ledger, clock) -> None:
    """It says what it began from; publishing or throwing it away ends it."""
    with ledger.writing() as tx:
        mappings.keep_draft(tx, "Ada", FILES, 1)
        mappings.keep_draft(tx, "Bob", FILES[:1], 1)
    clock.move(60)
    with ledger.writing() as tx:
        mappings.keep_draft(tx, "Ada", FILES[1:], 2)
        assert ["Ada", "Bob"] == [each.admin for each in mappings.drafts(tx)]
        kept = mappings.draft(tx, "Ada")
        assert kept is not None
        assert (FILES[1:], 2, clock()) == (kept.files, kept.base, kept.changed_at)
        mappings.drop_draft(tx, "Ada")
        assert mappings.draft(tx, "Ada") is None


def test_a_number_that_no_revision_can_have_is_none(ledger: Ledger) -> None:
    with ledger.reading() as tx:
        assert mappings.one(tx, mappings.MOST) is None
        assert mappings.one(tx, mappings.MOST + 1) is None
