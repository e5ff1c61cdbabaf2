"""Agents merge tickets: what was said on the one that is closed counts on the one that goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import requests

from bridge.flow.previewing import As, Wish, preview
from bridge.ledger import conversations
from bridge.model import Visibility
from bridge.sandbox.zendesk import preset

DIRECT = "direct"
MERGED = "Another ticket was merged into this one"
SOON = 3
"""Seconds in which the ticket that was merged is read."""
NOTHING = "There is no message of the customer"


def heard(world: Any, words: str) -> list[str]:
    return [each.visibility for each in world.town.statuses() if words in each.text]


def told(world: Any, ticket: Any, words: str) -> int:
    return sum(words in each for each in world.notes(ticket))


def foreseen(world: Any, ticket: Any, text: str) -> Any:
    found = preview(world.bridge, str(ticket.id), Wish(text, As.AUTO, "en"))
    assert found is not None
    return found


def goes_on_in(world: Any, ticket: Any) -> str:
    with world.bridge.ledger.reading() as tx:
        found = conversations.by_ticket(tx, world.bridge.desk, str(ticket.id))
        assert found is not None
        return conversations.one(tx, found).ticket_id


def mailed(world: Any, words: str) -> Any:
    """A ticket that came by e-mail: the bridge knows nothing of it."""
    before = {each.id for each in world.tickets()}
    ticket = {"subject": "mail", "requester": {"name": "Eve"}, "comment": {"body": words}}
    requests.post(
        f"{world.desk.address}/api/v2/tickets",
        json={"ticket": ticket},
        headers={"Authorization": f"Bearer {preset.STATIC_TOKEN}"},
        timeout=9,
    ).raise_for_status()
    (made,) = (each for each in world.tickets() if each.id not in before)
    return made


@pytest.mark.parametrize("who", ["ada", "chloe"])
def test_what_answers_a_private_message_that_was_merged_goes_out_privately(
    world: Any, who: str
) -> None:
    """The agent answers at once. It stands below private words, whoever's ticket it is."""
    asked = world.ask(who, "@bridge hello all")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    public, private = world.tickets()
    world.desk.merge(private.id, public.id)
    world.answer("your card 1234 is blocked now", public)
    world.later(SOON)
    assert [DIRECT] == heard(world, "is blocked")
    assert "is blocked" in world.town.direct_between("ada", "bridge")[-1].text
    assert 1 == len(world.thread(asked))
    world.answer("and a new one is on its way", public)
    assert [DIRECT] == heard(world, "on its way")


def test_the_conversation_follows_before_anybody_writes(world: Any) -> None:
    world.ask("chloe", "@bridge hello all")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    public, private = world.tickets()
    world.desk.merge(private.id, public.id)
    world.answer("your card 1234 is blocked now", public)
    world.later(SOON)
    assert str(public.id) == goes_on_in(world, private)


def test_what_is_foretold_after_a_merge_is_what_happens(world: Any) -> None:
    asked = world.ask("chloe", "@bridge hello all")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    public, private = world.tickets()
    world.desk.merge(private.id, public.id)
    world.ping(public)
    assert Visibility.PRIVATE is foreseen(world, public, "it is blocked").visibility
    world.answer("it is blocked", public)
    assert Visibility.PRIVATE is foreseen(world, public, "a new one comes").visibility
    world.ask("chloe", "@bridge anybody there?", in_reply_to=asked.id)
    found = foreseen(world, public, "Hello Chloé")
    assert (Visibility.PUBLIC, "") == (found.visibility, found.why_not)
    world.answer("Hello Chloé", public)
    assert ["public"] == heard(world, "Hello Chloé")


