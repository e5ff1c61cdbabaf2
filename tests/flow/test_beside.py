"""What the sidebar shows is what is so, and what it foretells is what happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bridge.flow.previewing import As, Wish, preview
from bridge.flow.ticket_view import view
from bridge.sandbox.zendesk import preset
from bridge.web.sidebar import _plain

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
CARD = "Your card 4242 4242 4242 4242 was charged"


def fits(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer, checked against what the description says of it."""
    whole = json.loads(DESCRIPTION.read_text("utf-8"))
    schema = {"$ref": f"#/components/schemas/{name}", "components": whole["components"]}
    Draft202012Validator(schema).validate(answer)
    return answer


def seen(world: Any, ticket: Any = None, language: str = "en") -> dict[str, Any]:
    found = view(world.bridge, str((ticket or world.ticket()).id), language)
    assert found is not None
    return fits("Beside", json.loads(json.dumps(_plain(found))))


def foretold(world: Any, text: str, choice: As = As.AUTO, **how: Any) -> dict[str, Any]:
    ticket = how.pop("ticket", None) or world.ticket()
    found = preview(world.bridge, str(ticket.id), Wish(text, choice, "en", **how))
    assert found is not None
    return fits("Preview", json.loads(json.dumps(_plain(found))))


def test_the_description_can_be_broken() -> None:
    with pytest.raises(Exception, match="required"):
        fits("Preview", {"visibility": "public"})


@pytest.fixture
def asked(world: Any) -> Any:
    return world.ask("ada", "@bridge hello")


# ------------------------------------------------------------------ the ticket


def test_a_ticket_as_it_stands(world: Any, asked: Any) -> None:
    """Its post, its ways out, and no answer yet."""
    found = seen(world)
    assert "mastodon" == found["conversation"]["network"]
    assert preset.FIELD_REPLY_AS == found["reply_as_field"]
    (post,) = found["posts"]
    assert ("public", "mention", "live") == (post["visibility"], post["kind"], post["state"])
    assert "hello" in post["text"]
    assert "like" in post["acts"]
    auto, public, private = (found["ways"][way] for way in ("auto", "public", "private"))
    assert ("public", "public", "private") == tuple(
        way["visibility"] for way in (auto, public, private)
    )
    assert [post["id"]] * 3 == [way["answers"] for way in (auto, public, private)]
    assert [""] * 3 == [way["why_not"] for way in (auto, public, private)]
    assert (500, "graphemes") == (auto["most"], auto["unit"])
    assert [] == found["replies"] == found["contacts"] == found["acts"]


def test_sentences_are_in_the_agents_language(world: Any, asked: Any) -> None:
    assert "Es antwortet" not in seen(world)["ways"]["auto"]["because"]
    assert "öffentlichen Beitrag" in seen(world, language="de-AT")["ways"]["auto"]["because"]
    assert "public post" in seen(world, language="fr")["ways"]["auto"]["because"]


def test_what_became_of_answers(world: Any, asked: Any) -> None:
    """Newest first: one that is held, one that arrived, one that failed."""
    world.town_faults.add("404", method="POST", path="/api/v1/statuses")
    world.answer("first")
    world.answer("second")
    world.answer(CARD)
    held, sent, failed = seen(world)["replies"]
    assert ("r3", "held") == (held["id"], held["outcome"])
    assert "card number" in held["hold"]["says"][0]
    assert not held["hold"]["needs_second"]
    assert ("delivered", None, False) == (sent["outcome"], sent["hold"], sent["can_retry"])
    assert sent["permalink"]
    assert ("refused", True) == (failed["outcome"], failed["can_retry"]) or failed["says"]


def test_what_was_removed_shows_no_words(world: Any, asked: Any) -> None:
    world.town.delete(asked.id)
    world.later(3600)
    (post,) = seen(world)["posts"]
    assert ("gone", "") == (post["state"], post["text"])
    assert "no longer on Mastodon" in seen(world)["ways"]["public"]["why_not"]


