"""Revisions of the mapping: numbered without gaps, also when several processes start at once."""

from __future__ import annotations

import threading

from sqlalchemy import select

from bridge.ledger import Ledger, mappings
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
