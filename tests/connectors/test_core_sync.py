"""A target is kept up with the feed, whatever goes wrong on the way: a CRM in memory, our feed over
real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from connectors.feed_stand import TOKEN, FeedStand
from connectors.samples import ADA, ADA_THERE, HELLO, TALK

from bridge.cli.crm_following import _rehearse
from bridge.connectors.contract import (
    LeftOut,
    Limits,
    Lookup,
    NotWritten,
    RowResult,
    Written,
    refers_to,
)
from bridge.connectors.feed import FeedClient
from bridge.connectors.following import Stopped
from bridge.connectors.syncing import LetGo, Sync, until_done
from bridge.errors import Again, NeedsSignIn, NobodyKnows, Refused, Unreachable
from bridge.ledger import Ledger, targets
from bridge.ledger.targets import Standing, State
from bridge.records import Change, CustomerRecord, Resource
from bridge.settings import Secret


class Memory:
    """A CRM that keeps what it is given, takes nothing whose parent it has not, and refuses what
    the test names."""

    limits: ClassVar[Limits] = Limits(rows=2)
    takes: ClassVar[frozenset[Resource]] = frozenset(Resource) - {Resource.MERGE}
    load_rows: ClassVar[int] = 100

    def __init__(self) -> None:
        self.rows: dict[str, Change] = {}
        self.asked: list[tuple[str, list[str]]] = []
        self.removed: list[Change] = []
        self.refuses: dict[str, RowResult] = {}
        self.breaks: Callable[[Sequence[Change]], None] = lambda batch: None

    def write(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        return self._taken("write", batch)

    def load(self, batch: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        return self._taken("load", batch)

    def remove(self, gone: Sequence[Change], look: Lookup) -> tuple[RowResult, ...]:
        self.asked.append(("remove", [each.record.id for each in gone]))
        self.removed += gone
        for each in gone:
            self.rows.pop(each.record.id, None)
        return tuple(Written() for _ in gone)

    def _taken(self, how: str, batch: Sequence[Change]) -> tuple[RowResult, ...]:
        self.asked.append((how, [each.record.id for each in batch]))
        assert len({each.resource for each in batch}) == 1
        self.breaks(batch)
        return tuple(self._row(each) for each in batch)

    def _row(self, change: Change) -> RowResult:
        row = change.record.id
        if row in self.refuses:
            return self.refuses[row]
        assert all(parent in self.rows for parent in refers_to(change))
        self.rows[row] = change
        return Written(f"remote-{row}")


@pytest.fixture
def database() -> str:
    """What is asked here is the order of things; the SQL is asked in `test_core_targets`."""
    return "sqlite"


@pytest.fixture
def feed() -> Iterator[FeedStand]:
    stand = FeedStand()
    with stand.running():
        yield stand


@pytest.fixture
def crm() -> Memory:
    return Memory()


@pytest.fixture
def sync(ledger: Ledger, feed: FeedStand, crm: Any, around: Any) -> Sync:
    with ledger.writing() as tx:
        targets.add(tx, "memory", "memory", {})
    return Sync("memory", crm, FeedClient(feed.url, Secret(TOKEN), around, limit=3), ledger)


def done(sync: Sync, *, bulk: bool = False) -> None:
    until_done(sync, lambda _: None, bulk=bulk)


def row(sync: Sync, row_id: str) -> targets.Row:
    with sync.ledger.reading() as tx:
        return targets.known(tx, sync.name, [row_id])[row_id]


def standing(sync: Sync) -> targets.Target:
    with sync.ledger.reading() as tx:
        found = targets.one(tx, sync.name)
    assert found
    return found


def test_rows_come_after_what_they_refer_to_and_the_crm_ends_with_the_feed(sync, feed, crm):
    """The feed is told each record's latest change only: here the customer comes last of all, and
    on another page."""
    other = CustomerRecord("customer_2", merged_into="customer_1")
    feed.tell(other, HELLO, TALK, ADA_THERE, ADA)
    done(sync)
    assert {"customer_1", "customer_2", "identity_1", "conversation_1", "post_1"} == crm.rows.keys()
    assert "remote-post_1" == row(sync, "post_1").remote_id
    assert Standing.FOLLOWING == standing(sync).state
    asked = [row_id for _, ids in crm.asked for row_id in ids]
    assert len(set(asked)) == len(asked)
    done(sync)
    assert len(asked) == sum(len(ids) for _, ids in crm.asked)


def test_a_page_alone_brings_what_its_rows_refer_to(sync, feed, crm):
    """`follow` goes page by page, without what `begin` does."""
    feed.tell(HELLO, TALK, ADA_THERE, ADA)
    sync.feed.limit = 1
    sync.step()
    assert {"customer_1", "identity_1", "conversation_1", "post_1"} == crm.rows.keys()


def test_a_refused_row_is_shown_and_the_others_go_on(sync, feed, crm):
    feed.tell(ADA, ADA_THERE, TALK, HELLO, replace(HELLO, id="post_2"))
    crm.refuses["post_1"] = NotWritten("STRING_TOO_LONG", "Text: data value too large")
    done(sync)
    assert "post_2" in crm.rows
    failed = row(sync, "post_1")
    assert (State.PERSON, "STRING_TOO_LONG", None) == (failed.state, failed.code, failed.due_at)
    done(sync)
    assert 1 == row(sync, "post_1").tries
    crm.refuses.clear()
    with sync.ledger.writing() as tx:
        assert 1 == targets.try_again(tx, "memory")
    done(sync)
    assert State.WRITTEN == row(sync, "post_1").state


def test_a_row_that_failed_for_now_is_tried_again_with_growing_waits(sync, feed, crm, clock):
    feed.tell(ADA)
    crm.refuses["customer_1"] = NotWritten("UNABLE_TO_LOCK_ROW", "locked", again=True)
    done(sync)
    done(sync)
    assert 1 == row(sync, "customer_1").tries
    clock.move(60)
    done(sync)
    assert 2 == row(sync, "customer_1").tries
    assert 120 == (row(sync, "customer_1").due_at - clock()).total_seconds()
    crm.refuses.clear()
    feed.tell(replace(ADA, name="Ada L."))
    done(sync)
    assert "Ada L." == crm.rows["customer_1"].record.name
    assert (State.WRITTEN, 0) == (row(sync, "customer_1").state, row(sync, "customer_1").tries)


def test_what_belongs_to_a_row_that_was_not_taken_waits_for_it(sync, feed, crm, clock):
    feed.tell(ADA, ADA_THERE, TALK, HELLO)
    crm.refuses["identity_1"] = NotWritten("REQUIRED_FIELD_MISSING", "Region__c")
    done(sync)
    assert {"customer_1"} == crm.rows.keys()
    assert "waits" == row(sync, "post_1").code
    crm.refuses.clear()
    with sync.ledger.writing() as tx:
        targets.try_again(tx, "memory", "identity_1")
    done(sync)
    done(sync)
    done(sync)
    assert "post_1" in crm.rows


def test_a_call_that_is_refused_whole_is_looked_through_for_the_one_row(sync, feed, crm):
    feed.tell(*(CustomerRecord(f"customer_{n}") for n in range(1, 5)))

    def breaks(batch: Sequence[Change]) -> None:
        if any(each.record.id == "customer_3" for each in batch):
            raise Refused("JSON_PARSER_ERROR")

    crm.breaks = breaks
    done(sync)
    assert {"customer_1", "customer_2", "customer_4"} == crm.rows.keys()
    assert State.PERSON == row(sync, "customer_3").state


def test_a_dead_sign_in_holds_the_target_until_it_is_mended(sync, feed, crm):
    feed.tell(ADA)

    def breaks(batch: Sequence[Change]) -> None:
        raise NeedsSignIn("the CRM does not accept our sign-in")

    crm.breaks = breaks
    with pytest.raises(NeedsSignIn):
        done(sync)
    held = standing(sync)
    assert (Standing.HELD, "the CRM does not accept our sign-in") == (held.state, held.because)
    assert "" == held.cursor
    crm.breaks = lambda batch: None
    done(sync)
    assert (Standing.FOLLOWING, "") == (standing(sync).state, standing(sync).because)
    assert "customer_1" in crm.rows


def test_a_wait_that_the_crm_asks_for_is_kept_and_nothing_is_skipped(sync, feed, crm, waits):
    feed.tell(*(CustomerRecord(f"customer_{n}") for n in range(1, 8)))
    left = [1]

    def breaks(batch: Sequence[Change]) -> None:
        if len(crm.rows) == 3 and left.pop():
            left.append(0)
            raise Again("slow down", 17)

    crm.breaks = breaks
    done(sync)
    assert 7 == len(crm.rows)
    assert [17.0] == waits.seconds


def test_who_is_killed_between_a_row_and_the_cursor_goes_on_where_they_were(sync, feed, crm):
    feed.tell(*(CustomerRecord(f"customer_{n}") for n in range(1, 4)))

    def breaks(batch: Sequence[Change]) -> None:
        if len(crm.rows) == 2:
            raise KeyboardInterrupt

    crm.breaks = breaks
    with pytest.raises(KeyboardInterrupt):
        done(sync)
    crm.breaks = lambda batch: None
    done(sync)
    assert 3 == len(crm.rows)
    assert [["customer_1", "customer_2"], ["customer_3"], ["customer_3"]] == [
        rows for _, rows in crm.asked
    ]


def test_what_is_gone_is_removed_children_first(sync, feed, crm):
    feed.tell(ADA, ADA_THERE, TALK, HELLO)
    done(sync)
    feed.tell(
        *(type(each)(each.id, deleted=True, deleted_reason="gdpr_erasure") for each in (ADA, HELLO))
    )
    done(sync)
    assert {"identity_1", "conversation_1"} == crm.rows.keys()
    assert [("remove", ["post_1"]), ("remove", ["customer_1"])] == crm.asked[-2:]
    assert (State.REMOVED, "") == (row(sync, "post_1").state, row(sync, "post_1").remote_id)


def test_an_expired_cursor_means_from_the_beginning_and_what_is_forgotten_goes(sync, feed, crm):
    feed.tell(ADA, CustomerRecord("customer_2"))
    done(sync)
    feed.tell(CustomerRecord("customer_2", deleted=True), CustomerRecord("customer_3"))
    feed.forget("customer_2")
    done(sync)
    assert {"customer_1", "customer_3"} == crm.rows.keys()
    assert State.REMOVED == row(sync, "customer_2").state


def test_trouble_of_the_feed_is_waited_out(sync, feed, crm, waits):
    feed.tell(ADA)
    feed.goes_wrong("/changes", 429, headers={"Retry-After": "3"})
    feed.goes_wrong("/changes", 500)
    done(sync)
    assert 3.0 == waits.seconds[0]
    assert "customer_1" in crm.rows


def test_a_token_of_the_feed_that_was_revoked_is_a_persons(sync, feed):
    feed.goes_wrong("/changes", 401)
    with pytest.raises(NeedsSignIn):
        done(sync)
    assert Standing.HELD == standing(sync).state


def test_many_rows_go_by_the_crms_own_way_for_many(sync, feed, crm):
    feed.tell(*(CustomerRecord(f"customer_{n}") for n in range(1, 26)))
    done(sync, bulk=True)
    assert 25 == len(crm.rows)
    assert [("load", 25)] == [(how, len(ids)) for how, ids in crm.asked]


def test_who_is_told_to_end_ends_between_two_batches(sync, feed, crm, ledger):
    feed.tell(*(CustomerRecord(f"customer_{n}") for n in range(1, 4)))

    def told() -> None:
        if crm.rows:
            raise Stopped

    with pytest.raises(Stopped):
        done(Sync("memory", crm, sync.feed, ledger, told))
    assert 2 == len(crm.rows)
    done(sync)
    assert 3 == len(crm.rows)


def test_a_row_at_which_the_crm_breaks_holds_up_no_other(sync, feed, crm):
    feed.tell(ADA, *(CustomerRecord(f"customer_{n}") for n in range(2, 5)))

    def breaks(batch: Sequence[Change]) -> None:
        if any(each.record.id == "customer_2" for each in batch):
            raise NobodyKnows("the CRM answered 500")

    crm.breaks = breaks
    done(sync)
    assert {"customer_1", "customer_3", "customer_4"} == crm.rows.keys()
    broken = row(sync, "customer_2")
    assert (State.AGAIN, "unanswered") == (broken.state, broken.code)


def test_a_crm_that_answers_nothing_is_not_asked_for_every_row(sync, feed, crm):
    feed.tell(*(CustomerRecord(f"customer_{n}") for n in range(1, 60)))
    sync.feed.limit = 100

    def breaks(batch: Sequence[Change]) -> None:
        raise NobodyKnows("the CRM answered 502")

    crm.breaks = breaks
    with pytest.raises(NobodyKnows):
        done(sync)
    assert len(crm.asked) < 30
    crm.breaks = lambda batch: None
    sync.feed.around.wait(60)
    done(sync)
    assert 59 == len(crm.rows)


def test_what_was_written_into_one_crm_does_not_count_for_its_successor(sync, feed, crm, clock):
    """Let go and added anew, while rows are on their way."""
    feed.tell(ADA)

    def breaks(batch: Sequence[Change]) -> None:
        clock.move(1)
        with sync.ledger.writing() as tx:
            targets.drop(tx, "memory")
            targets.add(tx, "memory", "memory", {"url": "https://another.example"})

    crm.breaks = breaks
    with pytest.raises(LetGo):
        done(sync)
    with sync.ledger.reading() as tx:
        assert {} == targets.known(tx, "memory", ["customer_1"])
    assert (Standing.NEW, "") == (standing(sync).state, standing(sync).cursor)


def test_to_begin_anew_waits_for_the_page_that_is_on_its_way(sync, feed, crm, ledger, monkeypatch):
    """`follow` would put its own place over the beginning, and what it had passed stayed out."""
    crm.refuses["customer_2"] = LeftOut("there is no module for it")
    feed.tell(ADA, CustomerRecord("customer_2"))
    done(sync)
    crm.refuses.clear()
    other = threading.Thread(target=Sync("memory", crm, sync.feed, ledger).anew)
    waits, only_one = threading.Event(), ledger.only_one

    def noted(name: str) -> Any:
        if threading.current_thread() is other:
            waits.set()
        return only_one(name)

    def breaks(batch: Sequence[Change]) -> None:
        if other.ident is None:
            other.start()
            other.join(0 if waits.wait(5) else None)

    monkeypatch.setattr(ledger, "only_one", noted)
    crm.breaks = breaks
    feed.tell(replace(ADA, name="Ada L."))
    sync.step()
    other.join()
    assert "" == standing(sync).cursor
    done(sync, bulk=True)
    assert "customer_2" in crm.rows


def test_all_that_is_to_be_tried_again_is_done_at_once(sync, feed, crm):
    feed.tell(*(CustomerRecord(f"customer_{n}") for n in range(1, 302)))
    crm.refuses = {f"customer_{n}": NotWritten("NO", "no") for n in range(1, 302)}
    sync.feed.limit = 500
    done(sync)
    crm.refuses.clear()
    with sync.ledger.writing() as tx:
        assert 301 == targets.try_again(tx, "memory")
    done(sync)
    assert 301 == len(crm.rows)


def test_a_refusal_of_all_quotes_no_customer(sync, feed, crm):
    feed.tell(replace(HELLO, identity_id="", conversation_id=""))

    def breaks(batch: Sequence[Change]) -> None:
        raise Refused("cannot parse: It rattles.")

    crm.breaks = breaks
    done(sync)
    assert "cannot parse: …" == row(sync, "post_1").because


def test_what_failed_and_is_forgotten_goes_as_if_erased(sync, feed, crm):
    """An edit was not taken; then the customer was erased, and the tombstone forgotten."""
    feed.tell(ADA)
    done(sync)
    crm.refuses["customer_1"] = NotWritten("REQUIRED_FIELD_MISSING", "Region__c")
    feed.tell(replace(ADA, name="Ada L."))
    done(sync)
    feed.tell(CustomerRecord("customer_1", deleted=True), CustomerRecord("customer_2"))
    feed.forget("customer_1")
    done(sync)
    assert {"customer_2"} == crm.rows.keys()
    assert ["gdpr_erasure"] == [each.record.deleted_reason for each in crm.removed]


@pytest.mark.parametrize(
    "says", [None, "404 page not found", {"error": "there is nothing at this address"}]
)
def test_a_404_that_is_not_the_apis_own_word_is_no_erasure(sync, feed, crm, clock, says):
    """A proxy answers so for a service that is just being started anew."""
    feed.tell(ADA)
    done(sync)
    crm.refuses["customer_1"] = NotWritten("UNABLE_TO_LOCK_ROW", "locked", again=True)
    feed.tell(replace(ADA, name="Ada L."))
    done(sync)
    crm.refuses.clear()
    clock.move(60)
    feed.goes_wrong("/customers/", 404, says)
    with pytest.raises(Unreachable):
        sync.step()
    assert not crm.removed
    done(sync)
    assert "Ada L." == crm.rows["customer_1"].record.name


def test_a_404_that_is_not_the_apis_own_word_removes_nothing_that_went_untold(sync, feed, crm):
    feed.tell(ADA, CustomerRecord("customer_2"))
    done(sync)
    feed.tell(CustomerRecord("customer_2", deleted=True), CustomerRecord("customer_3"))
    feed.forget("customer_2")
    feed.goes_wrong("/customers/", 404, "404 page not found")
    with pytest.raises(Unreachable):
        sync.step()
    assert "customer_2" in crm.rows
    done(sync)
    assert {"customer_1", "customer_3"} == crm.rows.keys()


def test_a_rehearsal_begins_anew_where_the_cursor_is_too_old(sync, feed, crm, capsys):
    feed.tell(ADA)
    done(sync)
    feed.tell(CustomerRecord("customer_2"))
    feed.forget("customer_2")
    _rehearse(sync)
    told = capsys.readouterr().out
    assert "read from the beginning" in told
    assert "would write 1 customer" in told
    assert "" != standing(sync).cursor
