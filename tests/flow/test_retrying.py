"""#retry sends what the agent means, and nothing that a later reply has taken the place of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.flow import queues
from bridge.ledger import browsing, lanes, replies
from bridge.ledger.conversations import lane_of
from bridge.model import Outcome

STATUSES = "/api/v1/statuses"
STILL_DEAD = "still does not accept our sign-in"
NOTHING = "No reply on this ticket waits"
OVERTAKEN = "written after the one that failed (r1)"


def trail(world: Any) -> set[str]:
    with world.bridge.ledger.reading() as tx:
        whole = browsing.whole(tx, 1)
    assert whole is not None
    return {each.because for each in whole.trail}


def refused(world: Any, text: str) -> None:
    world.town_faults.add("refuse_replies", times=1)
    world.answer(text)


def test_what_a_later_reply_took_the_place_of_is_not_dug_up(world: Any) -> None:
    """Of two agents who write #retry, the second finds the first one's on its way, or there."""
    world.ask("ada", "@bridge first")
    refused(world, "stale")
    world.answer("anew")
    refused(world, "third")
    world.desk.answer(world.ticket().id, "#retry", public=False)
    world.answer("#retry", public=False)
    world.answer("#retry", public=False)
    assert ["anew", "third"] == world.sent()
    assert 1 == world.noted(OVERTAKEN)
    world.answer("#retry r1", public=False)
    assert ["anew", "third", "stale"] == world.sent()


def test_what_came_to_nothing_does_not_stay_on_a_solved_ticket(world: Any) -> None:
    """Whoever solved it with #retry thinks that the reply which failed has gone out."""
    world.ask("ada", "@bridge first")
    refused(world, "stale")
    world.answer("anew")
    world.clock.move(5)
    ticket = world.ticket()
    world.desk.answer(ticket.id, "#retry", public=False)
    world.desk.solve(ticket.id)
    world.ping(ticket)
    assert 1 == world.noted(OVERTAKEN)
    assert "open" == world.ticket().status


def test_the_one_that_is_named_is_sent_and_no_other(world: Any) -> None:
    world.ask("ada", "@bridge first")
    refused(world, "one")
    refused(world, "two")
    world.answer("#retry r1", public=False)
    assert ["one"] == world.sent()
    world.answer("#retry r1", public=False)
    assert 1 == world.noted(f"{NOTHING} to be sent to Mastodon again (r1)")
    world.answer("#retry r99", public=False)
    world.answer("#retry a2", public=False)
    world.answer("#retry 2", public=False)
    assert ["one"] == world.sent()
    assert 4 == world.noted(NOTHING)
    world.answer("#retry", public=False)
    assert ["one", "two"] == world.sent()


def test_another_tickets_reply_is_not_sent(world: Any) -> None:
    world.ask("ada", "@bridge first")
    refused(world, "one")
    world.ask("chloe", "@bridge hi")
    _, other = world.tickets()
    world.answer("#retry r1", other, public=False)
    assert [] == world.sent()
    assert NOTHING in world.notes(other)[-1]


def test_a_note_is_no_reply_that_waits(world: Any) -> None:
    """Its number is one of the same row of numbers."""
    world.ask("ada", "@bridge first")
    world.answer("one")
    world.answer("#retry", public=False)
    world.answer("#retry r2", public=False)
    assert 2 == world.noted(NOTHING)


def test_the_one_that_is_named_keeps_its_place(world: Any) -> None:
    """It stands at the head of its lane, and what was answered later stays behind it."""
    world.ask("ada", "@bridge first")
    world.posting_fails("401")
    world.answer("one")
    world.answer("two")
    world.answer("#retry r1", public=False)
    assert 1 == world.noted(STILL_DEAD)
    world.answer("#retry r2", public=False)
    assert 1 == world.noted("has not gone out to Mastodon yet (")
    world.town_faults.clear()
    world.later(700)
    assert ["one", "two"] == world.sent()


