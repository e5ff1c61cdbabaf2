"""A step that was put into the lane of a conversation which was erased meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow import conversation
from bridge.ledger import conversations, lanes, steps
from bridge.ledger import tables as t
from bridge.ledger.conversations import NoConversation
from bridge.ledger.steps import Step

GONE = "conversation:4711"


def of_lane(world: Any, lane: str) -> tuple[int, Any]:
    """How many steps it has, and its row."""
    with world.bridge.ledger.reading() as tx:
        here = tx.conn.execute(select(t.steps).where(t.steps.c.lane == lane)).all()
        return len(here), tx.conn.execute(select(t.lanes).where(t.lanes.c.key == lane)).one()


@pytest.mark.parametrize("kind", ["look", "note", "reply_by"])
def test_nothing_of_it_is_done_or_kept(world: Any, kind: str) -> None:
    """Else the lane fails for ever, and the ticket's number stays in the ledger."""
    with world.bridge.ledger.writing() as tx:
        steps.add(tx, GONE, kind, "35401:1", account="acme")
        steps.add(tx, GONE, "look", "35401:2", account="acme")
    world.settle()
    count, lane = of_lane(world, GONE)
    assert (0, None, 0) == (count, lane.ready_at, lane.failures)


def test_a_step_about_another_one_that_is_missing_is_a_defect(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ask("ada", "@bridge hello")
    (ticket,) = world.tickets()
    with world.bridge.ledger.reading() as tx:
        here = conversations.by_ticket(tx, world.bridge.desk, str(ticket.id))
    lane = f"conversation:{here}"
    with world.bridge.ledger.writing() as tx:
        steps.add(tx, lane, "look", "35401:9", account="acme")
        lease = lanes.take(tx, lane, "worker", timedelta(minutes=1))
    assert lease is not None

    def looks_elsewhere(*_args: object) -> None:
        raise NoConversation("there is no conversation 4711")

    monkeypatch.setitem(conversation.STEPS, "look", looks_elsewhere)
    with pytest.raises(NoConversation):
        conversation.converse(world.bridge, lease)
    with world.bridge.ledger.reading() as tx:
        assert isinstance(steps.waiting(tx, lane)[0], Step)
