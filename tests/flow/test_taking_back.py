"""What an agent redacts, or makes internal, while its reply waits is not sent as first written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.flow import erasing, queues
from bridge.flow.standing import paused, resumed
from bridge.helpdesks.contract import Changed
from bridge.ledger import lanes
from bridge.ledger.conversations import lane_of
from bridge.model import File
from bridge.sandbox.zendesk import endings, preset

STATUSES = "/api/v1/statuses"
TAKEN_BACK = "redacted or made internal before it went out"
MAY_STAND = "may stand on Mastodon as it was first written"
SECRET = "QUX-SECRET"
PLAN = File("plan.png", "image/png", b"png")


def redact(world: Any, said: Any, **what: Any) -> None:
    what = what or {"text": SECRET}
    endings.redact(world.desk, world.ticket().id, said.id, by=world.desk.user(preset.INES), **what)


def make_internal(world: Any, said: Any, ticket: Any = None) -> None:
    ticket = ticket or world.ticket()
    (audit,) = (
        each
        for each in world.desk.ticket_audits(ticket.id)
        if each.comment and each.comment.id == said.id
    )
    endings.make_private(world.desk, ticket.id, audit.id, world.desk.user(preset.INES))


@pytest.fixture
def asked(world: Any) -> Any:
    return world.ask("ada", "@bridge where is my parcel?")


@pytest.fixture
def unlooked(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The helpdesk tells of no change."""
    monkeypatch.setattr(
        world.bridge.helpdesk, "changed_since", lambda cursor, _now: Changed((), cursor)
    )


@pytest.mark.parametrize("how", [redact, make_internal])
def test_while_it_waits_for_a_sign_in(world: Any, asked: Any, how: Any) -> None:
    """The next look finds it; what was answered after it goes out."""
    world.posting_fails("401")
    said = world.answer(f"Your customer code is {SECRET}")
    world.answer("Have a nice day")
    world.desk.solve(world.ticket().id)
    how(world, said)
    for _ in range(4):
        world.later(61)
    assert 1 == world.noted(TAKEN_BACK)
    assert 1 == world.noted(f"{TAKEN_BACK} (r1)")
    assert "open" == world.ticket().status
    world.town_faults.clear()
    for _ in range(8):
        world.later(320)
    assert ["day"] == world.sent()
    assert 1 == world.noted(TAKEN_BACK)


def test_while_the_account_is_paused(world: Any, asked: Any) -> None:
    """One that was written by mistake, and taken back in the only way that Zendesk has."""
    with world.bridge.ledger.writing() as tx:
        paused(tx, "acme", "an admin")
    said = world.answer("She is known for fraud, do not refund")
    make_internal(world, said)
    for _ in range(4):
        world.later(61)
    assert "withdrawn" == world.ticket().value(world.delivery_field)
    with world.bridge.ledger.writing() as tx:
        resumed(tx, "acme")
    world.later(4000)
    assert [] == world.sent()
    assert [1, 0] == [world.noted(TAKEN_BACK), world.noted("after all")]


@pytest.mark.parametrize("how", [redact, make_internal])
def test_right_before_it_is_sent(world: Any, asked: Any, unlooked: None, how: Any) -> None:
    """Nothing told of it: what waited for long is read once more before it leaves."""
    world.posting_fails("401")
    said = world.answer(f"Your customer code is {SECRET}")
    world.answer("Have a nice day")
    how(world, said)
    world.town_faults.clear()
    world.later(320)
    assert ["day"] == world.sent()
    assert 1 == world.noted(TAKEN_BACK)


def test_what_still_stands_as_it_was_is_sent(world: Any, asked: Any, unlooked: None) -> None:
    """With its word for the bridge, its blanks and its file; what is sent at once is not read
    anew."""
    world.answer("at once")
    assert 0 == reads(world)
    world.posting_fails("401")
    world.answer("#dm  Dear Ada,\n\n  **here** it is", files=(PLAN,))
    world.town_faults.clear()
    world.later(320)
    assert [1, 0] == [reads(world), world.noted(TAKEN_BACK)]
    assert ["once", "is"] == [text.split()[-1] for text in ours(world, asked)][:2]


def ours(world: Any, asked: Any) -> list[str]:
    return [text for who, _, text in world.thread(asked) if who == "bridge"]


def reads(world: Any) -> int:
    return len(world.desk.faults.asked("GET", "/api/v2/tickets/*/comments"))


def test_a_redacted_file(world: Any, asked: Any) -> None:
    world.posting_fails("401")
    said = world.answer("Here it is", files=(PLAN,))
    (file,) = said.attachments
    redact(world, said, attachments=(world.desk.address_of(file),))
    world.later(61)
    world.town_faults.clear()
    world.later(700)
    assert [] == world.sent()


def test_what_failed_is_not_sent_again_as_it_was(world: Any, asked: Any) -> None:
    world.town_faults.add("404", method="POST", path=STATUSES)
    said = world.answer(f"Your customer code is {SECRET}")
    redact(world, said)
    world.answer("#retry r1", public=False)
    world.later(400)
    assert [] == world.sent()
    assert [1, 1] == [world.noted(TAKEN_BACK), world.noted("No reply on this ticket waits")]


