"""What happens on the network to a post whose ticket is closed by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.ledger import steps
from bridge.ledger import tables as t
from bridge.model import Media, Remark, Removal, What

DIRECT = "direct"
FIRST = "@bridge where is my parcel?"
NOW = "@bridge where is my parcel? It is order 4711 and it was stolen"


@pytest.fixture
def closed(world: Any) -> Any:
    """Ada has asked in public, and her ticket is closed."""
    world.asked = world.ask("ada", FIRST)
    world.desk.close(world.ticket().id)
    return world


def edit(world: Any, text: str = NOW) -> None:
    world.town.edit(world.asked.id, text)
    world.later(700)


def set_aside(world: Any) -> tuple[Any, ...]:
    with world.bridge.ledger.reading() as tx:
        return steps.set_aside(tx)


def trail(world: Any) -> list[str]:
    with world.bridge.ledger.reading() as tx:
        return list(tx.conn.execute(select(t.audit.c.what)).scalars())


def readable(world: Any) -> str:
    """All that agents can read: subjects and comments of every ticket."""
    said = [each.plain_body for ticket in world.tickets() for each in world.comments(ticket)]
    return "\n".join([*said, *(ticket.subject for ticket in world.tickets())])


def test_changed_words_open_the_follow_up(closed: Any) -> None:
    edit(closed)
    old, follow_up = closed.tickets()
    assert old.id == follow_up.follow_up_of
    assert {"bridge", "bridge_mastodon", "bridge_public", "bridge_edited", "social"} <= set(
        follow_up.tags
    )
    (said,) = closed.comments(follow_up)
    assert (True, old.requester_id) == (said.public, said.author_id)
    assert "order 4711 and it was stolen" in said.plain_body
    assert f"Before the edit it read:\n\n{FIRST}" in said.plain_body
    assert not set_aside(closed)


def test_what_is_answered_there_goes_to_them(closed: Any) -> None:
    edit(closed)
    closed.answer("We look for it", closed.tickets()[-1])
    assert [("public", "We look for it")] == [
        (each.visibility, each.text.partition(" ")[2])
        for each in closed.town.statuses()
        if each.in_reply_to == closed.asked.id
    ]


def test_what_was_private_is_answered_privately(world: Any) -> None:
    world.asked = world.ask("ada", "@bridge my card is lost", DIRECT)
    world.desk.close(world.ticket().id)
    edit(world, "@bridge my card 4711 is lost")
    world.answer("It is blocked", world.tickets()[-1])
    assert all("blocked" not in each.text for each in world.town.public_timeline())
    assert "It is blocked" in world.town.direct_between("ada", "bridge")[-1].text


def test_edited_once_more_it_stands_on_the_follow_up(closed: Any) -> None:
    edit(closed)
    edit(closed, f"{NOW} in May")
    assert 2 == len(closed.tickets())
    (note,) = closed.notes(closed.tickets()[-1])
    assert "in May" in note


def test_an_answer_of_before_it_was_closed_goes_out_first(world: Any) -> None:
    """The agent answered and the ticket was closed; nobody told us of it before the edit."""
    world.asked = world.ask("ada", FIRST)
    world.clock.move(5)
    world.desk.answer(world.ticket().id, "late answer")
    world.desk.close(world.ticket().id)
    edit(world)
    old, follow_up = world.tickets()
    assert 1 == sum("late answer" in text for _, _, text in world.thread(world.asked))
    world.ping(old)
    world.answer("We look for it", follow_up)
    assert ["late answer", "We look for it"] == [
        text.partition(" ")[2] for _, _, text in world.thread(world.asked)[1:]
    ]


@pytest.mark.parametrize("fault", ["drop_after_write", "drop_before_write"])
def test_there_is_one_follow_up_whatever_is_lost(closed: Any, fault: str) -> None:
    closed.desk.faults.add(fault, method="POST", path="/api/v2/tickets", times=1)
    edit(closed)
    closed.later(700)
    assert 2 == len(closed.tickets())
    assert 1 == len(closed.comments(closed.tickets()[-1]))


def test_taken_back_all_its_words_go(closed: Any) -> None:
    edit(closed, "@bridge I live at 5 Elm Row")
    assert "Elm Row" in closed.tickets()[-1].subject
    assert "my parcel" in readable(closed)
    closed.town.delete(closed.asked.id)
    closed.later(700)
    left = [each.plain_body for each in closed.comments(closed.tickets()[0])]
    assert all("my parcel" not in each for each in left)
    assert "Elm Row" not in readable(closed)
    assert not set_aside(closed)


def test_the_same_words_open_nothing(world: Any, hears: Any) -> None:
    """A picture's address is another: there is nothing new to read."""
    first = hears.post("1", FIRST)
    hears(first)
    world.desk.close(world.ticket().id)
    picture = Media("https://pictures.example/2.png", "image/png")
    hears(replace(first, media=(picture,), revision="2"))
    assert 1 == len(world.tickets())
    assert not set_aside(world)
    assert "edit not told on the ticket" in trail(world)


def test_what_opens_no_ticket_is_put_down(world: Any, hears: Any) -> None:
    first = hears.post("1", FIRST)
    hears(first)
    world.desk.close(world.ticket().id)
    at = world.clock() + timedelta(seconds=1)
    hears(Remark("acme", "1", at, What.HIDDEN))
    hears(hears.post("2", "We said it there", by_us=True, parent_id="1"))
    hears(Removal("acme", "1", at, "deleted"))
    assert 1 == len(world.tickets())
    assert not set_aside(world)
    told = {each for each in trail(world) if "not told on the ticket" in each}
    assert {f"{each} not told on the ticket" for each in ("remark", "ours", "removal")} == told
