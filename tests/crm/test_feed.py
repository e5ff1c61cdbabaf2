"""The feed as a client reads it: pages, instants, cursors, tombstones, and what a page costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from crm_village import ADA, BEN, EVERYTHING, Copy, everything, one_of_everything, said
from sqlalchemy import event

from bridge.crm import feed, schemas
from bridge.crm.feed import CursorExpired
from bridge.ledger import Ledger, changes, crm_tables, people, posts
from bridge.ledger import tables as t
from bridge.ledger.posts import Because
from bridge.model import Person
from bridge.records import Resource


def introduced(ledger: Ledger, *numbers: int) -> None:
    with ledger.writing() as tx:
        for number in numbers:
            people.remember(tx, Person("x", str(number), f"h{number}", ""))


def test_a_page_ends_where_the_next_one_begins(ledger: Ledger) -> None:
    """Ascending, each once; the last page has no next one, but a place to go on from."""
    introduced(ledger, *range(1, 8))
    first = feed.read(ledger, replace(EVERYTHING, limit=5), str)
    assert first.has_more
    assert first.next_cursor == first.resume_cursor
    rest = feed.read(ledger, replace(EVERYTHING, cursor=first.next_cursor, limit=50), str)
    assert ("", False) == (rest.next_cursor, rest.has_more)
    numbers = [change.change_id for change in (*first.changes, *rest.changes)]
    assert list(range(1, 15)) == numbers
    nothing = feed.read(ledger, replace(EVERYTHING, cursor=rest.resume_cursor), str)
    assert ((), rest.resume_cursor) == (nothing.changes, nothing.resume_cursor)
    introduced(ledger, 8)
    more = feed.read(ledger, replace(EVERYTHING, cursor=rest.resume_cursor), str)
    assert {"identity_8", "customer_8"} == {change.record.id for change in more.changes}


def test_a_page_has_no_more_than_the_most(ledger: Ledger) -> None:
    introduced(ledger, *range(1, feed.MOST // 2 + 5))
    assert feed.MOST == len(feed.read(ledger, replace(EVERYTHING, limit=10**9), str).changes)
    assert 1 == len(feed.read(ledger, replace(EVERYTHING, limit=-3), str).changes)


def test_what_changed_twice_is_told_once_with_a_new_number(ledger: Ledger, clock) -> None:
    """Also for a reader in the middle of it: it comes again, later, and nothing else is missed."""
    introduced(ledger, 1, 2, 3)
    copy = Copy(ledger, limit=2)
    copy.pull(1)
    before = dict(copy.rows)
    clock.move(60)
    with ledger.writing() as tx:
        people.remember(tx, Person("x", "1", "h1", "Now with a name"))
        people.remember(tx, Person("x", "3", "h3", "She too"))
    assert 6 == copy.pull()
    assert 6 == len(copy.rows)
    assert copy.rows["identity_1"]["change_id"] > before["identity_1"]["change_id"]
    assert copy.rows["identity_1"]["updated_at"] > before["identity_1"]["updated_at"]
    assert everything(ledger) == copy.rows


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_since_an_instant_nothing_older_is_read(ledger: Ledger, clock) -> None:
    """Counted in SQLite's own steps: its plan looks the same when it reads from the beginning."""
    with ledger.writing() as tx:
        rows = [
            {"kind": "post", "number": n, "seq": n, "at": clock() + timedelta(seconds=n)}
            for n in range(1, 5001)
        ]
        tx.conn.execute(tx.insert(crm_tables.changes), rows)
    wanted = changes.Filter(kinds=("post",), since=clock() + timedelta(seconds=4990))
    steps = count(1)
    with ledger.reading() as tx:
        raw = tx.conn.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(lambda: next(steps) * 0, 10)
        found, has_more = changes.page(tx, wanted, 5)
        raw.set_progress_handler(None, 0)
    assert ([4990, 4991, 4992, 4993, 4994], True) == ([ref.seq for ref in found], has_more)
    assert next(steps) < 500


def test_since_an_instant_is_inclusive_and_loses_to_a_cursor(ledger: Ledger, clock) -> None:
    """Many records share an instant; whoever asks from it gets them all again, page by page."""
    introduced(ledger, 1)
    everything(ledger)
    clock.move(1)
    introduced(ledger, 2, 3, 4)
    everything(ledger)
    since = clock()
    clock.move(1)
    introduced(ledger, 5)
    asked = replace(EVERYTHING, updated_since=since, limit=4)
    first = feed.read(ledger, asked, str)
    both = feed.read(ledger, replace(asked, cursor=first.next_cursor), str)
    told = [change.record.id for change in (*first.changes, *both.changes)]
    assert [f"{kind}_{n}" for n in (2, 3, 4, 5) for kind in ("identity", "customer")] == told
    assert {since} == {change.updated_at for change in (*first.changes, *both.changes)[:6]}
    later = replace(asked, updated_since=since + timedelta(microseconds=1))
    assert 2 == len(feed.read(ledger, later, str).changes)
    whole = feed.read(ledger, replace(EVERYTHING, limit=1), str)
    ignored = replace(asked, updated_since=clock() + timedelta(days=1), cursor=whole.next_cursor)
    assert 4 == len(feed.read(ledger, ignored, str).changes)


