"""One question may spare a look at each ticket that changed; an agent's answer is never missed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge.errors import Refused, Unreachable
from bridge.flow.reconcile import OVERLAP
from bridge.helpdesks.contract import Changed, Commented, TicketState
from bridge.ledger import accounts
from bridge.ledger.tables import steps


def looks(world: Any) -> int:
    """How many looks there ever were."""
    with world.bridge.ledger.reading() as tx:
        found = select(func.count()).select_from(steps).where(steps.c.kind == "look")
        return int(tx.conn.execute(found).scalar_one())


def read_at(world: Any) -> datetime:
    with world.bridge.ledger.reading() as tx:
        at = accounts.standing(tx, world.bridge.desk).read_at
    assert at is not None
    return at


def two(world: Any) -> tuple[str, str]:
    """Two customers, a ticket each, and the reconciler knows of both."""
    world.ask("ada", "@bridge where is my parcel?")
    world.ask("chloe", "@bridge my lamp is broken")
    for _ in range(8):
        world.later(61)
    first, second = sorted(str(ticket.id) for ticket in world.tickets())
    return first, second


def changed(world: Any, *ticket_ids: str, more: bool = False) -> Changed:
    now = world.bridge.clock()
    states = tuple(TicketState(each, "open", at=now) for each in ticket_ids)
    return Changed(ticket_ids, f"at {now}", more=more, states=states)


def test_what_the_ledger_knows_is_not_looked_at(world: Any) -> None:
    """Two tickets were changed by nobody but the bridge."""
    two(world)
    assert 0 == looks(world)


def test_one_comment_that_is_not_known_is_looked_at(world: Any) -> None:
    """No ping came; on the other ticket there is nothing new."""
    first, second = two(world)
    for each in (first, second):
        world.desk.answer(int(each), "A note.", public=False)
    for _ in range(4):
        world.later(61)
    assert 2 == looks(world)


def test_pages_on_the_way_to_the_end_move_no_time_on(world: Any, monkeypatch: Any) -> None:
    """After a long silence all that was said since then counts, on the last page too."""
    both = two(world)
    before, asked = read_at(world), []
    world.clock.move(7200)
    pages = [changed(world, more=True), changed(world, more=True), changed(world, *both)]
    monkeypatch.setattr(
        world.bridge.helpdesk,
        "changed_since",
        lambda cursor, _now: pages.pop(0) if pages else Changed((), cursor),
    )
    monkeypatch.setattr(world.bridge.helpdesk, "comments_since", asked.append)
    world.settle()
    assert [before - OVERLAP] == asked
    assert 2 == looks(world)
    assert world.bridge.clock() == read_at(world)


def test_where_no_comment_is_told_all_are_looked_at(world: Any, monkeypatch: Any) -> None:
    """A ticket may come back that was deleted before it could be read."""
    both = two(world)
    world.clock.move(61)
    at = world.bridge.clock()
    told = tuple(Commented(each, "", at) for each in both)
    monkeypatch.setattr(world.bridge.helpdesk, "changed_since", lambda *_: changed(world, *both))
    monkeypatch.setattr(world.bridge.helpdesk, "comments_since", lambda _: told)
    world.settle()
    assert 2 == looks(world)


@pytest.mark.parametrize("failure", [Refused("too recent"), Unreachable("no answer")])
def test_without_an_answer_all_are_looked_at(
    world: Any, monkeypatch: Any, failure: Exception
) -> None:
    """The question only spares calls: that it is refused holds up nobody."""
    both = two(world)

    def refused(_since: datetime) -> None:
        raise failure

    world.clock.move(61)
    monkeypatch.setattr(world.bridge.helpdesk, "changed_since", lambda *_: changed(world, *both))
    monkeypatch.setattr(world.bridge.helpdesk, "comments_since", refused)
    world.settle()
    assert 2 == looks(world)