def test_a_merge_that_was_answered_before_it_leaves_the_ticket_as_it_was(world: Any) -> None:
    """Nothing of what is merged was private, and all of it was answered."""
    world.ask("chloe", "@bridge hello all")
    world.ask("ada", "@bridge hello, too")
    kept, gone = world.tickets()
    world.answer("Hello Ada", gone)
    world.desk.merge(gone.id, kept.id)
    world.answer("Hello Chloé", kept)
    world.later(SOON)
    (said,) = [each for each in world.town.statuses() if "Hello Chloé" in each.text]
    assert said.text.startswith("@chloe")


def test_private_words_that_were_answered_before_the_merge_are_asked_about(world: Any) -> None:
    """The merge quotes them, and the next answer may speak of them: it does not go out in public
    unless the agent says so."""
    asked = world.ask("ada", "@bridge hello")
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    public, private = world.tickets()
    world.answer("Thank you, I am looking", private)
    world.desk.merge(private.id, public.id)
    world.ping(public)
    assert MERGED in foreseen(world, public, "your card 1234 is blocked now").why_not
    world.answer("your card 1234 is blocked now", public)
    assert [] == heard(world, "is blocked")
    assert 1 == told(world, public, MERGED)
    world.answer("#dm your card 1234 is blocked now", public)
    assert [DIRECT] == heard(world, "is blocked")
    world.ask("ada", "@bridge thanks!", in_reply_to=asked.id)
    world.answer("You are welcome", public)
    assert ["public"] == heard(world, "You are welcome")


def test_below_a_merged_mail_nothing_goes_out_in_public_unasked(world: Any) -> None:
    """It did not come through the bridge: what is private in it nobody knows."""
    world.ask("ada", "@bridge hello")
    mine = world.ticket()
    mail = mailed(world, "my card number is 1234")
    world.desk.merge(mail.id, mine.id)
    world.ping(mine)
    assert MERGED in foreseen(world, mine, "your card 1234 is blocked now").why_not
    world.answer("your card 1234 is blocked now", mine)
    assert [] == heard(world, "is blocked")
    assert 1 == told(world, mine, MERGED)
    found = foreseen(world, mine, "#public It is mended")
    assert (Visibility.PUBLIC, "") == (found.visibility, found.why_not)
    world.answer("#public It is mended", mine)
    assert ["public"] == heard(world, "It is mended")


def answered_by_mail(world: Any) -> Any:
    mail = mailed(world, "by mail: hello")
    for number in range(4):
        world.desk.answer(mail.id, f"mail answer {number}")
    return mail


def test_a_ticket_merged_into_one_that_is_not_ours_is_followed(world: Any) -> None:
    """What is answered there after the merge counts, and nothing that was said before."""
    asked = world.ask("ada", "@bridge where is my parcel?")
    mine = world.ticket()
    mail = answered_by_mail(world)
    world.desk.merge(mine.id, mail.id)
    world.answer("Ada, your parcel comes tomorrow", mail)
    world.later(200)
    assert 1 == told(world, mail, MERGED)
    world.answer("#public Ada, your parcel comes tomorrow", mail)
    assert ["public"] == heard(world, "comes tomorrow")
    world.ask("ada", "@bridge thank you", in_reply_to=asked.id)
    world.answer("You are welcome", mail)
    assert ["public"] == heard(world, "You are welcome")
    assert 0 == told(world, mail, NOTHING)
    assert [] == heard(world, "mail answer")


def test_a_private_message_merged_into_a_mail_is_answered_privately(world: Any) -> None:
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    mine = world.ticket()
    mail = answered_by_mail(world)
    world.desk.merge(mine.id, mail.id)
    world.later(200)
    world.answer("your card 1234 is blocked now", mail)
    assert [DIRECT] == heard(world, "is blocked")
    assert 0 == told(world, mail, NOTHING)