def test_other_conversations_show_no_word(world: Any, asked: Any) -> None:
    """The same person's private words on another ticket are counted, not shown; other people's
    conversations are not there at all."""
    world.ask("ada", "@bridge my secret", "direct")
    world.ask("chloe", "@bridge other secret", "direct")
    first = world.tickets()[0]
    found = seen(world, first)
    (contact,) = found["contacts"]
    assert (1, str(world.tickets()[1].id)) == (contact["posts"], contact["ticket"])
    assert "secret" not in json.dumps(found)


def test_a_ticket_shows_no_word_that_was_said_after_it(world: Any) -> None:
    """Its follow-up may be for other eyes: what is said there is told of, and not shown."""
    asked = world.ask("ada", "@bridge hello")
    world.answer("first answer")
    world.desk.close(world.ticket().id)
    world.ask("ada", "@bridge later secret", in_reply_to=asked.id)
    old, new = world.tickets()
    world.answer("later answer", new)
    assert "later" not in json.dumps(seen(world, old))
    assert "hello" in json.dumps(seen(world, old))
    assert "first answer" in json.dumps(seen(world, old))
    (contact,) = seen(world, old)["contacts"]
    assert str(new.id) == contact["ticket"]
    whole = json.dumps(seen(world, new))
    assert all(each in whole for each in ("hello", "first answer", "later secret", "later answer"))
    assert [] == seen(world, new)["contacts"]


@pytest.mark.parametrize("ticket", ["999999", "", "abc", "1' OR 1=1"])
def test_a_ticket_that_is_none_of_ours(world: Any, asked: Any, ticket: str) -> None:
    assert view(world.bridge, ticket, "en") is None
    assert preview(world.bridge, ticket, Wish("x", As.AUTO, "en")) is None


# ------------------------------------------------------------------ foretold


def test_nothing_is_changed_by_looking(world: Any, asked: Any) -> None:
    """However often it is looked at: no network is written to, no ticket, and no row is added."""
    with world.bridge.ledger.reading() as tx:
        before = [tx.conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in ROWS]
    for choice in As:
        foretold(world, CARD, choice)
        seen(world)
    with world.bridge.ledger.reading() as tx:
        after = [tx.conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in ROWS]
    assert before == after
    assert not world.town_faults.asked("POST", "/api/v1/statuses")


ROWS = ("replies", "holds", "steps", "intents", "outcomes", "audit", "automatics")

