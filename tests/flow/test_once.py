"""Once, where it is hardest: a worker that froze, an answer that nobody can find, and what the
agent is told and may do. What every fault at every call comes to stands in test_faults.py.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from faults.acts import Blind
from faults.truth import disagreements
from sqlalchemy import text

from bridge.ledger import Ledger, conversations, lanes
from bridge.ledger import tables as t
from bridge.model import File
from bridge.worker import run_once

STATUSES = "/api/v1/statuses"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40
TICKETS = "/api/v2/tickets"


def recover(world: Any) -> None:
    """Time goes by, workers come back, and everything is asked for again in every way."""
    for seconds in (11, 31, 130, 320, 700):
        world.later(seconds)
        for ticket in world.tickets():
            world.ping(ticket)


def agree(world: Any) -> None:
    """The ledger says what both far sides show."""
    assert [] == disagreements(world)


def freeze(world: Any, patch: pytest.MonkeyPatch, adapter: Any, call: str) -> None:
    """The worker that comes to this call first is frozen right before it, for longer than its
    lease; meanwhile another one takes over and finishes everything."""
    whole, awake = getattr(adapter, call), []

    def stalled(*args: Any, **named: Any) -> Any:
        if not awake:
            awake.append(True)
            world.later(world.bridge.settings.lease_seconds + 1)
            for seconds in (11, 31, 130):
                world.later(seconds)
        return whole(*args, **named)

    patch.setattr(adapter, call, stalled)


def _run_all(world: Any) -> None:
    while run_once(world.bridge, "frozen"):
        pass


def _until_somebody_waits(ledger: Ledger) -> None:
    """On SQLite whoever would write waits for this one anyway."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not ledger.is_sqlite:
        with ledger.reading() as tx:
            if tx.conn.execute(waiting).scalar_one():
                return
        Event().wait(0.01)


@pytest.mark.parametrize("is_edit", [False, True])
def test_a_receipt_and_the_next_message_do_not_wait_for_one_another(
    hears: Any, is_edit: bool
) -> None:
    """Both change the lane and the conversation. A receipt has the lane first, and is never the
    one that is given up: whoever takes the message in waits for the lane before all of it."""
    world, ledger = hears.world, hears.world.bridge.ledger
    hears(hears.post("m0", "first"))
    with ledger.reading() as tx:
        here = conversations.by_ticket(tx, world.bridge.desk, str(world.ticket().id))
    assert here is not None
    world.clock.move(5)
    again = hears.post("m0", "second", revision="2")
    after = hears.post("m1", "second", parent_id="m0", thread_id="m0")
    hears.keep(again if is_edit else after)
    with ThreadPoolExecutor(1) as other:
        with ledger.writing() as tx:
            lanes.stand_still(tx, conversations.lane_of(here))
            taken = other.submit(run_once, world.bridge, "other")
            _until_somebody_waits(ledger)
            tx.wait_at_most(0.5)
            conversations.point(tx, here, world.bridge.desk, str(world.ticket().id))
        assert taken.result()
    world.settle()
    assert any("second" in said.plain_body for said in world.comments())


