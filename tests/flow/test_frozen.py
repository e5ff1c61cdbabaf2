"""Frozen in the very call: a worker sleeps past its lease with a request in its hands, or a request
is so late that it was looked for and sent again before it arrived. Once, all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bridge import bounded
from bridge.errors import NobodyKnows, RateLimited
from bridge.ledger import intents
from bridge.ledger import tables as t
from bridge.worker import run_once

TICKETS, UPDATES, STATUSES = "/api/v2/tickets", "/api/v2/tickets/*", "/api/v1/statuses"


def _asks(world: Any) -> None:
    world.clock.move(20)
    world.town.post("ada", "@bridge first")
    world.clock.move(61)


def _asks_more(world: Any) -> None:
    world.ask("ada", "@bridge first")
    world.town.post("ada", "@bridge second", in_reply_to=world.town.statuses()[0].id)
    world.clock.move(61)


def _is_answered(who: str, **how: Any) -> Callable[[Any], None]:
    def do(world: Any) -> None:
        world.ask(who, "@bridge first")
        world.clock.move(5)
        world.desk.answer(world.ticket().id, "Hello", **how)
        world.tell(world.ticket())

    return do


CALLS = {
    "open": (_asks, "desk", "POST", TICKETS, ["first"]),
    "append": (_asks_more, "desk", "PUT", UPDATES, ["first", "second"]),
    "note": (_is_answered("dora"), "desk", "PUT", UPDATES, ["first", "Hello", "refused this"]),
    "fields": (
        _is_answered("ada", reply_as="public"),
        "desk",
        "PUT",
        UPDATES,
        ["first", "Hello"],
    ),
    "send": (_is_answered("ada"), "town", "POST", STATUSES, ["first", "Hello"]),
}


def _sleeps(world: Any) -> None:
    """Longer than any lease; meanwhile another worker takes over and finishes everything."""
    world.later(world.bridge.settings.lease_seconds + 1)
    for seconds in (11, 31, 130):
        world.later(seconds)


def _run_all(world: Any) -> None:
    while run_once(world.bridge, "frozen"):
        pass


def _recover(world: Any) -> None:
    for seconds in (11, 31, 130, 320, 700):
        world.later(seconds)
        for ticket in world.tickets():
            world.ping(ticket)


def _says(world: Any, words: list[str]) -> None:
    said = [comment.plain_body for comment in world.comments()]
    assert len(words) == len(said), said
    assert all(each in text for each, text in zip(words, said, strict=True)), said
    with world.bridge.ledger.reading() as tx:
        states = set(tx.conn.execute(select(t.intents.c.state)).scalars())
    assert states <= {intents.SETTLED, intents.REFUSED}


@pytest.mark.parametrize("where", ["before the call", "on the wire"])
@pytest.mark.parametrize("call", CALLS)
def test_who_froze_in_the_very_call_sends_nothing(
    world: Any, monkeypatch: pytest.MonkeyPatch, call: str, where: str
) -> None:
    """Even where the far side knows no key: the late request never leaves, so there is one."""
    before, side, method, path, words = CALLS[call]
    faults = world.desk.faults if side == "desk" else world.town_faults
    before(world)
    asked = len(faults.asked(method, path))
    awake: list[bool] = []
    if where == "on the wire":
        whole_send = bounded._Plain.send
        line = f"{method} {path.removesuffix('*')}".encode()

        def send(self: Any, data: Any) -> None:
            if not awake and bytes(data).startswith(line):
                awake.append(True)
                _sleeps(world)
            whole_send(self, data)

        monkeypatch.setattr(bounded._Plain, "send", send)
    else:
        adapter = world.bridge.helpdesk if side == "desk" else world.bridge.channels["acme"]
        name = {"POST": "open", "PUT": "update"}[method] if side == "desk" else "send"
        whole = getattr(adapter, name)

        def stalled(*args: Any, **named: Any) -> Any:
            if not awake:
                awake.append(True)
                _sleeps(world)
            return whole(*args, **named)

        monkeypatch.setattr(adapter, name, stalled)
    _run_all(world)
    assert [True] == awake
    assert 1 == len(faults.asked(method, path)) - asked
    _recover(world)
    _says(world, words)
    said = [text for who, _, text in world.thread(world.town.statuses()[0]) if who == "bridge"]
    assert (1 if call in ("fields", "send") else 0) == len(said)


def test_a_slow_call_under_a_lease_that_holds_goes_out(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old is only the last look; it is taken again, and nobody else has the lane."""
    whole, slept = world.bridge.helpdesk.update, list[bool]()

    def slow(*args: Any) -> Any:
        if not slept:
            slept.append(True)
            world.clock.move(world.bridge.settings.lease_seconds * 3 / 4)
        return whole(*args)

    _asks_more(world)
    monkeypatch.setattr(world.bridge.helpdesk, "update", slow)
    world.settle()
    assert [True] == slept
    assert 1 == len(world.desk.faults.asked("PUT", UPDATES))
    _says(world, ["first", "second"])


class Late:
    """The first update is on its way for long: no answer comes. `arrives` lets it arrive."""

    def __init__(self, world: Any, patch: pytest.MonkeyPatch) -> None:
        self.whole = world.bridge.helpdesk.update
        self.sent: list[tuple[Any, ...]] = []
        patch.setattr(world.bridge.helpdesk, "update", self)

    def __call__(self, *args: Any) -> Any:
        if self.sent:
            return self.whole(*args)
        self.sent.append(args)
        raise NobodyKnows("the connection broke before an answer came")

    def arrives(self) -> None:
        self.whole(*self.sent[0])


def _when_looked(world: Any, patch: pytest.MonkeyPatch, nth: int, act: Callable[[], None]) -> None:
    """Right after the ticket was looked through for the `nth` time (from 1)."""
    whole, looks = world.bridge.helpdesk.find_written, []

    def looked(*args: Any) -> Any:
        found = whole(*args)
        looks.append(found)
        if len(looks) == nth:
            world.clock.move(2)
            act()
        return found

    patch.setattr(world.bridge.helpdesk, "find_written", looked)


@pytest.mark.parametrize("nth", [1, 2])
def test_what_arrives_after_it_was_looked_for_is_not_doubled(
    world: Any, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """The second try is for the ticket as it was looked through, and for no other."""
    late = Late(world, monkeypatch)
    _asks_more(world)
    _when_looked(world, monkeypatch, nth, late.arrives)
    world.settle()
    _recover(world)
    _says(world, ["first", "second"])


def test_a_second_try_that_had_to_wait_is_looked_for_again(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one was not carried out, and says nothing about the one before it."""
    late = Late(world, monkeypatch)
    _asks_more(world)
    world.settle()
    whole, limited = late.whole, list[bool]()

    def once_too_many(*args: Any) -> Any:
        if not limited:
            limited.append(True)
            raise RateLimited("slow down", 30.0)
        return whole(*args)

    late.whole = once_too_many
    world.later(11)
    assert [True] == limited
    late.arrives()
    _recover(world)
    _says(world, ["first", "second"])


def test_an_agent_in_between_costs_another_look(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conflict that is none of ours: it is written all the same, and once."""
    Late(world, monkeypatch)
    _asks_more(world)
    _when_looked(world, monkeypatch, 2, lambda: world.desk.set_status(world.ticket().id, "pending"))
    world.settle()
    _recover(world)
    assert 2 == len(world.desk.faults.asked("PUT", UPDATES))  # a conflict, then it was taken
    _says(world, ["first", "second"])
