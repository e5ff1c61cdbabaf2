"""By when an answer is due: the earlier of what we promise and what the network allows, on the
ticket with what is written anyway, and reminded of once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.flow.promises import Due, all_due
from bridge.ledger import deadlines, states
from bridge.ledger.deadlines import Because, Unanswered
from bridge.mapping.hours import Span
from bridge.mapping.openings import OpeningHours
from bridge.mapping.service import Service, Targets
from bridge.model import Kind, Visibility
from bridge.opening import open_bridge, publish
from bridge.sandbox.zendesk.records import Field

HOUR = 3600
FIELD = 360041209999
SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOURS = OpeningHours("Europe/Berlin", tuple(Span(day, 540, 1020) for day in range(5)))
PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE


# ------------------------------------------------------------------ what is due


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("service", "window", "waiting", "expected"),
    [
        (Service(), None, (), None),
        (Service(), None, (Unanswered(PRIVATE, SATURDAY),), None),
        (Service(), hours(24), (Unanswered(PUBLIC, SATURDAY),), None),
        (
            Service(),
            hours(24),
            (Unanswered(PRIVATE, SATURDAY),),
            Due(SATURDAY + hours(24), Because.WINDOW, SATURDAY, SATURDAY + hours(23)),
        ),
        (  # a target in opening hours: Saturday to Monday, 9:00 and an hour
            Service(hours=HOURS, targets=Targets(public=hours(1))),
            None,
            (Unanswered(PUBLIC, SATURDAY),),
            Due(
                datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
                Because.TARGET,
                SATURDAY,
                datetime(2026, 11, 23, 8, 45, tzinfo=UTC),
            ),
        ),
        (  # the earlier of both: the window closes on Sunday
            Service(hours=HOURS, targets=Targets(private=hours(1))),
            hours(24),
            (Unanswered(PRIVATE, SATURDAY),),
            Due(SATURDAY + hours(24), Because.WINDOW, SATURDAY, SATURDAY + hours(23)),
        ),
        (  # a second message moves the window and not what was promised for the first
            Service(targets=Targets(private=hours(3), nudge=hours(1))),
            hours(24),
            (Unanswered(PRIVATE, SATURDAY), Unanswered(PRIVATE, SATURDAY + hours(2))),
            Due(SATURDAY + hours(3), Because.TARGET, SATURDAY, SATURDAY + hours(2)),
        ),
        (
            Service(),
            hours(24),
            (Unanswered(PRIVATE, SATURDAY), Unanswered(PRIVATE, SATURDAY + hours(2))),
            Due(SATURDAY + hours(26), Because.WINDOW, SATURDAY, SATURDAY + hours(25)),
        ),
        (  # longer notice than there is time: half of it
            Service(targets=Targets(public=hours(1), nudge=hours(2))),
            None,
            (Unanswered(PUBLIC, SATURDAY),),
            Due(SATURDAY + hours(1), Because.TARGET, SATURDAY, SATURDAY + hours(0.5)),
        ),
    ],
)
def test_the_earlier_of_both(
    service: Service, window: timedelta | None, waiting: Any, expected: Due | None
) -> None:
    assert next(iter(all_due(service, window, waiting)), None) == expected


def test_a_window_that_closes_at_night_is_reminded_of_while_somebody_is_there() -> None:
    """Written on Thursday at 12:00, over on Friday at 12:00: an hour before. Written on Thursday
    at 20:00, over on Friday at 20:00: an hour before they leave at 17:00."""
    for at, nudge in (
        (datetime(2026, 11, 19, 11, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC)),
        (datetime(2026, 11, 19, 19, tzinfo=UTC), datetime(2026, 11, 20, 15, tzinfo=UTC)),
    ):
        (found,) = all_due(Service(hours=HOURS), hours(24), (Unanswered(PRIVATE, at),))
        assert found.nudge_at == nudge


# ------------------------------------------------------------------ on the ticket


@pytest.fixture
def promising(world: Any) -> Any:
    """An hour in public, half an hour in private, all day long; the ticket has a field for it."""
    world.desk.fields[FIELD] = Field(FIELD, "text", "Reply by")
    world.remap("    delivery:", f"    reply_by: {FIELD}\n    delivery:")
    promise = "targets: {public: 1h, private: 30m, nudge: 10m}\nrules:\n"
    world.remap("rules:\n", promise)
    return reopened(world)


def reopened(world: Any) -> Any:
    """The helpdesk knows the fields of the mapping it was opened with."""
    old = world.bridge
    old.helpdesk.close()
    new = open_bridge(old.settings, world.environ, clock=old.clock, ledger=old.ledger)
    world.bridge = publish(new)
    world.settle()
    return world


def listen(hears: Any, monkeypatch: Any) -> None:
    """The channel as it is now hears what the test says."""
    channel = hears.world.bridge.channels["acme"]
    whole = type(channel).unpack
    monkeypatch.setattr(
        channel, "unpack", lambda body: hears.said.get(body) or whole(channel, body)
    )
    monkeypatch.setattr(channel, "reread", lambda post_ids: ())


def field(world: Any, ticket: Any = None) -> str:
    return (ticket or world.ticket()).value(FIELD) or ""


def updates(world: Any) -> int:
    return len([asked for asked in world.desk.faults.asked("PUT") if "/tickets/" in asked.path])


def deadline(world: Any, conversation: int = 1) -> Any:
    with world.bridge.ledger.reading() as tx:
        return deadlines.row(tx, conversation)


def solved(world: Any) -> Any:
    with world.bridge.ledger.reading() as tx:
        return states.solved_at(tx, world.bridge.desk, str(world.ticket().id))


def nudges(world: Any) -> list[str]:
    return [note for note in world.notes() if "nearly over" in note or "soon takes no" in note]


def test_it_comes_with_the_message_and_goes_with_the_answer(promising: Any) -> None:
    """No update of its own when it comes, one when it goes."""
    world = promising
    before = updates(world)
    world.ask("ada", "@bridge hello")  # 12:00:20
    assert field(world) == "2026-11-21 13:00 UTC"
    assert updates(world) == before
    world.answer("Hello Ada")
    assert field(world) == ""
    assert updates(world) == before + 1
    assert deadline(world) is None


def test_an_answer_with_a_choice_needs_no_update_more(promising: Any) -> None:
    """The choice is put back in any case; both go in one."""
    world = promising
    world.ask("ada", "@bridge hello")
    before = updates(world)
    world.answer("Hello Ada", reply_as="public")
    assert field(world) == ""
    assert updates(world) == before + 1
    assert deadline(world) is None


def test_what_was_promised_for_the_first_message_holds(promising: Any) -> None:
    """A second one, half an hour later, moves nothing; one after the answer begins anew."""
    world = promising
    asked = world.ask("ada", "@bridge hello")
    world.clock.move(HOUR / 2)
    world.ask("ada", "@bridge hello?", in_reply_to=asked.id)
    assert field(world) == "2026-11-21 13:00 UTC"
    world.answer("Hello Ada")
    assert field(world) == ""
    world.ask("ada", "@bridge thanks, and one more thing", in_reply_to=asked.id)
    assert field(world).startswith("2026-11-21 13:3")


def test_the_ticket_is_reminded_once_before_it_passes(promising: Any) -> None:
    world = promising
    world.ask("ada", "@bridge hello", "direct")  # due at 12:30:20, reminded of at 12:20:20
    world.clock.move(19 * 60)
    world.settle()
    assert nudges(world) == []
    world.later(120)
    world.later(120)
    (note,) = nudges(world)
    assert "2026-11-21 12:30 UTC" in note
    assert {"bridge_reply_soon", "bridge_nudge_target"} <= set(world.ticket().tags)
    for _ in range(5):
        world.later(HOUR)
    assert len(nudges(world)) == 1


def test_nobody_is_reminded_of_what_is_answered_or_solved(promising: Any) -> None:
    """Nor of what an answer is on its way to."""
    world = promising
    world.ask("ada", "@bridge hello", "direct")
    world.answer("Hello Ada")
    world.ask("chloe", "@bridge hello", "direct")
    world.desk.solve(world.tickets()[1].id)
    world.later(130)  # the export tells of it after a minute
    assert field(world, world.tickets()[1]) == ""
    assert world.tickets()[1].status == "solved"
    world.ask("ada", "@bridge hello to everybody")
    world.town_faults.add("429", method="POST", path="/api/v1/statuses", retry_after=2 * HOUR)
    world.answer("Hello again", world.tickets()[2])
    for minutes in (48, 2, 2, 15):
        world.later(60 * minutes)
    for ticket in world.tickets():
        assert "bridge_reply_soon" not in ticket.tags


@pytest.mark.parametrize("lost", [False, True])
def test_a_ticket_that_was_opened_and_solved_again_unheard_waits_for_nothing(
    promising: Any, lost: bool
) -> None:
    """The customer's next message opens it, and an agent solves it before the helpdesk is asked
    again; also where the answer to that write was lost."""
    world = promising
    asked = world.ask("ada", "@bridge hello", "direct")
    world.desk.solve(world.ticket().id)
    world.later(130)
    assert field(world) == ""
    if lost:
        world.desk.faults.add("drop_after_write", method="PUT", path="/api/v2/tickets/*")
    world.ask("ada", "@bridge thanks", "direct", in_reply_to=asked.id)
    assert world.ticket().status == "open"
    assert field(world) != ""
    world.desk.solve(world.ticket().id)
    for _ in range(8):
        world.later(600)
    assert world.ticket().status == "solved"
    assert field(world) == ""
    assert deadline(world) is None
    assert nudges(world) == []
    assert "bridge_reply_soon" not in world.ticket().tags


def test_a_message_that_waited_while_the_ticket_was_solved_is_promised_an_answer(
    promising: Any,
) -> None:
    """It was heard before, but nobody saw it: it opens the ticket, and waits for an answer."""
    world = promising
    asked = world.ask("ada", "@bridge hello", "direct")
    world.answer("Hello Ada")
    world.desk.faults.add("429", method="PUT", path="/api/v2/tickets/*", retry_after=300)
    world.ask("ada", "@bridge one more thing", "direct", in_reply_to=asked.id)
    world.desk.solve(world.ticket().id)
    world.later(130)
    assert solved(world) is not None
    world.later(300)
    assert world.ticket().status == "open"
    world.later(130)
    assert solved(world) is None
    assert field(world) != ""
    for _ in range(8):
        world.later(600)
    assert len(nudges(world)) == 1


def test_what_stays_solved_was_solved_when_it_was(promising: Any) -> None:
    """However often it is written on, and when it is closed; and what is open again waits."""
    world = promising
    asked = world.ask("ada", "@bridge hello", "direct")
    world.ask("ada", "@bridge hello?", "direct", in_reply_to=asked.id)
    world.clock.move(60)
    world.desk.solve(world.ticket().id)
    world.later(130)  # the field is emptied: an update of ours
    first = solved(world)
    world.later(130)
    world.desk.note(world.ticket().id, "Seen")
    world.later(130)
    assert solved(world) == first
    world.desk.close(world.ticket().id)
    world.later(130)
    assert solved(world) == first
    world.ask("ada", "@bridge one more thing", "direct", in_reply_to=asked.id)
    world.later(130)
    assert field(world, world.tickets()[1]) != ""


def test_an_answer_from_the_networks_own_app_counts(
    hears: Any, promising: Any, monkeypatch: Any
) -> None:
    world = promising
    listen(hears, monkeypatch)
    hears(hears.post("m1", "hello"))
    assert field(world) == "2026-11-21 13:00 UTC"
    world.clock.move(60)
    us = replace(hears.person(7), handle="bridge")
    hears(hears.post("m2", "from my phone", by_us=True, author=us, parent_id="m1"))
    assert "bridge_answered_elsewhere" in world.ticket().tags
    assert field(world) == ""
    assert deadline(world) is None


def test_what_its_author_takes_back_waits_for_no_answer(promising: Any) -> None:
    world = promising
    asked = world.ask("ada", "@bridge hello")
    world.town.delete(asked.id)
    world.later(HOUR / 4)
    assert field(world) == ""


def test_a_refused_answer_is_none(promising: Any) -> None:
    """It stands on the ticket until somebody has really been answered."""
    world = promising
    world.ask("ada", "@bridge hello")
    world.town_faults.add("refuse_replies", times=1)
    world.answer("Hello Ada")
    assert field(world) == "2026-11-21 13:00 UTC"
    world.answer("Hello again, Ada")
    assert field(world) == ""


def test_the_networks_window(hears: Any, monkeypatch: Any) -> None:
    """A day after the last private message, in the zone of our hours; what was said in public has
    no window."""
    world = hears.world
    world.desk.fields[FIELD] = Field(FIELD, "text", "Reply by")
    world.remap("    delivery:", f"    reply_by: {FIELD}\n    delivery:")
    world.remap("rules:\n", 'hours: {zone: Europe/Berlin, open: {daily: "08:00-20:00"}}\nrules:\n')
    reopened(world)
    channel = world.bridge.channels["acme"]
    real = channel.limits()
    monkeypatch.setattr(channel, "limits", lambda: replace(real, reply_window=hours(24)))
    listen(hears, monkeypatch)
    hears(hears.post("m0", "hello"))
    assert field(world) == ""
    hears(hears.post("m1", "hello", visibility=PRIVATE, kind=Kind.DM, author=hears.person(5)))
    assert field(world, world.tickets()[1]) == "2026-11-22 13:00 CET"
    world.clock.move(23 * HOUR)
    world.settle()
    world.later(60)
    (note,) = [said.plain_body for said in world.comments(world.tickets()[1]) if not said.public]
    assert "soon takes no more answers" in note
    assert "bridge_nudge_window" in world.tickets()[1].tags


def test_without_a_field_it_is_only_kept(world: Any) -> None:
    """And reminded of all the same."""
    world.remap("rules:\n", "targets: {public: 1h}\nrules:\n")
    before = updates(world)
    world.ask("ada", "@bridge hello")
    assert deadline(world).because is Because.TARGET
    world.later(46 * 60)
    world.later(60)
    assert len(nudges(world)) == 1
    world.answer("Hello Ada")
    assert deadline(world) is None
    assert updates(world) == before + 1


@pytest.mark.parametrize("fault", ["drop_after_write", "drop_before_write", "429", "500"])
def test_it_is_reminded_of_once_whatever_the_helpdesk_does(promising: Any, fault: str) -> None:
    world = promising
    world.ask("ada", "@bridge hello", "direct")
    wait = {"retry_after": 30} if fault == "429" else {}
    world.desk.faults.add(fault, method="PUT", path="/api/v2/tickets/*", **wait)
    world.clock.move(21 * 60)
    world.settle()
    for _ in range(6):
        world.later(60)
    assert len(nudges(world)) == 1
    world.desk.faults.add(fault, method="PUT", path="/api/v2/tickets/*", **wait)
    world.answer("Hello Ada")
    for _ in range(6):
        world.later(60)
    assert field(world) == ""
    assert deadline(world) is None
