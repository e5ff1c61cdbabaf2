"""Who reads an answer on a ticket into which another one was merged, until somebody says so."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.flow import erasing
from bridge.ledger import lanes
from bridge.sandbox.zendesk import endings, preset

from .test_merging import DIRECT, MERGED, NOTHING, SOON, foreseen, heard, mailed, told

STATUSES = "/api/v1/statuses"


@pytest.fixture
def hiding(world: Any) -> Any:
    """Ada's public ticket, into which her answered private one was merged."""
    world.ask("ada", "@bridge hello")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    public, private = world.tickets()
    world.answer("Thank you, I am looking", private)
    world.desk.merge(private.id, public.id)
    world.ping(public)
    world.later(200)
    return public


def make_internal(world: Any, said: Any, ticket: Any) -> None:
    (audit,) = (
        each
        for each in world.desk.ticket_audits(ticket.id)
        if each.comment and each.comment.id == said.id
    )
    endings.make_private(world.desk, ticket.id, audit.id, world.desk.user(preset.INES))


def erase(world: Any, who: str) -> None:
    name = f"@{who}@{world.town.domain}"
    [(row, _)] = erasing.find(world.bridge, name)
    erasing.erase(world.bridge, row, name)
    world.settle()


def is_asked_about(world: Any, ticket: Any) -> bool:
    """An answer without a word on who may read it: beforehand and then."""
    asks = MERGED in foreseen(world, ticket, "your card 1234 is blocked").why_not
    world.answer("your card 1234 is blocked", ticket)
    world.later(SOON)
    return asks and [] == heard(world, "is blocked") and MERGED in world.notes(ticket)[-1]


def test_a_private_answer_does_not_make_the_next_one_public(world: Any, hiding: Any) -> None:
    world.answer("#dm your card 1234 is lost", hiding)
    assert [DIRECT] == heard(world, "is lost")
    assert is_asked_about(world, hiding)


def test_nor_does_one_that_could_not_be_delivered(world: Any, hiding: Any) -> None:
    world.town_faults.add("404", method="POST", path=STATUSES, times=4)
    world.answer("#dm your card 1234 is lost", hiding)
    world.town_faults.clear()
    assert [] == heard(world, "is lost")
    assert is_asked_about(world, hiding)


def test_nor_does_one_that_was_taken_back(world: Any, hiding: Any) -> None:
    world.posting_fails("401")
    said = world.answer("#dm your card 1234 is lost", hiding)
    world.later(61)
    make_internal(world, said, hiding)
    for _ in range(3):
        world.later(61)
    world.town_faults.clear()
    world.later(400)
    assert [] == heard(world, "is lost")
    assert is_asked_about(world, hiding)


def test_a_public_answer_and_new_words_of_a_customer_do(world: Any, hiding: Any) -> None:
    assert is_asked_about(world, hiding)
    world.answer("#public We have written to you", hiding)
    world.answer("And thank you for your patience", hiding)
    assert ["public"] == heard(world, "your patience")


def test_below_somebody_elses_words_a_private_answer_is_asked_about(world: Any) -> None:
    """Chloe wrote last, and Ada is who would read it."""
    asked = world.ask("chloe", "@bridge hello")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    kept, gone = world.tickets()
    world.answer("Hello Chloe", kept)
    world.desk.merge(gone.id, kept.id)
    world.later(200)
    world.ask("chloe", "@bridge where is my invoice 77?", in_reply_to=asked.id)
    for text in ("Your invoice 77 was sent", "#dm Your invoice 77 was sent"):
        assert MERGED in foreseen(world, kept, text).why_not
        world.answer(text, kept)
        assert [] == heard(world, "invoice 77 was sent")
        assert "(p2)" in world.notes(kept)[-1]
        world.ask("chloe", "@bridge hello?", in_reply_to=asked.id)
    world.answer("#public Your invoice 77 was sent", kept)
    assert ["public"] == heard(world, "invoice 77 was sent")