def test_time_never_stands_still_in_the_feed(ledger: Ledger, clock) -> None:
    """A clock that stands, or was set back, does not hide what changed from those who ask by
    instant, nor tell two states of a record with the same one."""
    introduced(ledger, 1)
    told = [everything(ledger)["identity_1"]["updated_at"]]
    for seconds in (0, -3600):
        clock.move(seconds)
        with ledger.writing() as tx:
            people.remember(tx, Person("x", "1", f"h{seconds}", "again"))
        told.append(everything(ledger)["identity_1"]["updated_at"])
    assert sorted(set(told)) == told


def test_a_filter_passes_over_the_rest(full: Ledger) -> None:
    """Only what was asked for, and the cursor of its last page is past all the rest."""
    asked = replace(EVERYTHING, resources=(Resource.IDENTITY,), limit=500)
    page = feed.read(full, asked, str)
    assert {Resource.IDENTITY} == {change.resource for change in page.changes}
    whole = feed.read(full, replace(EVERYTHING, limit=500), str)
    assert whole.resume_cursor == page.resume_cursor
    ben = next(c.record.id for c in page.changes if c.record.handle == BEN.handle)
    his = replace(EVERYTHING, people=(int(ben.rpartition("_")[2]),), limit=500)
    told = [change.record for change in feed.read(full, his, str).changes]
    theirs = {"Your number?", "mine too", "We have answered privately."}
    assert theirs == {getattr(each, "text", "") for each in told} - {""}


def test_who_may_read_nothing_is_told_nothing(full: Ledger) -> None:
    """No resource is none of them, not all."""
    assert () == feed.read(full, replace(EVERYTHING, resources=()), str).changes


def test_a_row_is_a_record_again(full: Ledger) -> None:
    """Nothing is lost on the way through JSON."""
    page = feed.read(full, replace(EVERYTHING, limit=500), str)
    assert page.changes
    for change in page.changes:
        assert change == schemas.change_of(schemas.row(change))


# ------------------------------------------------------------------ what is gone


@pytest.fixture
def heard(ledger: Ledger, clock) -> int:
    """Ada's only post."""
    with ledger.writing() as tx:
        ada = people.remember(tx, ADA)
        post = said("s1", "a word", clock())
        because = Because("", "", 1)
        number = posts.store(tx, post, person_id=ada, conversation_id=None, because=because)
        posts.add_revision(tx, number, post, None)
    return number


def test_a_tombstone_keeps_its_instant(ledger: Ledger, clock, heard: int) -> None:
    """Without its words; what happens to its row later says nothing new of when it went."""
    copy = Copy(ledger)
    copy.pull()
    clock.move(60)
    with ledger.writing() as tx:
        posts.gone(tx, heard)
    copy.pull()
    row = copy.rows["post_1"]
    at = schemas.instant(clock())
    assert (True, "platform_delete", at, "") == (
        row["deleted"],
        row["deleted_reason"],
        row["deleted_at"],
        row["text"],
    )
    clock.move(60)
    with ledger.writing() as tx:
        posts.told(tx, heard, "c9")
    copy.pull()
    assert copy.rows["post_1"]["change_id"] > row["change_id"]
    assert at == copy.rows["post_1"]["deleted_at"]


def test_what_was_never_told_has_no_tombstone(ledger: Ledger, heard: int) -> None:
    with ledger.writing() as tx:
        tx.conn.execute(t.revisions.delete())
        tx.conn.execute(t.posts.delete())
    assert {"identity_1", "customer_1"} == everything(ledger).keys()
    assert feed.one(ledger, "post_1", str) is None


def gone_and_forgotten(ledger: Ledger, clock, heard: int) -> str:
    """A cursor from before the post went; its tombstone has been forgotten since."""
    before = feed.read(ledger, EVERYTHING, str).resume_cursor
    with ledger.writing() as tx:
        posts.gone(tx, heard)
    everything(ledger)
    clock.move(timedelta(days=91).total_seconds())
    with ledger.writing() as tx:
        assert 1 == changes.forget_tombstones(tx, clock() - timedelta(days=90))
        assert 0 == changes.forget_tombstones(tx, clock() - timedelta(days=90))
    return before


