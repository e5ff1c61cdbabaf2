"""#retry while the reply waits: it is acted upon, or the agent reads what it waits for, once."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.flow.standing import paused, resumed
from bridge.ledger import replies

STATUSES, UPDATES = "/api/v1/statuses", "/api/v2/tickets/*"
STILL_DEAD = "still does not accept our sign-in"


def taken(world: Any) -> frozenset[str]:
    with world.bridge.ledger.reading() as tx:
        return frozenset(replies.taken_ids(tx, world.bridge.desk, str(world.ticket().id)))


def asked(world: Any) -> int:
    return len(world.town_faults.asked("POST", STATUSES))


def test_signed_out_it_is_tried_and_told_at_once(world: Any) -> None:
    """However often the helpdesk tells of it, one answer; a second #retry gets one of its own."""
    world.ask("ada", "@bridge first")
    world.posting_fails("401")
    world.answer("Hello")
    before = asked(world)
    world.answer("#retry", public=False)
    assert 1 == world.noted(STILL_DEAD)
    assert 1 == asked(world) - before
    world.ping(world.ticket())
    for _ in range(4):
        world.later(61)
    assert 1 == world.noted(STILL_DEAD)
    world.answer("#retry", public=False)
    assert 2 == world.noted(STILL_DEAD)
    world.town_faults.clear()
    world.later(320)
    assert ["Hello"] == world.sent()
    assert 1 == world.noted("after all")
    assert 0 == world.noted("No reply on this ticket waits")


def test_connected_again_it_goes_at_once_and_in_order(world: Any) -> None:
    """What was answered later stays behind it."""
    world.ask("ada", "@bridge first")
    world.posting_fails("401")
    world.answer("one")
    world.answer("two")
    world.town_faults.clear()
    world.answer("#retry", public=False)
    assert ["one", "two"] == world.sent()
    assert 0 == world.noted(STILL_DEAD)
    assert 1 == world.noted("after all")
    world.later(700)
    assert ["one", "two"] == world.sent()


def test_paused_is_said_and_nothing_is_tried(world: Any) -> None:
    """#retry is no way around an admin."""
    world.ask("ada", "@bridge first")
    with world.bridge.ledger.writing() as tx:
        paused(tx, "acme", "an admin asked for it")
    world.answer("Hello")
    world.answer("#retry", public=False)
    assert 1 == world.noted("#retry cannot hurry it")
    assert 0 == asked(world)
    with world.bridge.ledger.writing() as tx:
        resumed(tx, "acme")
    world.settle()
    assert ["Hello"] == world.sent()
    assert 1 == world.noted("#retry cannot hurry it")


def test_a_wait_that_the_network_named_is_told_and_kept(world: Any) -> None:
    """It is not asked before its time, and not sent twice when that has come."""
    world.ask("ada", "@bridge first")
    world.posting_fails("429", retry_after=300)
    world.answer("Hello")
    world.answer("#retry", public=False)
    assert 1 == world.noted("has not gone out to Mastodon yet (")
    assert 1 == asked(world)
    world.town_faults.clear()
    world.later(310)
    assert ["Hello"] == world.sent()


def test_what_waits_is_meant_and_what_failed_before_it_is_left_alone(world: Any) -> None:
    """The last reply that did not go out is the one; it is not queued anew."""
    world.ask("ada", "@bridge first")
    world.town_faults.add("refuse_replies", times=1)
    world.answer("refused")
    assert 1 == world.noted("refused this reply")
    world.posting_fails("429", retry_after=300)
    world.answer("waits")
    world.answer("#retry", public=False)
    assert 1 == world.noted("has not gone out")
    world.town_faults.clear()
    world.later(310)
    assert ["waits"] == world.sent()
    world.answer("#retry r1", public=False)
    assert ["waits", "refused"] == world.sent()


def test_what_was_only_just_written_has_not_failed(world: Any) -> None:
    """Found in one look with the #retry after it: it is on its way, and what failed before it has
    been answered for."""
    world.ask("ada", "@bridge first")
    world.town_faults.add("refuse_replies", times=1)
    world.answer("refused")
    world.desk.answer(world.ticket().id, "new")
    world.answer("#retry", public=False)
    assert ["new"] == world.sent()


@pytest.mark.parametrize("fault", ["drop_after_write", "drop_before_write", "503"])
def test_an_answer_that_was_lost_is_not_given_twice(world: Any, fault: str) -> None:
    """The note is a write like any other."""
    world.ask("ada", "@bridge first")
    world.posting_fails("401")
    world.answer("Hello")
    world.desk.faults.add(fault, method="PUT", path=UPDATES)
    world.answer("#retry", public=False)
    for _ in range(4):
        world.later(61)
    assert () == world.desk.faults.waiting()
    assert 1 == world.noted(STILL_DEAD)
    assert [] == world.sent()


def test_who_is_killed_while_reading_ahead_holds_nothing_up(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane is free again when the lease is over, and the note is answered."""

    class Died(BaseException):
        pass

    def dies(*_asked: object) -> None:
        raise Died

    world.ask("ada", "@bridge first")
    world.posting_fails("401")
    world.answer("Hello")
    with monkeypatch.context() as patch:
        patch.setattr(world.bridge.helpdesk, "comments", dies)
        with pytest.raises(Died):
            world.answer("#retry", public=False)
    for _ in range(3):
        world.later(world.bridge.settings.lease_seconds + 1)
    assert 1 == world.noted(STILL_DEAD)


def test_nothing_is_read_ahead_of_a_write_that_is_in_doubt(world: Any) -> None:
    """The helpdesk has the customer's next message, and we do not know it yet: an answer to it
    would be taken for the answer to the one before."""
    world.ask("ada", "@bridge first")
    world.desk.faults.add("drop_after_write", method="PUT", path=UPDATES)
    world.ask("ada", "@bridge second", in_reply_to=world.town.statuses()[0].id)
    assert 2 == len(world.comments())
    world.answer("Hello")
    assert [] == world.sent()
    assert frozenset() == taken(world)
    world.later(30)
    assert ["Hello"] == world.sent()
    second = world.town.statuses()[1]
    assert second.id == world.town.statuses()[2].in_reply_to
