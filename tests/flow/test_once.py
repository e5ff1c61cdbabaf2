"""Every call that changes the outside world, and everything that can go wrong around it.

The table is points × faults. Whatever happened, after recovery there is exactly one of everything,
in order, as visible as it was meant, and ledger, ticket and thread say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from bridge.ledger import intents, steps
from bridge.ledger import tables as t
from bridge.model import File
from bridge.worker import run_once

PUBLIC, DIRECT = "public", "direct"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40

Before = Callable[[Any], None]
Says = tuple[tuple[bool, str], ...]
Heard = tuple[tuple[str, str, str], ...]


class Died(BaseException):
    """The process is gone: nothing after this line of it was carried out."""


@dataclass(frozen=True)
class Point:
    """One call. `act` makes the bridge do it as the `nth` of its kind (from 0). `ticket` is what
    stands on the ticket afterwards (seen by the customer, words), `thread` who said what how."""

    side: str
    method: str
    path: str
    adapter: str
    act: Before
    ticket: Says
    thread: Heard
    before: Before = lambda world: None
    nth: int = 0


def _asked(who: str = "ada", text: str = "@bridge first") -> Before:
    return lambda world: world.ask(who, text)


def _more(world: Any) -> None:
    world.ask("ada", "@bridge second", in_reply_to=world.town.statuses()[0].id)


def _shows(world: Any) -> None:
    media = world.town.upload("ada", PICTURE, "image/png", "p.png", "a parcel")
    world.ask("ada", "@bridge first", media=(media.id,))


def _answers(text: str, **how: Any) -> Before:
    return lambda world: world.answer(text, **how)


ASKED = (("ada", PUBLIC, "first"),)
TICKETS, UPDATES = "/api/v2/tickets", "/api/v2/tickets/*"
STATUSES = "/api/v1/statuses"

POINTS = {
    "open": Point("desk", "POST", TICKETS, "open", _asked(), ((True, "first"),), ASKED),
    "append": Point(
        "desk",
        "PUT",
        UPDATES,
        "update",
        _more,
        ((True, "first"), (True, "second")),
        (*ASKED, ("ada", PUBLIC, "second")),
        before=_asked(),
    ),
    "note": Point(
        "desk",
        "PUT",
        UPDATES,
        "update",
        _answers("Hello Dora"),
        ((True, "first"), (True, "Hello Dora"), (False, "refused this reply")),
        (("dora", PUBLIC, "first"),),
        before=_asked("dora"),
    ),
    "fields": Point(
        "desk",
        "PUT",
        UPDATES,
        "update",
        _answers("Hello", reply_as="public"),
        ((True, "first"), (True, "Hello")),
        (*ASKED, ("bridge", PUBLIC, "Hello")),
        before=_asked(),
    ),
    "upload": Point("desk", "POST", "/api/v2/uploads", "upload", _shows, ((True, "first"),), ASKED),
    "send in public": Point(
        "town",
        "POST",
        STATUSES,
        "send",
        _answers("Hello"),
        ((True, "first"), (True, "Hello")),
        (*ASKED, ("bridge", PUBLIC, "Hello")),
        before=_asked(),
    ),
    "send with a file": Point(
        "town",
        "POST",
        STATUSES,
        "send",
        _answers("See", files=(File("p.png", "image/png", PICTURE),)),
        ((True, "first"), (True, "See")),
        (*ASKED, ("bridge", PUBLIC, "See")),
        before=_asked(),
    ),
    "send in private": Point(
        "town",
        "POST",
        STATUSES,
        "send",
        _answers("#dm for you"),
        ((True, "first"), (True, "#dm for you")),
        (*ASKED, ("bridge", DIRECT, "for you"), ("bridge", PUBLIC, "in a private message")),
        before=_asked(),
    ),
    "notice": Point(
        "town",
        "POST",
        STATUSES,
        "send",
        _answers("#dm for you"),
        ((True, "first"), (True, "#dm for you")),
        (*ASKED, ("bridge", DIRECT, "for you"), ("bridge", PUBLIC, "in a private message")),
        before=_asked(),
        nth=1,
    ),
}


def _answered(name: str, **details: Any) -> Callable[[Any, Point, Any], None]:
    def add(world: Any, point: Point, _patch: Any) -> None:
        faults = world.desk.faults if point.side == "desk" else world.town_faults
        faults.add(name, method=point.method, path=point.path, skip=point.nth, **details)

    return add


def _dies(before: bool) -> Callable[[Any, Point, Any], None]:
    def add(world: Any, point: Point, patch: Any) -> None:
        adapter = world.bridge.helpdesk if point.side == "desk" else world.bridge.channels["acme"]
        whole, calls = getattr(adapter, point.adapter), []

        def call(*args: Any, **named: Any) -> Any:
            calls.append(args)
            last = len(calls) == point.nth + 1
            if last and before:
                raise Died
            done = whole(*args, **named)
            if last:
                raise Died
            return done

        patch.setattr(adapter, point.adapter, call)

    return add


FAULTS = {
    "none": lambda world, point, patch: None,
    "dropped before": _answered("drop_before_write"),
    "dropped after": _answered("drop_after_write"),
    "500": _answered("500"),
    "429": _answered("429", retry_after=30),
    "401": _answered("401"),
    "dies before": _dies(before=True),
    "dies after": _dies(before=False),
}


def recover(world: Any) -> None:
    """Time goes by, workers come back, and everything is asked for again in every way."""
    for seconds in (11, 31, 130, 320, 700):
        world.later(seconds)
        for ticket in world.tickets():
            world.ping(ticket)


def agree(world: Any) -> None:
    """Every intent is settled or refused; each has its one trace on the far side, and the far
    sides hold nothing of ours that no intent speaks of."""
    with world.bridge.ledger.reading() as tx:
        assert [] == list(
            tx.conn.execute(
                select(t.steps.c.kind, t.steps.c.about, t.steps.c.because).where(
                    t.steps.c.state != steps.DONE
                )
            )
        )
        rows = tx.conn.execute(
            select(t.intents, t.receipts.c.remote_id).outerjoin(
                t.receipts, t.receipts.c.intent_id == t.intents.c.id
            )
        ).all()
    assert {row.state for row in rows} <= {intents.SETTLED, intents.REFUSED}
    on_tickets = [
        str(said.id)
        for ticket in world.tickets()
        for audit in world.desk.ticket_audits(ticket.id)
        if "bridge" in audit.custom_json and (said := audit.comment)
    ]
    written = [r.remote_id for r in rows if r.kind in ("open", "append", "note") and r.remote_id]
    assert sorted(written) == sorted(on_tickets)
    us = world.town.find("bridge").id
    sent = [r.remote_id for r in rows if r.kind in ("send", "notice") and r.remote_id]
    assert sorted(sent) == sorted(s.id for s in world.town.statuses() if s.author == us)


ABOUT_THE_LEDGER = ("none", "dropped after", "dies before", "dies after")
"""What becomes of an answered refusal does not depend on the database; these might."""

CASES = [
    (database, name, fault)
    for database in ("sqlite", "postgresql")
    for name in POINTS
    for fault in (FAULTS if database == "sqlite" else ABOUT_THE_LEDGER)
]


@pytest.mark.parametrize(("ledger_url", "name", "fault"), CASES, indirect=["ledger_url"])
def test_exactly_one_of_everything(
    world: Any, monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    """Whatever goes wrong at this call: once, in order, as visible as meant, and all agree."""
    point = POINTS[name]
    point.before(world)
    FAULTS[fault](world, point, monkeypatch)
    with suppress(Died):
        point.act(world)
    recover(world)
    assert () == world.desk.faults.waiting() + world.town_faults.waiting(), "the fault never struck"
    found = [(said.public, said.plain_body) for said in world.comments()]
    if (fault, point.adapter, point.nth) == ("401", "send", 0):
        # The ticket tells that the sign-in is dead, and that it went out after all.
        assert [False, False] == [seen for seen, _ in found[len(point.ticket) :]]
        assert "no longer accepts our sign-in" in found[-2][1]
        assert "after all" in found[-1][1]
        found = found[: len(point.ticket)]
    assert len(point.ticket) == len(found), found
    for (seen, words), (was_seen, text) in zip(point.ticket, found, strict=True):
        assert (seen, True) == (was_seen, words in text), text
    asked = world.town.statuses()[0]
    heard = world.thread(asked)
    assert len(point.thread) == len(heard), heard
    for (who, how, words), (by, was, text) in zip(point.thread, heard, strict=True):
        assert (who, how, True) == (by, was, words in text), text
    if name == "upload":
        assert [1] == [len(said.attachments) for said in world.comments()]
    if name == "send with a file":
        assert 1 == len(world.town.thread(asked.id)[-1].now.media)
    agree(world)


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


class Blind:
    """The account's channel without its way to find its own messages again."""

    def __init__(self, whole: Any) -> None:
        self.account = whole.account
        self.limits = whole.limits
        self.shape = whole.shape
        self.send = whole.send
        self.unpack = whole.unpack


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