def test_a_cursor_from_before_a_forgotten_tombstone_has_expired(
    ledger: Ledger, clock, heard: int
) -> None:
    """Its client would keep what is gone. Whoever has read that far goes on."""
    introduced(ledger, 7)
    old = gone_and_forgotten(ledger, clock, heard)
    with pytest.raises(CursorExpired):
        feed.read(ledger, replace(EVERYTHING, cursor=old), str)
    fresh = feed.read(ledger, EVERYTHING, str)
    assert "post_1" not in {change.record.id for change in fresh.changes}
    assert () == feed.read(ledger, replace(EVERYTHING, cursor=fresh.resume_cursor), str).changes


def test_a_client_that_begins_anew_gets_past_what_was_forgotten(
    ledger: Ledger, clock, heard: int
) -> None:
    """Its first pages end before the forgotten tombstones, of which it never had anything. When
    more is forgotten while it is at it, it must begin again."""
    introduced(ledger, *range(2, 6))
    gone_and_forgotten(ledger, clock, heard)
    copy = Copy(ledger, limit=2)
    copy.pull(1)
    copy.pull(1)
    slow = Copy(ledger, limit=2)
    slow.pull(1)
    copy.pull()
    assert everything(ledger) == copy.rows
    with ledger.writing() as tx:
        again = posts.store(
            tx, said("s2", "b", clock()), person_id=1, conversation_id=None,
            because=Because("", "", 1),
        )  # fmt: skip
        posts.add_revision(tx, again, said("s2", "b", clock()), None)
    gone_and_forgotten(ledger, clock, again)
    with pytest.raises(CursorExpired):
        slow.pull()


def test_a_cursor_of_another_feed_has_expired(ledger: Ledger) -> None:
    """Nonsense, one of before a restart, and one of a feed that was further on: never a silent
    start from zero."""
    introduced(ledger, 1, 2)
    mine = feed.read(ledger, EVERYTHING, str).resume_cursor
    with ledger.reading() as tx:
        seen = changes.stands(tx)
    ahead = feed.cursor(seen, seen.last_seq + 1)
    for cursor in ("nonsense", "!", "é", mine[:-3], ahead):
        with pytest.raises(CursorExpired):
            feed.read(ledger, replace(EVERYTHING, cursor=cursor), str)
    assert () == feed.read(ledger, replace(EVERYTHING, cursor=mine), str).changes
    changes.restart(ledger)
    with pytest.raises(CursorExpired):
        feed.read(ledger, replace(EVERYTHING, cursor=mine), str)
    assert 4 == len(feed.read(ledger, EVERYTHING, str).changes)


# ------------------------------------------------------------------ what it costs


@contextmanager
def counted(ledger: Ledger) -> Iterator[list[str]]:
    """The statements that are sent to the database."""
    sent: list[str] = []

    def note(_conn, _cursor, statement, _parameters, _context, _many) -> None:
        sent.append(statement)

    event.listen(ledger.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(ledger.engine, "before_cursor_execute", note)


def test_a_page_costs_as_much_as_it_has_kinds(full: Ledger) -> None:
    """Not as much as it has rows: five times as much was said, and as many statements tell it."""
    feed.read(full, replace(EVERYTHING, limit=1), str)
    with counted(full) as few:
        one = feed.read(full, replace(EVERYTHING, limit=500), str)
    with full.writing() as tx:
        for turn in range(4):
            one_of_everything(tx, f"{turn}:")
    feed.read(full, replace(EVERYTHING, limit=1), str)
    with counted(full) as many:
        all_ = feed.read(full, replace(EVERYTHING, limit=500), str)
    assert len(all_.changes) > 3 * len(one.changes)
    assert len(few) == len(many) < 50


def test_a_reader_does_not_wait_for_a_large_backlog(ledger: Ledger, monkeypatch) -> None:
    """Of what nobody has numbered yet each page numbers a part, and sends its reader on; in the end
    they have all of it, each record once."""
    monkeypatch.setattr(changes, "AT_A_TIME", 6)
    monkeypatch.setattr(feed, "NUMBERED", 6)
    introduced(ledger, *range(1, 11))
    first = feed.read(ledger, replace(EVERYTHING, limit=50), str)
    assert (True, 4) == (first.has_more, len(first.changes))  # two people have put down six rows
    numbers = [each.change_id for each in first.changes]
    page = first
    while page.has_more:
        page = feed.read(ledger, replace(EVERYTHING, cursor=page.next_cursor, limit=50), str)
        numbers += [each.change_id for each in page.changes]
    assert 2 * 10 == len(set(numbers)) == len(numbers)