def test_what_an_admin_sends_again_is_read_before(world: Any, asked: Any, unlooked: None) -> None:
    """However young the new try is."""
    world.town_faults.add("404", method="POST", path=STATUSES)
    said = world.answer(f"Your customer code is {SECRET}")
    redact(world, said)
    world.later(6000)
    with world.bridge.ledger.writing() as tx:
        assert queues.retry(tx, 1, "an admin")
    world.settle()
    assert [] == world.sent()
    assert 1 == world.noted(TAKEN_BACK)


def test_what_is_held_back_is_not_let_go(world: Any, asked: Any) -> None:
    said = world.answer("Your card 4242 4242 4242 4242 was charged")
    redact(world, said, text="4242 4242 4242 4242")
    world.answer("#anyway", public=False)
    world.later(400)
    assert [] == world.sent()
    assert 1 == world.noted(TAKEN_BACK)


def test_what_may_be_out_already_is_said_to_be(world: Any, asked: Any) -> None:
    world.town_faults.add("500", method="POST", path=STATUSES, times=None)
    said = world.answer(f"Your customer code is {SECRET}")
    for _ in range(12):
        world.later(320)
    make_internal(world, said)
    for _ in range(4):
        world.later(61)
    assert [1, 0] == [world.noted(MAY_STAND), world.noted("Nothing was sent")]
    world.town_faults.clear()
    world.answer("#retry", public=False)
    world.later(700)
    assert [] == world.sent()


def test_a_ticket_with_a_waiting_reply_is_not_explained_away(world: Any, asked: Any) -> None:
    """Several tickets changed, and every comment on them is known."""
    world.ask("chloe", "@bridge my lamp is broken")
    first, second = world.tickets()
    world.posting_fails("401")
    said = world.answer(f"Your customer code is {SECRET}", first)
    make_internal(world, said, first)
    for text in ("@bridge my lamp is still broken", "@bridge and my vase"):
        world.ask("chloe", text)
        world.later(61)
    world.later(61)
    assert TAKEN_BACK in world.notes(first)[-1]
    assert [] == [note for note in world.notes(second) if TAKEN_BACK in note]


def test_what_another_lane_has_in_hand_is_taken_back_once_it_has_not(
    world: Any, asked: Any
) -> None:
    """After a merge, what is answered on one conversation's ticket waits in the other's lane."""
    world.ask("chloe", "@bridge my lamp is broken")
    first, second = world.tickets()
    world.desk.merge(second.id, first.id)
    world.ask("chloe", "@bridge still broken", in_reply_to=world.town.statuses()[-1].id)
    world.posting_fails("401")
    said = world.answer(f"Your customer code is {SECRET}", first)
    world.later(3)
    make_internal(world, said, first)
    with world.bridge.ledger.writing() as tx:
        hers = lanes.take(tx, lane_of(2), "another worker", timedelta(minutes=10))
    assert hers is not None
    for _ in range(4):
        world.later(61)
    assert [] == [note for note in world.notes(first) if TAKEN_BACK in note]
    with world.bridge.ledger.writing() as tx:
        assert "r1 is being sent" in lanes.failing(tx, lane_of(1))[1]
        lanes.put_back(tx, hers)
    world.later(61)
    assert 1 == sum(TAKEN_BACK in note for note in world.notes(first))


def test_a_helpdesk_that_refuses_the_question_is_asked_again(
    world: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something in front of it answers 403: the reply keeps its place, and is sent."""
    world.posting_fails("503")
    world.answer("it is on its way")
    world.later(400)
    world.town_faults.clear()
    whole, refusals = world.bridge.helpdesk.comments_now, [Refused("forbidden")]

    def refuses_once(ticket_id: str) -> Any:
        if refusals:
            raise refusals.pop()
        return whole(ticket_id)

    monkeypatch.setattr(world.bridge.helpdesk, "comments_now", refuses_once)
    for _ in range(4):
        world.later(400)
    assert [] == refusals
    assert ["way"] == world.sent()


def test_words_that_an_erasure_took_out_were_not_redacted(world: Any) -> None:
    """What waits names somebody who was erased; on the ticket it stands as it was written."""
    world.ask("chloe", "@bridge who has my bill?")
    world.ask("ada", "@bridge hello")
    first, _ = world.tickets()
    world.posting_fails("401")
    world.answer(f"Chloe, we have it, and @ada@{world.town.domain} wrote of it", first)
    [(row, _)] = erasing.find(world.bridge, f"@ada@{world.town.domain}")
    erasing.erase(world.bridge, row, f"@ada@{world.town.domain}")
    world.town_faults.clear()
    for _ in range(6):
        world.later(320)
    assert not [note for note in world.notes(first) if TAKEN_BACK in note]
    assert "wrote of it" in world.sent()[0] or "it" == world.sent()[0]