def test_a_ticket_merged_into_a_mail_is_followed_when_the_customer_is_faster(world: Any) -> None:
    """What was answered before they wrote is asked about; what is answered after it goes out."""
    asked = world.ask("ada", "@bridge where is my parcel?")
    mine = world.ticket()
    mail = answered_by_mail(world)
    world.desk.merge(mine.id, mail.id)
    world.desk.answer(mail.id, "Ada, your parcel comes tomorrow")
    world.town.post("ada", "@bridge anybody there?", in_reply_to=asked.id)
    world.later(10)
    world.answer("Yes, we are here", mail)
    world.later(200)
    assert (1, 0) == (told(world, mail, MERGED), told(world, mail, NOTHING))
    assert [] == heard(world, "comes tomorrow")
    assert ["public"] == heard(world, "we are here")


def test_a_merge_that_the_webhook_told_is_followed_at_once(world: Any) -> None:
    """The event of the status that changed names the tags."""
    world.ask("ada", "@bridge where is my parcel?")
    mine = world.ticket()
    mail = mailed(world, "by mail: hello")
    world.desk.merge(mine.id, mail.id)
    event = {
        "type": "zen:event-type:ticket.status_changed",
        "subject": f"zen:ticket:{mine.id}",
        "detail": {"id": str(mine.id), "status": "CLOSED", "tags": ["closed_by_merge"]},
    }
    world.tell(mine, json.dumps(event).encode())
    world.settle()
    assert str(mail.id) == goes_on_in(world, mine)


def test_after_two_merges_the_last_ticket_is_followed(world: Any) -> None:
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    mine = world.ticket()
    first, second = mailed(world, "first"), mailed(world, "second")
    world.desk.merge(mine.id, first.id)
    world.desk.merge(first.id, second.id)
    world.later(200)
    world.answer("your card 1234 is blocked now", second)
    assert [DIRECT] == heard(world, "is blocked")


@pytest.mark.parametrize("visibility", [DIRECT, "public"])
def test_what_was_answered_before_the_merge_and_not_taken_up_yet_is_answered(
    world: Any, visibility: str
) -> None:
    """The ping of the merged ticket is late: the answer there is not known of when the other one's
    is looked at. Each goes to whom it was written to."""
    world.ask("ada", "@bridge my parcel?", visibility)
    world.ask("chloe", "@bridge my bill?", visibility)
    gone, kept = world.tickets()
    world.desk.answer(gone.id, "For Ada")
    world.clock.move(5)
    world.desk.merge(gone.id, kept.id)
    world.clock.move(5)
    world.desk.answer(kept.id, "Chloe, your IBAN is 99")
    world.ping(kept)
    for _ in range(4):
        world.later(130)
    assert [[visibility], [visibility]] == [heard(world, "For Ada"), heard(world, "IBAN")]
    (said,) = [each for each in world.town.statuses() if "IBAN" in each.text]
    assert said.text.startswith("@chloe")


def test_a_ticket_is_followed_as_often_as_it_is_merged(world: Any) -> None:
    world.ask("ada", "@bridge my card number is 1234", DIRECT)
    mine = world.ticket()
    first, second = mailed(world, "first"), mailed(world, "second")
    world.desk.merge(mine.id, first.id)
    world.later(200)
    assert str(first.id) == goes_on_in(world, mine)
    world.desk.merge(first.id, second.id)
    for _ in range(2):
        world.later(200)
    world.answer("your card 1234 is blocked now", second)
    assert [DIRECT] == heard(world, "is blocked")


def test_a_merge_that_the_ticket_does_not_tell_of_yet_is_followed_later(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comment stands sooner than the other ticket is closed."""
    world.ask("ada", "@bridge my parcel?", DIRECT)
    world.ask("chloe", "@bridge my bill?")
    gone, kept = world.tickets()
    whole = world.bridge.helpdesk.state
    with monkeypatch.context() as for_now:
        for_now.setattr(
            world.bridge.helpdesk, "state", lambda each: replace(whole(each), merged_into="")
        )
        world.desk.merge(gone.id, kept.id)
        world.ping(kept)
    for _ in range(4):
        world.later(130)
    assert str(kept.id) == goes_on_in(world, gone)
