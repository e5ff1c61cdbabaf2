"""Steps: each asked for once, done in the order they were asked for."""

from __future__ import annotations

from datetime import timedelta

from bridge.ledger import Ledger, Tx, lanes, steps

LANE = "conversation:1"


def waiting(tx: Tx) -> list[tuple[str, str]]:
    return [(step.kind, step.about) for step in steps.waiting(tx, LANE)]


def test_the_same_step_twice_is_one(ledger: Ledger) -> None:
    """A delivery that is understood twice asks for its step once, also after it was done."""
    with ledger.writing() as tx:
        assert steps.add(tx, LANE, "post", "7")
        assert not steps.add(tx, LANE, "post", "7")
        (step,) = steps.waiting(tx, LANE)
        steps.settle(tx, step.id, steps.DONE)
        assert not steps.add(tx, LANE, "post", "7")
        assert [] == waiting(tx)


def test_steps_wait_in_the_order_they_were_asked_for(ledger: Ledger) -> None:
    """First come, first served, and a step that failed stays at the head of its lane."""
    with ledger.writing() as tx:
        for about in ("3", "1", "2"):
            steps.add(tx, LANE, "post", about)
        head = steps.waiting(tx, LANE)[0]
        steps.tried(tx, head.id, "asked to wait")
        assert [("post", "3"), ("post", "1"), ("post", "2")] == waiting(tx)
        (head,) = steps.waiting(tx, LANE, most=1)
        assert (1, "asked to wait") == (head.tries, head.because)


def test_a_look_that_waits_is_enough_and_one_that_has_begun_is_not(ledger: Ledger) -> None:
    """What happened after a look began must be looked at: the next ping gets a look of its own."""
    with ledger.writing() as tx:
        steps.add_unless_waiting(tx, LANE, "look", "77")
        steps.add_unless_waiting(tx, LANE, "look", "77")
        assert [("look", "77:1")] == waiting(tx)
        steps.begin(tx, steps.waiting(tx, LANE)[0].id)
        steps.add_unless_waiting(tx, LANE, "look", "77")
        steps.add_unless_waiting(tx, LANE, "look", "77")
        assert [("look", "77:1"), ("look", "77:2")] == waiting(tx)
        steps.add_unless_waiting(tx, LANE, "look", "7")
        assert ("look", "7:1") == waiting(tx)[-1]


def test_a_step_in_hand_is_still_there_after_a_crash(ledger: Ledger) -> None:
    """Having begun is no end: who takes the lane next does the step."""
    with ledger.writing() as tx:
        steps.add_unless_waiting(tx, LANE, "look", "77")
        steps.begin(tx, steps.waiting(tx, LANE)[0].id)
    with ledger.reading() as tx:
        assert [("look", "77:1")] == waiting(tx)


def test_adding_a_step_wakes_its_lane(ledger: Ledger) -> None:
    """Nobody has to remember to wake the lane, and it bears the account's name."""
    with ledger.writing() as tx:
        steps.add(tx, LANE, "post", "1", account="acme")
        lease = lanes.claim(tx, "a", timedelta(minutes=1))
    assert lease is not None
    assert (LANE, "acme") == (lease.lane, lease.account)


def test_only_what_is_set_aside_is_taken_up_again(ledger: Ledger) -> None:
    """A person brings back a set-aside step, once, with its lane due at once; no other step."""
    with ledger.writing() as tx:
        steps.add(tx, LANE, "post", "1")
        (step,) = steps.waiting(tx, LANE)
        assert steps.again(tx, step.id) is None
        steps.settle(tx, step.id, steps.SET_ASIDE, "the helpdesk says no")
        assert ["the helpdesk says no"] == [each.because for each in steps.set_aside(tx)]
        assert steps.again(tx, step.id) == LANE
        assert steps.again(tx, step.id) is None
        assert [("post", "1")] == waiting(tx)


def test_what_was_dismissed_stays_dismissed(ledger: Ledger) -> None:
    """A dismissed step is neither done nor brought back."""
    with ledger.writing() as tx:
        steps.add(tx, LANE, "post", "1")
        (step,) = steps.waiting(tx, LANE)
        steps.settle(tx, step.id, steps.SET_ASIDE, "no")
        assert steps.dismiss(tx, step.id) == LANE
        assert steps.again(tx, step.id) is None
        assert {steps.DISMISSED: 1} == steps.counts(tx)
