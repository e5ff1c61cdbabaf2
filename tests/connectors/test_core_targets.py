"""What the ledger remembers of targets, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bridge.ledger import Ledger, targets
from bridge.ledger.targets import Became, Standing, State, Target


def test_rows_and_targets_are_remembered(ledger: Ledger, clock: Any) -> None:
    later = clock() + timedelta(minutes=1)
    with ledger.writing() as tx:
        assert targets.add(tx, "acme", "salesforce", {"url": "https://x.example"})
        assert not targets.add(tx, "acme", "zoho", {})
        targets.add(tx, "other", "zoho", {})
        targets.put_down(
            tx,
            "acme",
            [
                Became("post_1", 1, State.WRITTEN, "a1"),
                Became("post_2", 2, State.AGAIN, "", "LOCKED", "busy", later),
                Became("post_3", 3, State.PERSON, "", "TOO_LONG", "no"),
                Became("post_4", 4, State.AGAIN, "", "waits", "for customer_1", later),
            ],
        )
        targets.put_down(tx, "other", [Became("post_2", 2, State.WRITTEN, "z2")])
        assert () == targets.due(tx, "acme")
    clock.move(60)
    with ledger.writing() as tx:
        assert ["post_2", "post_4"] == [row.object_id for row in targets.due(tx, "acme")]
        # A failure of a row that is there keeps its id over there, and counts its tries.
        for _ in range(2):
            targets.put_down(tx, "acme", [Became("post_1", 5, State.AGAIN, due_at=later)])
        row = targets.known(tx, "acme", ["post_1"])["post_1"]
        assert ("a1", 2, 5) == (row.remote_id, row.tries, row.change_id)
        targets.put_down(tx, "acme", [Became("post_1", 6, State.REMOVED)])
        row = targets.known(tx, "acme", ["post_1"])["post_1"]
        assert ("", 0, None) == (row.remote_id, row.tries, row.due_at)
        failed = targets.rows(tx, "acme", (State.AGAIN, State.PERSON), most=2, after="post_2")
        assert ["post_3", "post_4"] == [each.object_id for each in failed]
        counts = targets.counts(tx, "acme")
        assert (2, 1, 0) == (counts[State.AGAIN], counts[State.PERSON], counts[State.WRITTEN])
        assert (0, 0) == targets.progress(tx, 7)
        (target, _) = targets.every(tx)
    assert target == Target(
        "acme",
        "salesforce",
        {"url": "https://x.example"},
        "",
        Standing.NEW,
        "",
        clock() - timedelta(minutes=1),
        None,
    )


def test_what_is_tried_again_is_due_and_nothing_else(ledger: Ledger, clock: Any) -> None:
    later = clock() + timedelta(hours=1)
    with ledger.writing() as tx:
        targets.add(tx, "acme", "salesforce", {})
        rows = [
            Became("post_1", 1, State.WRITTEN, "a1"),
            Became("post_2", 2, State.PERSON),
            Became("post_3", 3, State.AGAIN, code="waits", due_at=later),
            Became("post_4", 4, State.AGAIN, code="LOCKED", due_at=later),
        ]
        targets.put_down(tx, "acme", rows)
        assert 1 == targets.wake(tx, "acme", "waits")
        assert ["post_3"] == [row.object_id for row in targets.due(tx, "acme")]
        assert 1 == targets.try_again(tx, "acme", "post_1")
        assert 0 == targets.try_again(tx, "acme", "post_9")
        assert 4 == targets.try_again(tx, "acme")
        targets.put_down(tx, "acme", rows)
        targets.advance(tx, "acme", "c7")
        targets.restart(tx, "acme")
        known = targets.known(tx, "acme", ["post_1", "post_2"])
        assert (State.UNSEEN, State.PERSON) == (known["post_1"].state, known["post_2"].state)
        assert {0} == {row.change_id for row in known.values()}
        assert "" == targets.one(tx, "acme").cursor
        targets.drop(tx, "acme")
        assert (None, {}) == (targets.one(tx, "acme"), targets.known(tx, "acme", ["post_1"]))


def test_what_is_asked_for_is_marked_and_the_mark_taken_back(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        targets.add(tx, "hub", "hubspot", {})
        targets.put_down(tx, "hub", [Became("post_1", 1, State.WRITTEN, "t/1:m1")])
        for row in ("post_1", "post_2"):
            targets.mark(tx, "hub", row, "t/2:!")
        known = targets.known(tx, "hub", ["post_1", "post_2"])
        assert (State.WRITTEN, "t/2:!") == (known["post_1"].state, known["post_1"].remote_id)
        assert (State.AGAIN, "asked") == (known["post_2"].state, known["post_2"].code)
        assert ["post_2"] == [each.object_id for each in targets.due(tx, "hub")]
        targets.unmark(tx, "hub", "post_1", "t/1:m1")
        targets.unmark(tx, "hub", "post_2", None)
        (left,) = targets.known(tx, "hub", ["post_1", "post_2"]).values()
        assert "t/1:m1" == left.remote_id
        targets.put_down(tx, "hub", [Became("post_1", 2, State.REMOVED, "in-the-bin")])
        targets.restart(tx, "hub")
        assert State.REMOVED == targets.known(tx, "hub", ["post_1"])["post_1"].state