TEXTS = [
    "Hello Ada",
    "#dm Hello Ada",
    "#public Hello Ada",
    CARD,
    f"#dm {CARD}",
    "x" * 600,
    "#dm " + "One sentence here. " * 60,
    "#retry now",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("seen_as", ["public", "direct"])
def test_what_is_foretold_happens(world: Any, seen_as: str, text: str) -> None:
    """Who reads it, in which words and how many messages, what is held, whether the notice comes:
    as the preview said before it was sent."""
    asked = world.ask("ada", "@bridge hello", seen_as)
    said = foretold(world, text)
    world.answer(text or " ")
    world.later(30)
    ours = [(v, t) for who, v, t in world.thread(asked) if who == "bridge"]
    sent = [each for each in ours if "private message" not in each[1]]
    notices = [each for each in ours if "private message" in each[1]]
    goes = not (said["why_not"] or said["too_long"] or said["held"])
    assert bool(sent) is goes
    if goes:
        expected = {"public": "public", "private": "direct"}[said["visibility"]]
        assert {expected} == {seen for seen, _ in sent}
        assert len(said["parts"]) == len(sent)
        for part, (_, words) in zip(said["parts"], sent, strict=True):
            assert words.endswith(part["text"].strip())
            assert part["used"] <= part["most"]
    assert bool(notices) is (goes and said["notice"]["will"])
    if notices:
        assert notices[0][1].endswith(said["notice"]["text"])
    assert said["held"] is any("held back" in note for note in world.notes())


def test_the_field_decides_as_it_will(world: Any, asked: Any) -> None:
    assert "private" == foretold(world, "hi", As.PRIVATE)["visibility"]
    assert "public" == foretold(world, "hi", As.PUBLIC)["visibility"]
    world.ask("ada", "@bridge in private", "direct", in_reply_to=asked.id)
    ticket = world.tickets()[-1]
    assert "private" == foretold(world, "hi", ticket=ticket)["visibility"]


def test_after_an_answer_the_same_post_is_still_answered(world: Any, asked: Any) -> None:
    world.answer("first")
    assert "p1" == foretold(world, "second")["answers"]


def test_the_second_half_of_a_private_answer_is_foretold_to_stay_private(
    world: Any, asked: Any
) -> None:
    """All that the last answer answered decides, and not its last post alone."""
    world.answer("#dm what is your order number?")
    ours = world.town.direct_between("ada", "bridge")[-1]
    world.ask("ada", "@bridge it is 4711", "direct", in_reply_to=ours.id)
    world.ask("ada", "@bridge sent you a DM!", in_reply_to=asked.id)
    for text in ("first", "second", "third"):
        said = foretold(world, text)
        assert ("private", "p2") == (said["visibility"], said["answers"])
        world.answer(text)
    world.ask("ada", "@bridge thanks!", in_reply_to=asked.id)
    for text in ("fourth", "fifth"):
        said = foretold(world, text)
        assert ("public", "p4") == (said["visibility"], said["answers"])
        world.answer(text)


def test_what_went_to_nobody_has_answered_nothing(world: Any, asked: Any) -> None:
    """A word for notes at the head of an answer is not sent; what they had written privately is
    still to be answered, and what comes next as well."""
    world.answer("#dm what is your order number?")
    ours = world.town.direct_between("ada", "bridge")[-1]
    world.ask("ada", "@bridge it is 4711", "direct", in_reply_to=ours.id)
    world.answer("#hide spam")
    world.ask("ada", "@bridge sent you a DM!", in_reply_to=asked.id)
    said = foretold(world, "About your IBAN")
    assert ("private", "p2") == (said["visibility"], said["answers"])
    world.answer("About your IBAN")
    assert {"direct"} == {seen for _, seen, text in world.thread(asked) if "IBAN" in text}


def test_a_second_person_is_foretold_for_who_writes(world: Any, asked: Any) -> None:
    """By the agent that the browser names; without one, what depends on it is left out."""
    world.remap("rules:\n", "guard: {approval: {first_replies: 1}}\nrules:\n")
    assert foretold(world, "hello", agent_id=str(preset.INES))["needs_second"]
    assert not foretold(world, "hello")["needs_second"]
    world.remap("approval: {first_replies: 1}", "approval: {words: [recall]}")
    assert foretold(world, "a recall")["needs_second"]


def test_more_files_than_are_taken(world: Any, asked: Any) -> None:
    assert "" == foretold(world, "see", files=1)["why_not"]
    assert "9 files" in foretold(world, "see", files=9)["why_not"]


def test_placeholders_are_filled_in(world: Any, asked: Any) -> None:
    assert "Hello [[" not in foretold(world, "Hello [[first_name|there]]")["parts"][0]["text"]
    assert foretold(world, "Hello [[nonsense]]")["why_not"]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("text", ["x" * 1200, "", "#dm ", "Hello [[nonsense]]", "#retry now"])
def test_nothing_is_told_as_if_it_had_happened(world: Any, language: str, text: str) -> None:
    """A preview speaks before anything is sent."""
    world.remap("rules:\n", "replies: {too_long: refuse}\nrules:\n")
    world.ask("ada", "@bridge hello")
    found = preview(world.bridge, str(world.ticket().id), Wish(text, As.AUTO, language))
    assert found is not None
    says = found.why_not + found.too_long
    assert says
    assert "Nothing was sent" not in says
    assert "nichts erhalten" not in says
    assert "  " not in says


def test_who_writes_is_known_before_their_first_answer(world: Any, asked: Any) -> None:
    """By the name that the app says: what the guard makes of it, and what is filled in."""
    who = {"agent_id": str(preset.INES), "agent_name": "Ines"}
    assert "Yours, Ines" in foretold(world, "Yours, [[agent]]", **who)["parts"][0]["text"]
    world.remap("rules:\n", "guard: {approval: {agents: [Ines]}}\nrules:\n")
    assert foretold(world, "hello", **who)["needs_second"]
    assert not foretold(world, "hello", agent_id="77", agent_name="Jonas")["needs_second"]
