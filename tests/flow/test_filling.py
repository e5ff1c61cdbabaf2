"""Saved replies on their way out: what is filled in is what is frozen, counted and sent."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bridge.ledger import tables as t

HOURS = 'hours: {zone: Europe/Berlin, open: {mon-fri: "09:00-17:00"}}\nrules:\n'


def sent(world: Any, asked: Any) -> list[str]:
    return [text.split(" ", 1)[1] for _, _, text in world.thread(asked)[1:]]


def test_a_reply_is_filled_in(world: Any) -> None:
    """The network gets the words, and so does the frozen intent."""
    world.remap("rules:\n", HOURS)
    asked = world.ask("ada", "@bridge hello", language="de")
    world.answer("Dear [[first_name|you]], [[agent]] is back [[opening]].")
    (text,) = sent(world, asked)
    assert text == "Dear Ada, Ines is back Montag, 23. November, 09:00 Uhr (CET)."
    with world.bridge.ledger.reading() as tx:
        (body,) = tx.conn.execute(
            select(t.intents.c.body).where(t.intents.c.kind == "send")
        ).scalars()
    assert "Dear Ada, Ines" in body
    assert "[[" not in body


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Dear [[frist_name]]", 'did you mean "first_name"?'),
        ("Dear [[first_name", "[[first_name"),
        ("We are back [[opening]]", "nothing to stand for here: [[opening]]"),
    ],
)
def test_a_reply_that_cannot_be_filled_in_is_not_sent(world: Any, text: str, note: str) -> None:
    """The ticket says which placeholder it is."""
    asked = world.ask("ada", "@bridge hello")
    world.answer(text)
    assert sent(world, asked) == []
    (said,) = world.notes()
    assert note in said
    assert "Nothing was sent" in said
    assert "refused" == world.ticket().value(world.delivery_field)
    world.answer("Dear [[first_name]]")
    assert sent(world, asked) == ["Dear Ada"]


def test_what_somebody_calls_themselves_does_no_harm(hears: Any, monkeypatch: Any) -> None:
    """A name that mentions others, links, and holds a placeholder of its own."""
    world, bodies = hears.world, []
    channel = world.bridge.channels["acme"]
    whole = channel.send

    def send(reply: Any) -> Any:
        bodies.append(reply.text)
        return whole(reply)

    monkeypatch.setattr(channel, "send", send)
    ada = hears.person(0)
    name = "Ada\u202e [[agent]] @chloe https://evil.example\n\nbuy now"
    asked = world.ask("ada", "@bridge hello")
    evil = type(ada)(ada.network, ada.id, ada.handle, name)
    hears(hears.post("m1", "hello", author=evil, parent_id=asked.id))
    world.answer("Dear [[name]],", world.tickets()[-1])
    assert bodies == ["Dear Ada agent chloe buy now,"]


def test_the_length_is_that_of_the_filled_reply(world: Any) -> None:
    """Too long with its placeholders, and short enough without; and the other way round."""
    asked = world.ask("ada", "@bridge hello")
    world.answer("x" * 470 + "[[first_name|" + "y" * 60 + "]]")
    assert len(sent(world, asked)) == 1
    world.answer("x" * 484 + "[[name]]")  # "Ada Lovelace" is longer than its placeholder
    assert len(sent(world, asked)) == 1
    assert "too long" in world.notes()[-1]


def test_every_try_says_the_same(world: Any) -> None:
    """The opening that was next when the answer was written stands there, however late it goes
    out; nothing is told twice."""
    world.remap("rules:\n", HOURS)
    world.clock.move(38 * 3600)  # Monday, 2:00 in Berlin
    asked = world.ask("ada", "@bridge hello")
    world.town_faults.add("429", method="POST", path="/api/v1/statuses", retry_after=8 * 3600)
    world.answer("We are back [[opening]].")
    assert sent(world, asked) == []
    for _ in range(9):
        world.later(3600)
    assert sent(world, asked) == ["We are back Monday 23 November, 09:00 (CET)."]
