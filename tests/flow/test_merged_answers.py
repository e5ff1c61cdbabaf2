"""Who reads an answer on a ticket into which another one was merged, until somebody says so."""

from __future__ import annotations

from typing import Any

import pytest
import requests

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


def two_on_one(world: Any, private: str, *, last: str) -> tuple[Any, Any]:
    """What Chloe asked first, and her ticket: somebody's private one was merged into it, and then
    somebody wrote below."""
    asked = world.ask("chloe", "@bridge hello")
    world.ask(private, "@bridge my card number is 1234", DIRECT)
    kept, gone = world.tickets()
    world.answer("Hello Chloe", kept)
    world.desk.merge(gone.id, kept.id)
    world.ping(kept)
    world.later(200)
    world.ask(last, "@bridge where is my invoice 77?", in_reply_to=asked.id)
    return asked, kept


def test_below_somebody_elses_words_a_private_answer_is_asked_about(world: Any) -> None:
    """Chloe wrote last, and Ada is who would read it."""
    asked, kept = two_on_one(world, "ada", last="chloe")
    for text in ("Your invoice 77 was sent", "#dm Your invoice 77 was sent"):
        assert MERGED in foreseen(world, kept, text).why_not
        world.answer(text, kept)
        assert [] == heard(world, "invoice 77 was sent")
        assert "(p2)" in world.notes(kept)[-1]
        world.ask("chloe", "@bridge hello?", in_reply_to=asked.id)
    world.answer("#public Your invoice 77 was sent", kept)
    assert ["public"] == heard(world, "invoice 77 was sent")


def test_who_was_told_whom_a_private_answer_reaches_may_send_it(world: Any) -> None:
    _, kept = two_on_one(world, "ada", last="chloe")
    world.answer("your card is blocked", kept)
    assert "" == foreseen(world, kept, "#dm your card is blocked").why_not
    world.answer("#dm your card is blocked", kept)
    assert [DIRECT] == heard(world, "card is blocked")
    [said] = (each for each in world.town.statuses() if "card is blocked" in each.text)
    assert said.text.startswith("@ada@")


@pytest.fixture
def mail(world: Any) -> Any:
    """Eve's e-mail, into which Ada's answered private ticket was merged."""
    world.ask("ada", "@bridge where is my parcel?", DIRECT)
    ticket = world.ticket()
    world.answer("we look for it", ticket)
    mail = mailed(world, "mail")
    world.desk.merge(ticket.id, mail.id)
    world.later(200)
    world.later(200)
    return mail


def test_what_was_answered_and_merged_into_a_mail_is_gone_on_with(world: Any, mail: Any) -> None:
    """By a word: without one it may be for whoever wrote the mail."""
    assert MERGED in foreseen(world, mail, "it has been found").why_not
    world.answer("it has been found", mail)
    assert [] == heard(world, "has been found")
    found = foreseen(world, mail, "#dm it has been found")
    assert ("private", "") == (found.visibility, found.why_not)
    world.answer("#dm it has been found", mail)
    world.answer("and it has been found for you", mail)
    assert [DIRECT, DIRECT] == heard(world, "has been found")


def by_mail(world: Any, ticket: Any, words: str) -> None:
    """The one who wrote the mail writes once more, which the bridge is not told."""
    world.clock.move(5)
    (now,) = (each for each in world.tickets() if each.id == ticket.id)
    comment = {"body": words, "public": True, "author_id": now.requester_id}
    requests.put(
        f"{world.desk.address}/api/v2/tickets/{ticket.id}",
        json={"ticket": {"comment": comment}},
        headers={"Authorization": f"Bearer {preset.STATIC_TOKEN}"},
        timeout=9,
    ).raise_for_status()
    world.ping(ticket)


def test_below_a_mail_nothing_goes_to_somebody_else(world: Any, mail: Any) -> None:
    world.answer("#dm it has been found", mail)
    by_mail(world, mail, "What is the IBAN that you have of me? Eve")
    world.answer("Dear Eve, your IBAN is DE00 1234", mail)
    assert [] == heard(world, "your IBAN")
    assert MERGED in world.notes(mail)[-1]


def test_what_is_foretold_after_two_merges_into_a_mail_is_what_happens(world: Any) -> None:
    asked = world.ask("ada", "@bridge hello one")
    world.ask("chloe", "@bridge hello two")
    one, two = world.tickets()
    world.answer("Hello Ada", one)
    world.answer("Hello Chloe", two)
    mail = mailed(world, "mail")
    world.desk.merge(one.id, mail.id)
    for _ in range(2):
        world.later(200)
    world.ask("ada", "@bridge and now?", in_reply_to=asked.id)
    world.answer("now it is there", mail)
    world.desk.merge(two.id, mail.id)
    for _ in range(2):
        world.later(200)
    found = foreseen(world, mail, "#public it goes on")
    world.answer("#public it goes on", mail)
    [said] = (each for each in world.town.statuses() if "it goes on" in each.text)
    assert ("p2", True) == (found.answers, said.text.startswith("@chloe@"))


@pytest.mark.parametrize(("private", "heard_by"), [("chloe", []), ("ada", [DIRECT])])
def test_a_guest_of_a_thread_is_not_whom_it_is_named_after(
    world: Any, private: str, heard_by: list[str]
) -> None:
    """Several people in one conversation: what counts is who wrote."""
    world.remap("rules:\n", "threads: {default: {per: thread}}\nrules:\n")
    _, kept = two_on_one(world, private, last="ada")
    world.answer("Ada, your invoice 77 was sent", kept)
    assert heard_by == heard(world, "invoice 77 was sent")


@pytest.mark.parametrize(("word", "public"), [("#delete", True), ("#like", False)])
def test_only_who_was_told_whom_it_reaches_was_told(world: Any, word: str, public: bool) -> None:
    """Other notes, and those from before it stood there, say nothing of that."""
    world.ask("chloe", "@bridge hello")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    world.town.person("ben", "Ben")
    world.ask("ben", "@bridge where is my invoice 77?")
    kept, adas, bens = world.tickets()
    world.answer("Hello Chloe", kept)
    world.desk.merge(adas.id, kept.id)
    world.ping(kept)
    world.later(200)
    world.answer(word, kept, public=public)
    world.desk.merge(bens.id, kept.id)
    world.ping(kept)
    world.later(200)
    assert MERGED in foreseen(world, kept, "#dm your invoice 77 was sent").why_not
    world.answer("#dm your invoice 77 was sent", kept)
    assert [] == heard(world, "invoice 77 was sent")


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
    world.answer("#dm it has been found", mail)
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
    world.desk.answer(mail.id, "#dm the second answer")
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
