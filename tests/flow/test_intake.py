"""What arrives, in every odd order there is: nothing lost, nothing doubled, nothing held up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bridge.ledger import deliveries, people, steps
from bridge.ledger import tables as t
from bridge.model import Ignored, Person, Removal, Unreadable, Visibility
from bridge.worker import run_once

US = Person("mastodon", "99", "bridge@sandbox.example", "Acme Support")


def states(world: Any) -> dict[str, int]:
    with world.bridge.ledger.reading() as tx:
        return {
            state: count for state, count in deliveries.counts(tx).items() if state != "ignored"
        }


def test_a_removal_before_its_post_leaves_nothing_to_tell(hears: Any) -> None:
    """What was taken back before we heard of it is not put on a ticket."""
    world = hears.world
    hears(Removal("acme", "p1", world.clock(), "deleted"))
    hears(hears.post("p1", "do not read this"))
    assert () == world.tickets()
    assert {"done": 2} == states(world)


def test_an_edit_before_its_original_is_told_once(hears: Any) -> None:
    """The newest words come first: the older ones that follow are no news."""
    world = hears.world
    hears(hears.post("p1", "order 21", revision="2026-11-21T12:00:00Z"))
    hears(hears.post("p1", "order 12"))
    (said,) = world.comments()
    assert "order 21" in said.plain_body


def test_an_older_version_after_a_newer_one_changes_nothing(hears: Any) -> None:
    """Each edit is told with what it replaced, and a late older one is not told at all."""
    world = hears.world
    hears(hears.post("p1", "first"))
    hears(hears.post("p1", "third", revision="2026-11-21T13:00:00Z"))
    hears(hears.post("p1", "second", revision="2026-11-21T12:30:00Z"))
    hears(hears.post("p1", "third", revision="2026-11-21T13:00:00Z"))
    (note,) = world.notes()
    assert "third" in note
    assert "first" in note
    assert "second" not in note


def test_an_edit_that_says_the_same_is_no_news(hears: Any) -> None:
    """Networks call many things an edit."""
    hears(hears.post("p1", "first"))
    hears(hears.post("p1", "first", revision="2026-11-21T13:00:00Z"))
    assert [] == hears.world.notes()


def test_the_same_post_by_two_ways_is_one_comment(hears: Any) -> None:
    """Push and poll may both bring it, under different keys."""
    for _ in range(5):
        hears(hears.post("p1", "hello"))
    assert 1 == len(hears.world.comments())


def test_the_same_delivery_five_times_is_one_comment(hears: Any) -> None:
    """A sender who got no answer sends again."""
    for _ in range(5):
        hears(hears.post("p1", "hello"), key="the same")
    assert 1 == len(hears.world.comments())
    assert {"done": 1} == states(hears.world)


def test_an_echo_before_the_receipt_is_no_answer_of_somebody_else(
    hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own message comes back, and is taken in by another worker, before its send returns."""
    world = hears.world
    asked = world.ask("ada", "@bridge hello")
    channel = world.bridge.channels["acme"]
    whole = channel.send

    def send(reply: Any) -> Any:
        receipt = whole(reply)
        hears.keep(hears.post(receipt.id, reply.text, author=US, by_us=True, parent_id=asked.id))
        while run_once(world.bridge, "another"):
            pass
        return receipt

    monkeypatch.setattr(channel, "send", send)
    world.answer("Hello Ada")
    world.later(60)
    assert 2 == len(world.thread(asked))
    assert [] == world.notes()


def test_an_echo_after_the_receipt_tells_when_it_was_there(hears: Any) -> None:
    """The network's own time of a message of ours is kept, for the numbers: no ticket, no note."""
    world = hears.world
    asked = world.ask("ada", "@bridge hello")
    world.answer("Hello Ada")
    with world.bridge.ledger.reading() as tx:
        (sent,) = tx.conn.execute(t.receipts.select().where(t.receipts.c.far_side == "acme")).all()
    there = world.clock() - timedelta(seconds=3)
    echo = hears.post(sent.remote_id, "hi", author=US, by_us=True, parent_id=asked.id)
    hears(replace(echo, created_at=there))
    with world.bridge.ledger.reading() as tx:
        (told,) = tx.conn.execute(t.reports.select()).all()
    assert (sent.remote_id, "sent", there) == (told.remote_id, told.state, told.at)
    assert [] == world.notes()


def test_an_answer_given_in_the_networks_own_app_is_noted(hears: Any) -> None:
    """Agents must know before they answer too; it opens no ticket of its own."""
    world = hears.world
    asked = world.ask("ada", "@bridge hello")
    hears(hears.post("o1", "I am on it", author=US, by_us=True, parent_id=asked.id))
    hears(hears.post("o2", "good morning all", author=US, by_us=True))
    (note,) = world.notes()
    assert "I am on it" in note
    assert 1 == len(world.tickets())


