"""People who write privately are told that we are closed, or that their message has arrived: once,
in private, in their language, and only while nobody has answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow import standing
from bridge.ledger import service_tables as st
from bridge.ledger import tables as t
from bridge.model import Kind, Visibility

HOUR = 3600
SAYS = """\
hours: {zone: Europe/Berlin, open: {mon-fri: "09:00-17:00"}, holidays: ["2026-11-24"]}
away:
  en: "Hello [[first_name|there]], we are back [[opening]]."
  de: "Guten Tag, wir sind wieder da: [[opening]]."
acknowledge: {en: "Thank you, [[first_name|there]]. We have your message."}
rules:
"""
AWAY = "Hello Ada, we are back Monday 23 November, 09:00 (CET)."


@pytest.fixture
def staffed(world: Any) -> Any:
    """Saturday, 13:00 in Berlin: closed until Monday at nine."""
    world.remap("rules:\n", SAYS)
    return world


def told(world: Any, status: Any) -> list[str]:
    """What we said in a thread, without the mention."""
    bridge = world.town.find("bridge").acct
    return [text.split(" ", 1)[1] for who, _, text in world.thread(status) if who == bridge]


def said(world: Any) -> list[str]:
    return [
        each.text for each in world.town.statuses() if each.author == world.town.find("bridge").id
    ]


def opens(world: Any) -> None:
    """To Monday, 10:00 in Berlin."""
    world.clock.move(45 * HOUR)
    world.settle()


def test_a_private_message_while_closed_is_told_when_we_are_back(staffed: Any) -> None:
    """Privately, by name, and the ticket says so without counting it as an answer."""
    asked = staffed.ask("ada", "@bridge hello", "direct")
    assert told(staffed, asked) == [AWAY]
    assert [visibility for _, visibility, _ in staffed.thread(asked)] == ["direct", "direct"]
    (note,) = staffed.notes()
    assert "Hello [[first_name|there]], we are back Monday 23 November, 09:00 (CET)" in note
    assert "bridge_said_away" in staffed.ticket().tags
    assert staffed.ticket().status in ("new", "open")
    staffed.answer("Here I am")
    assert told(staffed, asked)[1:] == ["Here I am"]


def test_it_is_said_once_for_each_time_that_we_are_closed(staffed: Any) -> None:
    """However often they write, in however many threads; the next evening it is said again."""
    first = staffed.ask("ada", "@bridge hello", "direct")
    staffed.ask("ada", "@bridge anybody there?", "direct", in_reply_to=first.id)
    staffed.ask("ada", "@bridge hello again", "direct")
    staffed.clock.move(HOUR * 5)
    staffed.ask("ada", "@bridge and again", "direct")
    assert len(said(staffed)) == 1
    opens(staffed)
    staffed.clock.move(8 * HOUR)  # Monday, 23:00; Tuesday is a holiday
    staffed.ask("ada", "@bridge good evening", "direct")
    assert len(said(staffed)) == 2
    assert "Wednesday 25 November, 09:00 (CET)" in said(staffed)[-1]
    staffed.clock.move(20 * HOUR)  # Tuesday evening: still the same time
    staffed.ask("ada", "@bridge good evening", "direct")
    assert len(said(staffed)) == 2


def test_everybody_is_told_in_their_language(staffed: Any) -> None:
    staffed.ask("ada", "@bridge hallo", "direct", language="de-AT")
    staffed.ask("chloe", "@bridge bonjour", "direct", language="fr")
    assert (
        "Guten Tag, wir sind wieder da: Montag, 23. November, 09:00 Uhr (CET)." in said(staffed)[0]
    )
    assert "Hello Chlo" in said(staffed)[1]


def test_nothing_is_said_in_public(staffed: Any) -> None:
    """Nor for a repost, nor for what was edited."""
    asked = staffed.ask("ada", "@bridge hello")
    staffed.town.edit(asked.id, "@bridge hello, edited")
    staffed.later(HOUR)
    assert said(staffed) == []


def test_a_message_while_open_is_acknowledged_once_for_each_conversation(staffed: Any) -> None:
    opens(staffed)
    asked = staffed.ask("ada", "@bridge hello", "direct")
    staffed.ask("ada", "@bridge one more thing", "direct", in_reply_to=asked.id)
    staffed.ask("ada", "@bridge and another", "direct")
    assert told(staffed, asked) == ["Thank you, Ada. We have your message."]
    assert "bridge_said_acknowledge" in staffed.tickets()[0].tags
    staffed.ask("chloe", "@bridge hello", "direct")
    assert len(said(staffed)) == 2


def test_who_was_told_that_we_are_closed_is_not_acknowledged_in_the_morning(staffed: Any) -> None:
    first = staffed.ask("ada", "@bridge hello", "direct")
    opens(staffed)
    staffed.ask("ada", "@bridge hello?", "direct", in_reply_to=first.id)
    assert told(staffed, first) == [AWAY]


def test_nothing_is_said_once_a_person_has_answered(staffed: Any) -> None:
    """The network takes nothing for a while; meanwhile an agent who works at night writes."""
    staffed.town_faults.add("429", method="POST", path="/api/v1/statuses", retry_after=120)
    asked = staffed.ask("ada", "@bridge hello", "direct")
    staffed.answer("Good evening")
    for _ in range(5):
        staffed.later(60)
    assert told(staffed, asked) == ["Good evening"]


def test_nothing_is_said_for_a_paused_account(staffed: Any) -> None:
    """Nor afterwards, when it is resumed."""
    with staffed.bridge.ledger.writing() as tx:
        standing.paused(tx, "acme", "on holiday")
    staffed.clock.move(20)
    hears = staffed.town.post("ada", "@bridge hello", "direct")
    staffed.later(60)
    with staffed.bridge.ledger.writing() as tx:
        standing.resumed(tx, "acme")
    staffed.clock.move(13 * HOUR)
    staffed.settle()
    assert told(staffed, hears) == []


def test_history_is_not_greeted(hears: Any) -> None:
    """What was read back, and what is old when it arrives."""
    world = hears.world
    world.remap("rules:\n", SAYS)
    old = world.clock() - timedelta(hours=13)
    hears(hears.post("m1", "hello", visibility=Visibility.PRIVATE, kind=Kind.DM, created_at=old))
    assert len(world.tickets()) == 1
    assert said(world) == []
    with world.bridge.ledger.reading() as tx:
        assert tx.conn.execute(select(st.automatics)).all() == []


@pytest.mark.parametrize("fault", ["drop_after_write", "500", "429", "503"])
def test_it_is_said_once_whatever_the_network_does(staffed: Any, fault: str) -> None:
    """A lost answer is looked up; a server that is away is asked again."""
    wait = {"retry_after": 30} if fault == "429" else {}
    staffed.town_faults.add(fault, method="POST", path="/api/v1/statuses", **wait)
    staffed.ask("ada", "@bridge hello", "direct")
    for _ in range(5):
        staffed.later(60)
    assert len(said(staffed)) == 1
    assert len([note for note in staffed.notes() if "away message" in note]) == 1


def test_nothing_stands_on_the_ticket_if_it_was_not_said(staffed: Any) -> None:
    """A network that refuses it: no note, the trail has the reason, and the ticket goes on."""
    staffed.town_faults.add("refuse_replies", times=1)
    asked = staffed.ask("ada", "@bridge hello", "direct")
    assert told(staffed, asked) == []
    assert staffed.notes() == []
    with staffed.bridge.ledger.reading() as tx:
        trail = tx.conn.execute(select(t.audit.c.what, t.audit.c.because)).all()
    assert any(row.what == "not said" for row in trail)
    staffed.answer("Hello Ada")
    assert told(staffed, asked) == ["Hello Ada"]