@pytest.mark.parametrize("call", ["limits", "shape"])
def test_who_froze_before_sending_sends_nothing(
    world: Any, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A's lease runs out, B sends the reply, A wakes up: the network was asked once."""
    asked = world.ask("ada", "@bridge first")
    world.clock.move(5)
    world.desk.answer(world.ticket().id, "Hello")
    world.tell(world.ticket())
    freeze(world, monkeypatch, world.bridge.channels["acme"], call)
    _run_all(world)
    assert 1 == len(world.town_faults.asked("POST", STATUSES))
    assert 2 == len(world.thread(asked))
    recover(world)
    assert 2 == len(world.thread(asked))
    agree(world)


@pytest.mark.parametrize("call", ["ensure_person", "compose_open"])
def test_who_froze_before_opening_opens_nothing(
    world: Any, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A's lease runs out while it composes, B opens the ticket, A wakes up: one request, one."""
    world.clock.move(20)
    world.town.post("ada", "@bridge first")
    world.clock.move(61)
    freeze(world, monkeypatch, world.bridge.helpdesk, call)
    _run_all(world)
    assert 1 == len(world.desk.faults.asked("POST", TICKETS))
    recover(world)
    assert 1 == len(world.comments())
    agree(world)


@pytest.mark.parametrize(("side", "call"), [("town", "send"), ("desk", "open")])
def test_who_froze_in_the_very_call_is_known_by_its_key(
    world: Any, monkeypatch: pytest.MonkeyPatch, side: str, call: str
) -> None:
    """After the last look at the lease only the far side can help: the key it is given with every
    try of the same message makes the late one come to nothing."""
    world.clock.move(20)
    asked = world.town.post("ada", "@bridge first")
    world.clock.move(61)
    if side == "town":
        world.settle()
        world.desk.answer(world.ticket().id, "Hello")
        world.tell(world.ticket())
    adapter = world.bridge.channels["acme"] if side == "town" else world.bridge.helpdesk
    freeze(world, monkeypatch, adapter, call)
    _run_all(world)
    recover(world)
    assert (2 if side == "town" else 1) == len(world.thread(asked))
    assert (2 if side == "town" else 1) == len(world.comments())
    agree(world)


def test_what_nobody_can_know_is_said_and_not_sent_again(world: Any) -> None:
    """The answer was lost and there is no way to look: the ticket says so, and an agent decides.
    Their #retry looks first, where there is a way by then."""
    asked = world.ask("ada", "@bridge first")
    whole = world.bridge
    world.bridge = replace(whole, channels={"acme": Blind(whole.channels["acme"])})
    world.town_faults.add("drop_after_write", method="POST", path=STATUSES)
    world.answer("Hello")
    recover(world)
    assert 1 == len(world.town_faults.asked("POST", STATUSES))
    (note,) = world.notes()
    assert "may or may not have been posted" in note
    assert "bridge_unknown" in world.ticket().tags
    assert "unknown" == world.ticket().value(world.delivery_field)
    world.bridge = whole
    world.answer("#retry", public=False)
    recover(world)
    assert 1 == len(world.town_faults.asked("POST", STATUSES))
    assert "after all" in world.notes()[-1]
    assert 2 == len(world.thread(asked))


def test_an_agent_may_send_what_nobody_knows_once_more(world: Any) -> None:
    """There is still no way to look, and the agent saw that it is missing: #retry sends it."""
    asked = world.ask("ada", "@bridge first")
    world.bridge = replace(world.bridge, channels={"acme": Blind(world.bridge.channels["acme"])})
    world.town_faults.add("drop_before_write", method="POST", path=STATUSES)
    world.answer("Hello")
    recover(world)
    assert 1 == len(world.thread(asked))
    world.answer("#retry", public=False)
    assert 2 == len(world.thread(asked))
    recover(world)
    assert 2 == len(world.thread(asked))


def test_answers_lost_again_and_again_end_with_a_person(world: Any) -> None:
    """A server that breaks at every try is not asked for ever: a bounded number of tries, each
    after a look, then the agent is told. No try is made after that."""
    asked = world.ask("ada", "@bridge first")
    world.town_faults.add("500", method="POST", path=STATUSES, times=None)
    world.answer("Hello")
    for _ in range(12):
        world.later(320)
    tried = len(world.town_faults.asked("POST", STATUSES))
    assert world.bridge.patience.unknown_tries == tried
    assert any("may or may not have been posted" in note for note in world.notes())
    world.town_faults.clear()
    recover(world)
    assert tried == len(world.town_faults.asked("POST", STATUSES))
    world.answer("#retry", public=False)
    recover(world)
    assert 2 == len(world.thread(asked))


def test_a_helpdesk_that_breaks_at_every_try_is_never_given_up(world: Any) -> None:
    """There a look tells for certain, so the post waits at the head of its lane, however long."""
    world.desk.faults.add("500", method="POST", path=TICKETS, times=None)
    world.ask("ada", "@bridge first")
    for _ in range(12):
        world.later(700)
    assert () == world.tickets()
    world.desk.faults.clear()
    recover(world)
    assert 1 == len(world.comments())
    agree(world)


def test_what_was_sent_is_past_all_checks(world: Any) -> None:
    """The answer was lost, then the customer removed the post: the reply that did arrive is not
    reported as one that cannot be sent."""
    asked = world.ask("ada", "@bridge first")
    world.town_faults.add("drop_after_write", method="POST", path=STATUSES)
    world.clock.move(650)  # the next look at known posts is due soon
    world.settle()
    world.answer("Hello")
    world.town.delete(asked.id)
    recover(world)
    assert [] == [note for note in world.notes() if "Nothing was sent" in note]
    with world.bridge.ledger.reading() as tx:
        assert {"delivered": 1} == tx.tally(t.replies.c.outcome)


def test_a_lost_picture_is_found_where_keys_mean_nothing(world: Any) -> None:
    """The answer was lost, and the server ignores our key: the look knows that there was a file."""
    asked = world.ask("ada", "@bridge first")
    world.town_faults.add("ignores_idempotency_key", times=None)
    world.town_faults.add("drop_after_write", method="POST", path=STATUSES)
    world.answer("See", files=(File("p.png", "image/png", PICTURE),))
    recover(world)
    assert ["first", "See"] == [text.split()[-1] for _, _, text in world.thread(asked)]
    assert [] == world.notes()
