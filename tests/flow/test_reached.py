"""No note says that nothing was sent where some of it was, or may have been."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.flow import queues
from bridge.flow.ticket_view import view
from bridge.ledger import intents
from bridge.ledger.tables import replies
from bridge.model import Arrival, Outcome, Report
from bridge.text.words_en import NOT_SENT, PARTLY_SENT, PERHAPS_SENT

STATUSES = "/api/v1/statuses"
TWO_PARTS = "one and one is two, said twice. " * 20


@pytest.fixture
def asked(world: Any) -> Any:
    world.remap("rules:\n", "replies: {too_long: split}\nrules:\n")
    return world.ask("ada", "@bridge first")


def shown(world: Any) -> str:
    """What the sidebar says of the only reply."""
    found = view(world.bridge, str(world.ticket().id), "en")
    assert found is not None
    (reply,) = found.replies
    return reply.says


def said(world: Any, words: str) -> bool:
    """On the ticket and beside it."""
    return words in shown(world) and any(words in note for note in world.notes())


def test_a_first_part_that_was_refused_is_nothing(world: Any, asked: Any) -> None:
    world.town_faults.add("403", method="POST", path=STATUSES, status=400)
    world.answer(TWO_PARTS)
    assert 1 == len(world.thread(asked))
    assert said(world, NOT_SENT)


def test_a_second_part_that_was_refused_leaves_the_first(world: Any, asked: Any) -> None:
    world.town_faults.add("403", method="POST", path=STATUSES, status=400, skip=1)
    world.answer(TWO_PARTS)
    assert 2 == len(world.thread(asked))
    assert said(world, PARTLY_SENT)
    assert not any(NOT_SENT in note for note in world.notes())


@pytest.mark.parametrize("body", ["", '{"error": "This action is outside the authorized scopes"}'])
def test_what_was_lost_before_the_sign_in_died_may_be_there(
    world: Any, asked: Any, body: str
) -> None:
    """Whoever read that nothing was sent would answer by another way as well."""
    fault, more = ("403", {"body": body}) if body else ("401", {})
    world.town_faults.add("drop_after_write", method="POST", path=STATUSES)
    for path in ("/api/v1/accounts/*", "/api/v1/statuses/*/context"):
        world.town_faults.add(fault, method="GET", path=path, times=None, **more)
    world.answer("Hello")
    for seconds in (11, 31, 130, 320):
        world.later(seconds)
    assert 2 == len(world.thread(asked))
    assert said(world, PERHAPS_SENT)
    assert not any(NOT_SENT in note for note in world.notes())
    world.town_faults.clear()
    for _ in range(12):
        world.later(1800)
    assert 2 == len(world.thread(asked))
    assert any("after all" in note for note in world.notes())


def test_an_admin_who_withdraws_the_rest_is_told_of_the_beginning(
    world: Any, asked: Any, hears: Any
) -> None:
    """And the rest stays withdrawn, whatever is heard of the beginning."""
    world.town_faults.add("403", method="POST", path=STATUSES, status=400, skip=1)
    world.answer(TWO_PARTS)
    with world.bridge.ledger.writing() as tx:
        assert queues.withdraw(tx, 1, "Ines withdrew it", "Ines")
    world.settle()
    assert "Look at the thread" in world.notes()[-1]
    assert PARTLY_SENT in shown(world)
    with world.bridge.ledger.reading() as tx:
        (first, _) = intents.of_reply(tx, 1)
        assert first.receipt is not None
    hears(Report("acme", first.receipt.id, Arrival.FAILED, world.clock(), "", "the box is full"))
    assert any("the box is full" in note for note in world.notes())
    assert NOT_SENT in shown(world)
    with world.bridge.ledger.reading() as tx:
        assert {Outcome.WITHDRAWN: 1} == tx.tally(replies.c.outcome)
