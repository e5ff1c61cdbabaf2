"""How satisfied customers are: asked once for each solved ticket, privately, where there is a way;
the number stands on the ticket and reopens nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow import satisfaction
from bridge.helpdesks.contract import TicketState
from bridge.ledger import deliveries, lanes
from bridge.ledger import service_tables as st
from bridge.ledger import tables as t
from bridge.model import Kind, Visibility

HOUR, DAY = 3600, 24 * 3600
ASKS = """\
csat:
  ask: {en: "How did we do, [[first_name|you]]? 1 (badly) to 5 (well)."}
  thanks: {en: "Thank you!"}
  after: 30m
rules:
"""
QUESTION = "How did we do, Ada? 1 (badly) to 5 (well)."


@pytest.fixture
def asking(world: Any) -> Any:
    world.remap("rules:\n", ASKS)
    return world


def told(world: Any, status: Any) -> list[str]:
    bridge = world.town.find("bridge").acct
    return [text.split(" ", 1)[1] for who, _, text in world.thread(status) if who == bridge]


def rows(world: Any) -> list[Any]:
    with world.bridge.ledger.reading() as tx:
        return list(tx.conn.execute(select(st.ratings).order_by(st.ratings.c.id)))


def because(world: Any) -> list[str]:
    with world.bridge.ledger.reading() as tx:
        return list(
            tx.conn.execute(
                select(t.audit.c.because).where(t.audit.c.what.startswith("not asked"))
            ).scalars()
        )


def looks(world: Any) -> int:
    """How often a ticket was looked at."""
    return len(
        [
            each
            for each in world.desk.faults.asked("GET")
            if "/tickets/" in each.path and "incremental" not in each.path
        ]
    )


def solve(world: Any, ticket: Any = None) -> None:
    """Solved, heard of by the export, and the time to ask has come."""
    world.desk.solve((ticket or world.ticket()).id)
    world.later(130)
    world.later(30 * 60)
    world.later(61)


def asked(world: Any) -> Any:
    """A private conversation, answered, solved, asked about."""
    status = world.ask("ada", "@bridge hello", "direct")
    world.answer("Hello Ada")
    solve(world)
    return status


def test_a_solved_ticket_is_asked_about_once(asking: Any) -> None:
    """After the time that the mapping says; solving it again asks nothing more."""
    status = asking.ask("ada", "@bridge hello", "direct")
    asking.answer("Hello Ada")
    asking.desk.solve(asking.ticket().id)
    asking.later(130)
    asking.later(25 * 60)
    assert told(asking, status) == ["Hello Ada"]
    asking.later(6 * 60)
    asking.later(61)
    assert told(asking, status) == ["Hello Ada", QUESTION]
    assert asking.ticket().status == "solved"
    asking.desk.set_status(asking.ticket().id, "open")
    asking.later(130)
    solve(asking)
    assert told(asking, status) == ["Hello Ada", QUESTION]


def test_what_was_opened_and_solved_again_unheard_is_asked_about_that_long_after(
    asking: Any,
) -> None:
    """The time counts from when it was solved again, although nobody heard of it in between; the
    question is asked once."""
    status = asking.ask("ada", "@bridge hello", "direct")
    asking.answer("Hello Ada")
    asking.desk.solve(asking.ticket().id)
    asking.later(130)
    asking.clock.move(25 * 60)
    asking.ask("ada", "@bridge thanks", "direct", in_reply_to=status.id)
    assert asking.ticket().status == "open"
    asking.desk.solve(asking.ticket().id)
    asking.later(100)  # it is heard of before the first time is over
    asking.later(10 * 60)
    assert told(asking, status) == ["Hello Ada"]
    asking.later(19 * 60)
    asking.later(61)
    assert told(asking, status) == ["Hello Ada", QUESTION]
    asking.ask("ada", "@bridge not yet", "direct", in_reply_to=status.id)
    solve(asking)
    assert told(asking, status) == ["Hello Ada", QUESTION]


def test_what_is_solved_again_while_it_is_asked_about_is_asked_about_later(
    asking: Any, monkeypatch: Any
) -> None:
    """Heard of between the last look at the ticket and the question: a question that nobody knows
    of would take its answer for a message."""
    status = asking.ask("ada", "@bridge hello", "direct")
    asking.answer("Hello Ada")
    state_of = asking.bridge.helpdesk.state

    def solved_meanwhile(ticket_id: str) -> TicketState:
        found: TicketState = state_of(ticket_id)
        monkeypatch.undo()
        for word in ("open", "solved"):
            with asking.bridge.ledger.writing() as tx:
                satisfaction.stands(asking.bridge, tx, TicketState(ticket_id, word))
        return found

    monkeypatch.setattr(asking.bridge.helpdesk, "state", solved_meanwhile)
    solve(asking)
    assert told(asking, status) == ["Hello Ada"]
    asking.later(30 * 60)
    asking.later(61)
    assert told(asking, status) == ["Hello Ada", QUESTION]
    asking.ask("ada", "@bridge 4", "direct", in_reply_to=status.id)
    assert [row.score for row in rows(asking)] == [4]
    assert asking.ticket().status == "solved"


@pytest.mark.parametrize("text", ["@bridge 4", "@bridge 4/5", "@bridge ⭐⭐⭐⭐"])
def test_the_answer_stands_on_the_ticket_and_reopens_nothing(asking: Any, text: str) -> None:
    status = asked(asking)
    asking.ask("ada", text, "direct", in_reply_to=status.id)
    (row,) = rows(asking)
    assert (row.score, row.ticket_id) == (4, str(asking.ticket().id))
    assert asking.ticket().status == "solved"
    assert {"bridge_csat_4", "bridge_rated"} <= set(asking.ticket().tags)
    assert "4 / 5" in asking.notes()[-1]
    assert told(asking, status)[-1] == "Thank you!"
    assert len(told(asking, status)) == 3
    assert len([said for said in asking.comments() if said.public]) == 2
    asking.ask("ada", "@bridge 2", "direct", in_reply_to=status.id)
    assert [row.score for row in rows(asking)] == [4]
    assert asking.ticket().status == "open"


def test_a_number_with_words_is_both(asking: Any) -> None:
    """The number is noted, the words are a message, and the ticket is open again."""
    status = asked(asking)
    asking.ask("ada", "@bridge 2, it is still broken", "direct", in_reply_to=status.id)
    assert [row.score for row in rows(asking)] == [2]
    assert asking.ticket().status == "open"
    assert "bridge_csat_2" in asking.ticket().tags
    assert "still broken" in asking.comments()[-2].plain_body
    assert "Thank you!" not in told(asking, status)


def test_anything_else_is_a_message_like_any_other(asking: Any) -> None:
    """And a number after it is one too: only the next message is the answer."""
    status = asked(asking)
    asking.ask("ada", "@bridge the box is still open", "direct", in_reply_to=status.id)
    assert asking.ticket().status == "open"
    asking.ask("ada", "@bridge 5", "direct", in_reply_to=status.id)
    assert [row.score for row in rows(asking)] == [None]
    assert "bridge_rated" not in asking.ticket().tags
    assert "5" in asking.comments()[-1].plain_body


def test_a_number_that_nobody_asked_for_is_a_message(asking: Any) -> None:
    """Before the question, in public, from somebody else, or a week later."""
    status = asking.ask("ada", "@bridge 5", "direct")
    assert asking.ticket().status != "solved"
    asking.answer("Five of what?")
    solve(asking)
    assert told(asking, status)[-1] == QUESTION
    asking.ask("chloe", "@bridge 3", "direct")
    asking.ask("ada", "@bridge 3")
    asking.clock.move(8 * DAY)
    asking.settle()
    asking.ask("ada", "@bridge 3", "direct", in_reply_to=status.id)
    assert [row.score for row in rows(asking)] == [None]


def test_a_ticket_that_was_merged_into_another_is_not_asked_about(asking: Any) -> None:
    """It ended because it goes on elsewhere; nobody has solved anything yet."""
    status = asking.ask("ada", "@bridge hello", "direct")
    asking.answer("Hello Ada")
    asking.ask("chloe", "@bridge hello too")
    first, second = asking.tickets()
    asking.desk.merge(first.id, second.id)
    asking.later(130)
    asking.later(31 * 60)
    asking.later(61)
    assert told(asking, status) == ["Hello Ada"]
    assert because(asking) == [f"it goes on in ticket {second.id}"]


def test_a_ticket_whose_conversation_goes_on_in_another_is_not_asked_about(asking: Any) -> None:
    """The customer has written since: the follow-up is what will be solved."""
    status = asking.ask("ada", "@bridge hello", "direct")
    asking.answer("Hello Ada")
    first = asking.ticket()
    asking.desk.close(first.id)
    asking.ask("ada", "@bridge and one more thing", "direct", in_reply_to=status.id)
    assert len(asking.tickets()) == 2
    asking.later(130)
    asking.later(31 * 60)
    asking.later(61)
    assert told(asking, status) == ["Hello Ada"]
    assert because(asking) == [f"it goes on in ticket {asking.tickets()[1].id}"]


def test_what_was_written_before_the_question_is_no_answer(
    asking: Any, hears: Any, monkeypatch: Any
) -> None:
    """It only arrived later: it answers the agent, and the ticket is open again."""
    status = asking.ask("ada", "@bridge hello", "direct")
    asking.answer("How many boxes?")
    solve(asking)
    assert told(asking, status)[-1] == QUESTION
    ada = asking.town.find("ada")
    (row,) = rows(asking)
    hears(
        hears.post(
            "late-1",
            "5",
            kind=Kind.DM,
            visibility=Visibility.PRIVATE,
            author=replace(hears.person(0), id=ada.id, handle="ada@sandbox.example"),
            created_at=row.asked_at - timedelta(minutes=5),
            parent_id=status.id,
            thread_id=status.id,
        )
    )
    asking.later(60)
    assert [row.score for row in rows(asking)] == [None]
    assert all("bridge_rated" not in ticket.tags for ticket in asking.tickets())
    assert "5" in asking.comments(asking.tickets()[-1])[-1].plain_body
    asking.ask("ada", "@bridge 4", "direct", in_reply_to=status.id)
    assert [row.score for row in rows(asking)] == [4]


def test_who_was_never_spoken_to_privately_is_not_asked(asking: Any) -> None:
    """Nor who was not answered at all, nor where the ticket is open again."""
    status = asking.ask("ada", "@bridge hello")
    asking.answer("Hello Ada")
    solve(asking)
    assert told(asking, status) == ["Hello Ada"]
    assert because(asking) == ["the customer has never written privately in it"]
    asking.ask("chloe", "@bridge hello", "direct")
    solve(asking, asking.tickets()[1])
    assert because(asking)[1:] == ["nobody has answered the customer"]
    asking.ask("dora", "@bridge hello", "direct")
    asking.answer("Hello Dora", asking.tickets()[2])
    asking.desk.solve(asking.tickets()[2].id)
    asking.later(130)
    asking.clock.move(29 * 60)
    asking.desk.set_status(asking.tickets()[2].id, "open")
    asking.later(61)
    asking.later(61)
    assert because(asking)[2:] in ([], ["the ticket is open again"])
    assert rows(asking) == []
    assert not [s for s in asking.town.statuses() if "How did we do" in s.text]


def test_nobody_is_asked_where_the_window_has_closed(asking: Any, monkeypatch: Any) -> None:
    channel = asking.bridge.channels["acme"]
    real = channel.limits()
    monkeypatch.setattr(
        channel, "limits", lambda: replace(real, reply_window=timedelta(minutes=20))
    )
    status = asked(asking)
    assert told(asking, status) == ["Hello Ada"]
    assert rows(asking) == []
    assert because(asking) == ["it could not be said"]


def test_a_ping_tells_of_it_without_a_call(asking: Any) -> None:
    """An event about the status is believed; it costs no look at the ticket."""
    asking.ask("ada", "@bridge hello", "direct")
    asking.answer("Hello Ada")
    asking.desk.solve(asking.ticket().id)
    ticket = asking.ticket()
    event = {
        "type": "zen:event-type:ticket.status_changed",
        "subject": f"zen:ticket:{ticket.id}",
        "time": f"{asking.clock():%Y-%m-%dT%H:%M:%S}.123456789Z",
        "detail": {"id": str(ticket.id), "status": "SOLVED"},
        "event": {"current": "SOLVED", "previous": "OPEN"},
    }
    calls = looks(asking)
    with asking.bridge.ledger.writing() as tx:
        deliveries.receive(
            tx,
            source=asking.bridge.desk,
            key="an event",
            via="webhook",
            body=json.dumps(event).encode(),
            about=str(ticket.id),
        )
        lanes.wake(tx, "intake:helpdesk:zendesk")
    asking.settle()
    assert looks(asking) == calls
    with asking.bridge.ledger.reading() as tx:
        (row,) = tx.conn.execute(select(t.tickets)).all()
    assert row.status == "solved"
    assert row.solved_at is not None


def test_a_rating_of_a_ticket_that_was_closed_is_kept(asking: Any) -> None:
    """Nothing can be written on it any more: the ledger has the number, and no ticket is opened
    for it."""
    status = asked(asking)
    asking.desk.close(asking.ticket().id)
    asking.ask("ada", "@bridge 5", "direct", in_reply_to=status.id)
    assert [row.score for row in rows(asking)] == [5]
    assert len(asking.tickets()) == 1
    assert told(asking, status)[-1] == "Thank you!"


@pytest.mark.parametrize("where", ["town", "desk"])
@pytest.mark.parametrize("fault", ["drop_after_write", "500"])
def test_it_is_asked_and_noted_once_whatever_happens(asking: Any, where: str, fault: str) -> None:
    status = asking.ask("ada", "@bridge hello", "direct")
    asking.answer("Hello Ada")
    faults = asking.town_faults if where == "town" else asking.desk.faults
    method = "POST" if where == "town" else "PUT"
    path = "/api/v1/statuses" if where == "town" else "/api/v2/tickets/*"
    faults.add(fault, method=method, path=path)
    solve(asking)
    for _ in range(3):
        asking.later(61)
    asking.ask("ada", "@bridge 5", "direct", in_reply_to=status.id)
    for _ in range(4):
        asking.later(61)
    assert told(asking, status) == ["Hello Ada", QUESTION, "Thank you!"]
    assert len([note for note in asking.notes() if "has rated our answer" in note]) == 1
    assert [row.score for row in rows(asking)] == [5]