def test_a_skipped_post_makes_no_ticket_and_says_why(hears: Any) -> None:
    """A skip rule's reason is kept; an answer to a skipped post is judged by itself."""
    world = hears.world
    world.remap("rules:\n", "rules:\n  - name: ads\n    when: {words: [casino]}\n    skip: an ad\n")
    hears(hears.post("p1", "best casino in town"))
    assert () == world.tickets()
    with world.bridge.ledger.reading() as tx:
        (because,) = tx.conn.execute(t.deliveries.select()).all()[-1:]
    assert "an ad" in because.because
    hears(hears.post("p2", "is that really you?", parent_id="p1", thread_id="p1"))
    assert 1 == len(world.tickets())


def test_one_that_nobody_understands_does_not_hold_up_nine_others(hears: Any) -> None:
    """It is set aside with its reason; the rest arrive, in order."""
    world = hears.world
    for number in range(10):
        event = hears.post(f"p{number}", f"post {number}", author=hears.person(number))
        hears.keep(event if number != 3 else Unreadable("no author", "{}"))
    world.settle()
    assert 9 == len(world.tickets())
    assert [f"post {n}" for n in range(10) if n != 3] == [
        world.comments(ticket)[0].plain_body[:6] for ticket in world.tickets()
    ]
    assert {"done": 9, "set_aside": 1} == states(world)


def test_one_delivery_with_several_events_keeps_the_good_ones(hears: Any) -> None:
    """What is readable in a mixed delivery is told; the delivery is set aside for the rest."""
    world = hears.world
    hears(
        hears.post("p1", "one"),
        Unreadable("odd", ""),
        Ignored("a like"),
        hears.post("p2", "two", parent_id="p1", thread_id="p1"),
    )
    assert ["one", "two"] == [said.plain_body[:3] for said in world.comments()]
    assert {"set_aside": 1} == states(world)


@pytest.mark.parametrize("odd", ["half \ud83d", "endless", "nul \x00"])
def test_what_a_database_cannot_keep_holds_up_nobody(hears: Any, odd: str) -> None:
    """Half a surrogate, a number without end, a NUL: at worst that one is set aside."""
    world = hears.world
    person = Person("mastodon", "7", "odd", odd, followers=10**30 if odd == "endless" else None)
    hears.keep(hears.post("p1", "before", author=hears.person(1)))
    hears.keep(hears.post("p2", "odd", author=person))
    hears.keep(hears.post("p3", "after", author=hears.person(3)))
    world.settle()
    told = [world.comments(ticket)[0].plain_body for ticket in world.tickets()]
    assert told[0].startswith("before")
    assert told[-1].startswith("after")
    if not odd.startswith("nul"):
        assert {"done": 2, "set_aside": 1} == states(world)


class Crossed(Exception):
    """What a driver says when two transactions waited for one another."""

    sqlstate = "40P01"


@pytest.mark.parametrize("alone", [False, True])
def test_two_accounts_that_wait_for_one_another_hold_up_nobody(
    hears: Any, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    """What was to be taken in together is taken in one by one; if even that is crossed, later."""
    world, remember = hears.world, people.remember
    met: list[str] = []

    def remembered(tx: Any, person: Person) -> int:
        if person.id == "902" and len(met) < 1 + alone:
            met.append(person.id)
            raise OperationalError("INSERT", {}, Crossed())
        return remember(tx, person)

    monkeypatch.setattr(people, "remember", remembered)
    for number in (1, 2, 3):
        hears.keep(hears.post(f"p{number}", f"word{number}", author=hears.person(number)))
    world.settle()
    assert 1 + alone == len(met)
    if alone:
        world.clock.move(60)
        world.settle()
    told = sorted(world.comments(ticket)[0].plain_body.split()[0] for ticket in world.tickets())
    assert ["word1", "word2", "word3"] == told


def test_a_private_post_in_a_public_thread_gets_the_ticket_of_its_person(hears: Any) -> None:
    """Another person's private word is not put on the ticket of the thread they answered in."""
    world = hears.world
    hears(hears.post("p1", "public question", author=hears.person(1)))
    hears(
        hears.post(
            "d1",
            "my number is 4711",
            author=hears.person(2),
            visibility=Visibility.PRIVATE,
            parent_id="p1",
            thread_id="p1",
        )
    )
    first, second = world.tickets()
    assert "4711" not in "".join(said.plain_body for said in world.comments(first))
    assert "4711" in world.comments(second)[0].plain_body


def test_a_word_after_the_reopen_window_begins_anew(hears: Any) -> None:
    """Two weeks later it is a new story with a new ticket; an hour later it is the same."""
    world = hears.world
    hears(hears.post("p1", "first"))
    soon = world.clock() + timedelta(hours=1)
    hears(hears.post("p2", "soon", parent_id="p1", thread_id="p1", created_at=soon))
    assert 1 == len(world.tickets())
    late = world.clock() + timedelta(days=20)
    hears(hears.post("p3", "late", parent_id="p1", thread_id="p1", created_at=late))
    assert 2 == len(world.tickets())


def test_nothing_waits_once_everything_is_told(hears: Any) -> None:
    """The lanes come to rest with no step left behind."""
    for number in range(3):
        hears(hears.post(f"p{number}", "hello", author=hears.person(number)))
    with hears.world.bridge.ledger.reading() as tx:
        assert {steps.DONE} == set(steps.counts(tx))