def test_a_held_reply_that_is_named_is_decided_by_other_words(world: Any) -> None:
    world.ask("ada", "@bridge first")
    refused(world, "one")
    with world.bridge.ledger.writing() as tx:
        replies.came_to(tx, 1, Outcome.HELD)
    world.answer("#retry r1", public=False)
    assert "held back (r1), and #retry cannot send it" in world.notes()[-1]
    assert [] == world.sent()


# ------------------------------------------------------------------ an admin, in the console


def decide(world: Any, way: Any, *who: str) -> bool:
    """What a click does, and everything that is due then."""
    with world.bridge.ledger.writing() as tx:
        done: bool = way(tx, *who)
    world.settle()
    return done


def retried(world: Any, reply_id: int) -> bool:
    return decide(world, lambda tx: queues.retry(tx, reply_id, "an admin"))


def withdrawn(world: Any, reply_id: int) -> bool:
    return decide(world, lambda tx: queues.withdraw(tx, reply_id, "an admin", "ada"))


def test_tried_again_by_an_admin_it_keeps_its_place(world: Any) -> None:
    """It waits for a sign-in at the head of its lane: queued anew, it would go out behind what was
    answered later."""
    world.ask("ada", "@bridge first")
    world.posting_fails("401")
    world.answer("one")
    world.answer("two")
    world.town_faults.clear()
    assert retried(world, 1)
    assert ["one", "two"] == world.sent()
    assert "an admin" in trail(world)
    assert not retried(world, 1)
    assert "delivered" == world.ticket().value(world.delivery_field)


def test_tried_again_by_an_admin_a_refused_one_goes_out(world: Any) -> None:
    world.ask("ada", "@bridge first")
    refused(world, "one")
    assert retried(world, 1)
    assert ["one"] == world.sent()


@pytest.mark.parametrize("waits_for", ["a sign-in", "a word", "nothing"])
def test_withdrawn_by_an_admin_the_ticket_says_so(world: Any, waits_for: str) -> None:
    """Nobody would answer the customer: the ticket said that it goes out by itself."""
    world.ask("ada", "@bridge first")
    if waits_for == "a sign-in":
        world.posting_fails("401")
        world.answer("one")
    else:
        refused(world, "one")
    if waits_for == "a word":
        with world.bridge.ledger.writing() as tx:
            replies.came_to(tx, 1, Outcome.HELD)
    world.desk.solve(world.ticket().id)
    world.town_faults.clear()
    assert withdrawn(world, 1)
    assert "administrator has withdrawn this answer (r1). Nothing was sent" in world.notes()[-1]
    assert "withdrawn" == world.ticket().value(world.delivery_field)
    assert "open" == world.ticket().status
    world.later(700)
    assert [] == world.sent()
    assert not withdrawn(world, 1)


def test_withdrawn_by_an_admin_what_may_have_arrived_is_not_said_to_be_unsent(world: Any) -> None:
    world.ask("ada", "@bridge first")
    world.town_faults.add("500", method="POST", path=STATUSES, times=None)
    world.answer("one")
    for _ in range(12):
        world.later(320)
    assert "unknown" == world.ticket().value(world.delivery_field)
    assert withdrawn(world, 1)
    assert "administrator has withdrawn this answer (r1)" in world.notes()[-1]
    assert "may or may not have been posted" in world.notes()[-1]
    assert 0 == world.noted("Nothing was sent")
    assert "unknown" == world.ticket().value(world.delivery_field)


def test_what_is_being_sent_cannot_be_withdrawn(world: Any) -> None:
    """Its worker would put down that it was delivered, after the admin was told that it is not."""
    world.ask("ada", "@bridge first")
    world.posting_fails("401")
    world.answer("one")
    world.answer("two")
    lease_for = timedelta(seconds=60)
    with world.bridge.ledger.writing() as tx:
        assert lanes.take(tx, lane_of(1), "a worker", lease_for) is not None
        with pytest.raises(queues.UnderWay, match="being sent at this moment"):
            queues.withdraw(tx, 1, "an admin", "ada")
    with world.bridge.ledger.reading() as tx:
        assert Outcome.NEEDS_SIGN_IN == replies.one(tx, 1).outcome
