"""None is missed: transactions end in another order than they begin, and readers read meanwhile."""

from __future__ import annotations

import threading

import pytest
from crm_village import ADA, BEN, EVERYTHING, Copy, everything, said
from sqlalchemy import select

from bridge.crm import feed
from bridge.ledger import Ledger, changes, people, posts
from bridge.ledger.crm_tables import touched
from bridge.ledger.posts import Because
from bridge.model import Person

only_postgres = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""SQLite has one writer at a time: there is no other order."""


@only_postgres
def test_what_began_first_and_ended_last_is_told(ledger: Ledger) -> None:
    """A touches first and stays open, B commits, a reader reads to the end, A commits: the reader
    goes on from its cursor and gets A's. Who goes by the numbers of the rows does not."""
    copy, naive = Copy(ledger), 0
    with ledger.writing() as slow:
        people.remember(slow, ADA)
        with ledger.writing() as quick:
            people.remember(quick, BEN)
        with ledger.reading() as tx:  # it sees what is put down before it is numbered
            seen = tx.conn.execute(select(touched.c.id).where(touched.c.id > naive)).scalars().all()
            naive = max(seen)
        copy.pull()
        assert ["ben@far.example"] == handles(copy)
    with ledger.reading() as tx:
        left = select(touched.c.id).where(touched.c.id > naive)
        assert [] == tx.conn.execute(left).scalars().all(), "the naive reader would have found A's"
    copy.pull()
    assert ["ada@far.example", "ben@far.example"] == handles(copy)
    assert everything(ledger) == copy.rows


def handles(copy: Copy) -> list[str]:
    return sorted(row["handle"] for row in copy.rows.values() if row["resource"] == "identity")


@only_postgres
def test_a_change_of_a_record_that_was_told_is_not_lost_either(ledger: Ledger, clock) -> None:
    """The open one changes what the other one changed and committed: the reader ends with both."""
    with ledger.writing() as tx:
        ada = people.remember(tx, ADA)
        because = Because("", "", 1)
        post = posts.store(
            tx, said("s1", "one", clock()), person_id=ada, conversation_id=None, because=because
        )
        posts.add_revision(tx, post, said("s1", "one", clock()), None)
    copy = Copy(ledger)
    with ledger.writing() as slow:
        posts.add_revision(slow, post, said("s1", "three", clock(), revision="3"), None)
        with ledger.writing() as quick:
            posts.add_revision(quick, post, said("s1", "two", clock(), revision="2"), None)
        copy.pull()
        assert ("two", 2) == said_in(copy)
    copy.pull()
    assert ("three", 3) == said_in(copy)


def said_in(copy: Copy) -> tuple[str, int]:
    row = copy.rows["post_1"]
    return row["text"], row["revisions"]


def test_many_write_and_many_read(ledger: Ledger) -> None:
    """Whoever numbers, and however many at once: every reader ends with the same, each number is
    given once, and nothing is left to be numbered."""
    writers, each = 3, 12
    copies = [Copy(ledger, limit=2) for _ in range(2)]
    stop = threading.Event()
    failed: list[BaseException] = []

    def write(number: int) -> None:
        for turn in range(each):
            with ledger.writing() as tx:
                person = Person("x", f"{number}.{turn % 5}", f"h{turn}", f"{number} {turn}")
                people.remember(tx, person)

    def read(copy: Copy) -> None:
        while not stop.is_set():
            copy.pull(1)

    def kept(work, *args) -> None:
        try:
            work(*args)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    writing = [threading.Thread(target=kept, args=(write, n)) for n in range(writers)]
    reading = [threading.Thread(target=kept, args=(read, copy)) for copy in copies]
    for thread in (*writing, *reading):
        thread.start()
    for thread in writing:
        thread.join()
    stop.set()
    for thread in reading:
        thread.join()
    assert [] == failed
    for copy in copies:
        copy.pull()
    whole = everything(ledger)
    assert [whole, whole] == [copy.rows for copy in copies]
    assert writers * 5 * 2 == len(whole) == len({row["change_id"] for row in whole.values()})
    with ledger.reading() as tx:
        assert None is tx.conn.execute(select(touched)).first()


def test_a_batch_is_not_the_end(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """More is put down than is numbered at once: all of it is told to the first who asks."""
    monkeypatch.setattr(changes, "AT_A_TIME", 4)
    with ledger.writing() as tx:
        for number in range(9):
            people.remember(tx, Person("x", str(number), "h", "n"))
    page = feed.read(ledger, EVERYTHING, str)
    assert (18, False) == (len(page.changes), page.has_more)
    assert sorted(change.change_id for change in page.changes) == [
        change.change_id for change in page.changes
    ]
