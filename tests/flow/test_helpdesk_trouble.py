"""Trouble with the helpdesk itself is shown like an account's, and told where it can be told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.ledger import accounts
from bridge.ledger.accounts import About, State
from bridge.mapping import OpsPolicy
from bridge.metrics import Metrics
from bridge.model import MINUTE
from bridge.web.app import create_app

EXPORT = "/api/v2/incremental/*"


def stands(world: Any) -> tuple[State, str]:
    with world.bridge.ledger.reading() as tx:
        now_is = accounts.standing(tx, world.bridge.desk)
    return now_is.state, now_is.because


def minutes(world: Any, number: int) -> None:
    for _ in range(number):
        world.later(61)


def with_ops(world: Any) -> None:
    mapping = replace(world.bridge.mapping, ops=OpsPolicy("Support", after=5 * MINUTE))
    world.bridge = replace(world.bridge, mapping=mapping)


def shown(world: Any, state: str) -> None:
    """The same word for machines: /health and /metrics."""
    client = create_app(world.bridge).test_client()
    health = {one["name"]: one["state"] for one in client.get("/health").json["accounts"]}
    assert state == health[world.bridge.desk]
    line = f'bridge_account_state{{account="{world.bridge.desk}",state="{state}"}} 1.0'
    assert line in Metrics(world.bridge).page().decode()


@pytest.mark.parametrize(
    ("fault", "state"), [("401", "needs_sign_in"), ("503", "degraded"), ("403", "needs_sign_in")]
)
def test_an_export_that_fails_for_long_gets_one_ticket(world: Any, fault: str, state: str) -> None:
    """Tickets can still be written: the ops group reads it there, and it is solved by itself."""
    with_ops(world)
    world.desk.faults.add(fault, path=EXPORT, times=None)
    minutes(world, 40)
    assert state == stands(world)[0]
    shown(world, state)
    (ticket,) = world.tickets()
    assert world.bridge.desk in ticket.subject
    assert {"bridge", "bridge_ops"} <= set(ticket.tags)
    minutes(world, 20)
    assert 1 == len(world.tickets())
    world.ask("ada", "@bridge hello")
    assert 2 == len(world.tickets())
    world.desk.faults.clear()
    minutes(world, 20)
    assert State.CONNECTED is stands(world)[0]
    shown(world, "connected")
    assert "solved" == world.desk.ticket(ticket.id).status
    assert 2 == len(world.tickets())


def test_a_helpdesk_that_takes_nothing_is_shown_and_gets_no_ticket_afterwards(world: Any) -> None:
    """It could not be told, and when it can be it is over."""
    with_ops(world)
    world.ask("ada", "@bridge hello")
    world.desk.faults.add("401", times=None)
    world.town.post("ada", "@bridge more", in_reply_to=world.town.statuses()[0].id)
    minutes(world, 30)
    with world.bridge.ledger.reading() as tx:
        found = {one.about for one in accounts.all_troubles(tx, world.bridge.desk)}
    assert {About.READING, About.SENDING} == found
    shown(world, "needs_sign_in")
    world.desk.faults.clear()
    minutes(world, 15)
    assert State.CONNECTED is stands(world)[0]
    assert 1 == len(world.tickets())
    assert 2 == len(world.comments())


def test_only_writing_is_refused(world: Any) -> None:
    """The export goes on; the next write that works ends it."""
    world.ask("ada", "@bridge hello")
    world.desk.faults.add("403", method="PUT", times=None)
    world.ask("ada", "@bridge more", in_reply_to=world.town.statuses()[0].id)
    minutes(world, 5)
    assert State.NEEDS_SIGN_IN is stands(world)[0]
    world.desk.faults.clear()
    minutes(world, 6)
    assert State.CONNECTED is stands(world)[0]
    assert 2 == len(world.comments())


def test_a_refused_export_is_shown_at_once(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be refused the same way tomorrow."""
    whole = world.bridge.helpdesk.changed_since

    def refuses(*_: Any) -> None:
        raise Refused("Zendesk said no: the cursor is not valid")

    monkeypatch.setattr(world.bridge.helpdesk, "changed_since", refuses)
    world.later(61)
    assert (State.DEGRADED, "Zendesk said no: the cursor is not valid") == stands(world)
    monkeypatch.setattr(world.bridge.helpdesk, "changed_since", whole)
    world.later(301)
    assert State.CONNECTED is stands(world)[0]


def test_a_defect_of_ours_does_not_look_well(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw stops the reading as well as any answer does."""
    whole = world.bridge.helpdesk.changed_since

    def breaks(*_: Any) -> None:
        raise KeyError("after_cursor")

    monkeypatch.setattr(world.bridge.helpdesk, "changed_since", breaks)
    minutes(world, 12)
    state, because = stands(world)
    assert State.DEGRADED is state
    assert "times in a row: defect: KeyError" in because
    monkeypatch.setattr(world.bridge.helpdesk, "changed_since", whole)
    minutes(world, 12)
    assert State.CONNECTED is stands(world)[0]