def test_who_was_told_whom_a_private_answer_reaches_may_send_it(world: Any) -> None:
    asked = world.ask("chloe", "@bridge hello")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    kept, gone = world.tickets()
    world.answer("Hello Chloe", kept)
    world.desk.merge(gone.id, kept.id)
    world.later(200)
    world.ask("chloe", "@bridge where is my invoice 77?", in_reply_to=asked.id)
    world.answer("your card is blocked", kept)
    assert "" == foreseen(world, kept, "#dm your card is blocked").why_not
    world.answer("#dm your card is blocked", kept)
    assert [DIRECT] == heard(world, "card is blocked")
    [said] = (each for each in world.town.statuses() if "card is blocked" in each.text)
    assert said.text.startswith("@ada@")


def test_what_was_answered_and_merged_into_a_mail_is_gone_on_with(world: Any) -> None:
    """There is nobody else on that ticket whom the agent could mean."""
    world.ask("ada", "@bridge where is my parcel?", DIRECT)
    ticket = world.ticket()
    world.answer("we look for it", ticket)
    mail = mailed(world, "mail")
    world.desk.merge(ticket.id, mail.id)
    world.later(200)
    world.later(200)
    found = foreseen(world, mail, "it has been found")
    assert ("private", "") == (found.visibility, found.why_not)
    world.answer("it has been found", mail)
    assert [DIRECT] == heard(world, "has been found")


def test_tickets_merged_in_a_row_do_not_wait_for_each_other(world: Any) -> None:
    """The customer was faster than the look at the ticket in the middle."""
    asked = world.ask("ada", "@bridge where is my parcel?", DIRECT)
    world.ask("chloe", "@bridge my bill?", DIRECT)
    first, second = world.tickets()
    mail = mailed(world, "mail")
    world.later(200)
    world.desk.merge(first.id, second.id)
    world.desk.merge(second.id, mail.id)
    world.town.post("ada", "@bridge hello?", DIRECT, in_reply_to=asked.id)
    world.later(15)
    for _ in range(30):
        world.later(130)
    with world.bridge.ledger.reading() as tx:
        assert [(0, ""), (0, "")] == [lanes.failing(tx, f"conversation:{n}") for n in (1, 2)]
    world.answer("it has been found", mail)
    for _ in range(3):
        world.later(200)
    assert [DIRECT] == heard(world, "has been found")


def test_what_was_answered_on_the_merged_ticket_goes_out_first(world: Any) -> None:
    """Also where both are of one conversation, and the customer's next words tell of the merge."""
    asked = world.ask("ada", "@bridge where is my parcel?", DIRECT)
    ticket = world.ticket()
    mail = mailed(world, "mail")
    world.later(200)
    world.desk.answer(ticket.id, "the first answer")
    world.clock.move(1)
    world.desk.merge(ticket.id, mail.id)
    world.clock.move(1)
    world.desk.answer(mail.id, "the second answer")
    world.town.post("ada", "@bridge hello?", DIRECT, in_reply_to=asked.id)
    world.later(10)
    for _ in range(6):
        world.later(130)
    said = [each.text.split()[-2] for each in world.town.statuses() if "answer" in each.text]
    assert ["first", "second"] == said


@pytest.mark.parametrize("how", ["public", DIRECT])
def test_a_ticket_of_ours_is_one_after_its_customer_was_erased(world: Any, how: str) -> None:
    """What was merged into it is still known there, and answered as it was said."""
    world.ask("chloe", "@bridge hello all")
    world.ask("ada", "@bridge where is my parcel?", how)
    kept, gone = world.tickets()
    world.answer("Hello Chloe", kept)
    world.desk.merge(gone.id, kept.id)
    world.ping(kept)
    world.later(SOON)
    erase(world, "chloe")
    found = foreseen(world, kept, "it has been found")
    assert NOTHING not in found.why_not
    assert "" == found.why_not
    world.answer("it has been found", kept)
    world.later(SOON)
    assert [how] == heard(world, "has been found")
    assert 0 == told(world, kept, MERGED)
