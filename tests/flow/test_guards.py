"""What a guard holds back reaches nobody until an agent has said so, and the trail says who."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.errors import LeaseLost
from bridge.flow import guarding, outcomes
from bridge.flow.standing import paused
from bridge.ledger import holds, replies
from bridge.ledger import tables as t
from bridge.ledger.service_tables import holds as rows
from bridge.model import Outcome
from bridge.sandbox.zendesk import preset

CARD = "Your card 4242 4242 4242 4242 was charged"
SHOWN = "…4242"


def guard(world: Any, text: str) -> None:
    """What the mapping says of guards."""
    world.remap("rules:\n", f"guard:\n  {text}\nrules:\n")


def sent(world: Any, status: Any) -> list[tuple[str, str]]:
    """(visibility, text) of what we said in a thread, without the mention."""
    said = [(seen, text) for who, seen, text in world.thread(status) if who == "bridge"]
    return [(seen, text.removeprefix("@ada@sandbox.example").strip()) for seen, text in said]


def note(world: Any, text: str, **how: Any) -> None:
    world.answer(text, public=False, **how)


def reply(world: Any, number: int = 1) -> Any:
    with world.bridge.ledger.reading() as tx:
        return replies.one(tx, number)


def trail(world: Any) -> list[str]:
    with world.bridge.ledger.reading() as tx:
        return [row.what for row in tx.conn.execute(t.audit.select().order_by(t.audit.c.id))]


@pytest.fixture
def asked(world: Any) -> Any:
    return world.ask("ada", "@bridge hello")


# ------------------------------------------------------------------ held


def test_a_card_number_is_not_posted_and_the_ticket_says_what_to_do(world: Any, asked: Any) -> None:
    """Nothing is sent; one note names what was found, masked, and each way out."""
    world.answer(CARD)
    assert [] == sent(world, asked)
    (said,) = world.notes()
    assert "held back (r1)" in said
    assert f"card number in it ({SHOWN})" in said
    for way in ("#dm r1", "#anyway r1", "#withdraw r1"):
        assert way in said
    assert Outcome.HELD == reply(world).outcome
    assert "bridge_held" in world.ticket().tags
    assert "bridge_delivery_failed" not in world.ticket().tags
    assert "held" == world.ticket().value(preset.FIELD_DELIVERY)
    world.later(3600)
    assert [] == sent(world, asked)
    assert 1 == len(world.notes())


def test_nothing_of_the_datum_is_kept_beside_the_reply(world: Any, asked: Any, caplog: Any) -> None:
    """Table, trail, note and log hold a mask."""
    world.answer(CARD)
    with world.bridge.ledger.reading() as tx:
        (row,) = tx.conn.execute(rows.select()).all()
        kept = [
            json.dumps([str(cell) for cell in each]) for each in tx.conn.execute(t.audit.select())
        ]
    assert [{"code": "held_card", "excerpt": SHOWN}] == json.loads(row.findings)
    for text in (*kept, *world.notes(), caplog.text):
        assert "4242 4242" not in text


def test_private_replies_are_not_looked_at(world: Any) -> None:
    asked = world.ask("ada", "@bridge hello", "direct")
    world.answer(CARD)
    assert [("direct", CARD)] == sent(world, asked)


def test_a_direct_answer_to_a_public_post_is_private(world: Any, asked: Any) -> None:
    world.answer(f"#dm {CARD}")
    assert ("direct", CARD) in sent(world, asked)


def test_what_the_brand_says_of_itself_goes_out(world: Any, asked: Any) -> None:
    guard(world, "may_say: [help@acme.example]")
    world.answer("Write to help@acme.example")
    world.answer("Write to ada@acme.example")
    assert [("public", "Write to help@acme.example")] == sent(world, asked)


def test_switched_off_it_holds_nothing(world: Any, asked: Any) -> None:
    guard(world, "personal_data: off")
    world.answer(CARD)
    assert [("public", CARD)] == sent(world, asked)


def test_words_to_avoid_hold_too(world: Any, asked: Any) -> None:
    guard(world, "tone: [your own fault]")
    world.answer("That is your own fault.")
    assert [] == sent(world, asked)
    assert "words in it that we do not use in public: your own fault" in world.notes()[0]


@pytest.mark.parametrize("text", ["Hello. #dm Your code is 7", "# dm x", "> #dm", "#public #dm x"])
def test_a_dm_that_was_overlooked_is_asked_about(world: Any, asked: Any, text: str) -> None:
    """What was meant for one reader does not go out to all; the agent says which it is."""
    world.answer(text)
    assert [] == sent(world, asked)
    (said,) = world.notes()
    assert "meant for the bridge (#dm)" in said
    note(world, "#dm r1")
    assert "direct" == sent(world, asked)[0][0]


def test_a_held_reply_holds_nothing_behind_it(world: Any, asked: Any) -> None:
    """The next one goes out; the held one, once released, goes out then."""
    world.answer(CARD)
    world.answer("Hello Ada")
    assert ["Hello Ada"] == [text for _, text in sent(world, asked)]
    note(world, "#anyway r1")
    assert ["Hello Ada", CARD] == [text for _, text in sent(world, asked)]


# ------------------------------------------------------------------ decided


def test_anyway_posts_it_as_it_is_and_says_who_said_so(world: Any, asked: Any) -> None:
    world.answer(CARD)
    note(world, "#anyway")
    assert [("public", CARD)] == sent(world, asked)
    assert "Ines wrote #anyway r1" in trail(world)
    assert Outcome.DELIVERED == reply(world).outcome
    assert "delivered" == world.ticket().value(preset.FIELD_DELIVERY)


def test_privately_instead_goes_to_the_person_and_the_thread_is_told(
    world: Any, asked: Any
) -> None:
    """As for any private answer to a public post: one direct message, then the notice."""
    world.answer(CARD)
    note(world, "#dm r1")
    world.later(30)
    said = sent(world, asked)
    assert ("direct", CARD) == said[0]
    assert [("direct", CARD)] == [each for each in said if "4242" in each[1]]
    assert 1 == len([seen for seen, _ in said if seen == "public"])
    assert "Ines wrote #dm r1" in trail(world)
    with world.bridge.ledger.reading() as tx:
        assert holds.PRIVATE == holds.of_reply(tx, 1).state


def test_withdrawn_it_is_never_sent(world: Any, asked: Any) -> None:
    world.answer(CARD)
    note(world, "#withdraw r1")
    assert Outcome.WITHDRAWN == reply(world).outcome
    assert "withdrawn (r1)" in world.notes()[-1]
    assert "withdrawn" == world.ticket().value(preset.FIELD_DELIVERY)
    note(world, "#anyway r1")
    note(world, "#retry")
    world.later(3600)
    assert [] == sent(world, asked)
    assert any("decided already (r1)" in said for said in world.notes())


def test_two_words_for_one_reply(world: Any, asked: Any) -> None:
    """The first decides, the second is told so."""
    world.answer(CARD)
    note(world, "#anyway r1")
    note(world, "#anyway r1")
    note(world, "#dm r1")
    assert [("public", CARD)] == sent(world, asked)
    assert 2 == len([said for said in world.notes() if "decided already" in said])


@pytest.mark.parametrize("text", ["#anyway r2", "#dm p1", "#withdraw a1", "#anyway r999999999999"])
def test_what_is_not_held_here_cannot_be_decided(world: Any, asked: Any, text: str) -> None:
    world.answer(CARD)
    note(world, text)
    assert [] == sent(world, asked)
    assert "No such answer" in world.notes()[-1]
    assert Outcome.HELD == reply(world).outcome


def test_another_tickets_reply_cannot_be_decided(world: Any, asked: Any) -> None:
    world.answer(CARD)
    world.ask("chloe", "@bridge hi")
    mine, other = world.tickets()
    note(world, "#anyway r1", ticket=other)
    assert [] == sent(world, asked)
    assert "No such answer" in world.notes(other)[-1]
    assert 1 == len(world.notes(mine))


@pytest.mark.parametrize("text", ["#anyway r1", "#anyway"])
def test_after_a_merge_it_is_decided_where_the_conversation_goes_on(
    world: Any, asked: Any, text: str
) -> None:
    """The ticket on which it was held is closed: nobody can write there any more."""
    world.answer(CARD)
    world.ask("chloe", "@bridge hi")
    mine, other = world.tickets()
    world.desk.merge(mine.id, other.id)
    world.ask("ada", "@bridge still there?", in_reply_to=asked.id)
    note(world, text, ticket=other)
    world.later(3)
    assert [("public", CARD)] == sent(world, asked)


@pytest.mark.parametrize("text", ["#dm r1", "#dm: r1.", "#dm R1"])
def test_dm_and_a_number_as_an_answer_sends_the_number_to_nobody(
    world: Any, asked: Any, text: str
) -> None:
    """Written on the wrong tab: it was meant as a note."""
    world.answer(CARD)
    world.answer(text)
    assert [] == sent(world, asked)
    assert "internal note" in world.notes()[-1]
    assert Outcome.HELD == reply(world).outcome


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("#anyway r1", {"public": True}),
        ("#anyway r7", {"public": False}),
        ("#approve r1", {"public": False}),
        ("#hide p99 rude", {"public": False}),
        ("#block user p1 rude", {"public": False}),
    ],
)
def test_what_came_to_nothing_does_not_stay_on_a_solved_ticket(
    world: Any, asked: Any, text: str, how: Any
) -> None:
    """Whoever wrote it and solved the ticket thinks that it was done."""
    world.answer(CARD)
    world.clock.move(5)
    ticket = world.ticket()
    world.desk.answer(ticket.id, text, **how)
    world.desk.solve(ticket.id)
    world.ping(ticket)
    assert [] == sent(world, asked)
    assert "open" == world.ticket().status


def test_without_a_number_the_newest_is_meant(world: Any, asked: Any) -> None:
    world.answer(CARD)
    world.answer("mail ada@example.org")
    note(world, "#anyway")
    assert ["mail ada@example.org"] == [text for _, text in sent(world, asked)]
    note(world, "#anyway")
    assert ["mail ada@example.org", CARD] == [text for _, text in sent(world, asked)]


@pytest.mark.parametrize(
    "text", ["#anyway answer r1", "#approve Nr. r1 is fine", "#dm see r1", "#withdraw: not r1"]
)
def test_a_number_further_on_never_means_the_newest(world: Any, asked: Any, text: str) -> None:
    """Nothing is done, and a note asks for the number."""
    world.answer("write to ada@example.org")
    world.answer(CARD)
    note(world, text)
    assert [] == sent(world, asked)
    assert "right behind the word" in world.notes()[-1]
    assert [Outcome.HELD] * 2 == [reply(world, number).outcome for number in (1, 2)]


def test_brackets_around_a_number_are_forgiven(world: Any, asked: Any) -> None:
    world.answer("write to ada@example.org")
    world.answer(CARD)
    note(world, "#anyway (r1)")
    assert [("public", "write to ada@example.org")] == sent(world, asked)


def test_retry_does_not_get_past_it(world: Any, asked: Any) -> None:
    world.answer(CARD)
    note(world, "#retry")
    assert [] == sent(world, asked)
    assert "held back (r1), and #retry cannot send it" in world.notes()[-1]


def test_what_a_customer_writes_decides_nothing(world: Any, asked: Any) -> None:
    """The words count in a note of an agent alone."""
    world.answer(CARD)
    world.ask("ada", "@bridge #anyway r1", in_reply_to=asked.id)
    assert [] == sent(world, asked)


def test_an_answer_that_begins_with_the_word_decides_nothing(world: Any, asked: Any) -> None:
    world.answer(CARD)
    world.answer("#anyway r1")
    assert [] == sent(world, asked)


def test_a_released_reply_that_fails_is_retried_without_being_held_again(
    world: Any, asked: Any
) -> None:
    world.answer(CARD)
    world.town_faults.add("404", method="POST", path="/api/v1/statuses")
    note(world, "#anyway r1")
    assert [] == sent(world, asked)
    note(world, "#retry")
    assert [("public", CARD)] == sent(world, asked)


# ------------------------------------------------------------------ a second person


def test_beginners_are_read_by_a_colleague(world: Any, asked: Any) -> None:
    """So many public replies of each agent; then they answer alone."""
    guard(world, "approval: {first_replies: 1}")
    world.answer("one")
    assert [] == sent(world, asked)
    assert "0 of 1" in world.notes()[0]
    assert "#approve r1" in world.notes()[0]
    note(world, "#approve r1", agent=preset.TOM)
    world.answer("two")
    assert ["one", "two"] == [text for _, text in sent(world, asked)]
    assert "Tom wrote #approve r1" in trail(world)
    world.answer("three", agent=preset.TOM)
    assert 2 == len(sent(world, asked))


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("agents: [ines]", "hello"),
        (f'agents: ["{preset.INES}"]', "hello"),
        ("words: [recall]", "There is a Recall."),
        ('words: ["can\'t refund"]', "Sorry, we can’t refund that."),
        ("priority: urgent", "hello"),
    ],
)
def test_who_and_what_needs_a_second_person(world: Any, says: str, text: str) -> None:
    world.remap("      group: Social\n", "      group: Social\n      priority: urgent\n")
    guard(world, f"approval: {{{says}}}")
    asked = world.ask("ada", "@bridge hello")
    world.answer(text)
    assert [] == sent(world, asked)
    assert "read by a colleague" in world.notes()[0]


def test_an_agent_is_known_by_whatever_apostrophe_their_name_has(world: Any) -> None:
    guard(world, 'approval: {agents: ["Pat O\'Brien"]}')
    held = guarding.why_held(
        world.bridge, "acme", "hello", guarding.Author("7", "Pat O’Brien"), lambda: ""
    )
    assert held is not None
    assert held.needs_second


@pytest.mark.parametrize("says", ["agents: [tom]", "words: [recall]", "priority: high"])
def test_who_and_what_does_not(world: Any, says: str) -> None:
    world.remap("      group: Social\n", "      group: Social\n      priority: urgent\n")
    guard(world, f"approval: {{{says}}}")
    asked = world.ask("ada", "@bridge hello")
    world.answer("hello")
    assert [("public", "hello")] == sent(world, asked)


def test_the_author_cannot_approve_nor_overrule(world: Any, asked: Any) -> None:
    guard(world, "approval: {agents: [Ines]}")
    world.answer("hello")
    note(world, "#approve r1")
    assert "second person must be somebody else (r1)" in world.notes()[-1]
    note(world, "#anyway r1")
    assert "needs a second person's yes (r1)" in world.notes()[-1]
    assert [] == sent(world, asked)
    note(world, "#approve r1", agent=preset.TOM)
    assert [("public", "hello")] == sent(world, asked)


def test_nobody_overrules_alone_what_needs_two(world: Any, asked: Any) -> None:
    """Not with #anyway either, whoever writes it; privately it may go."""
    guard(world, "approval: {words: [recall]}")
    world.answer("a recall of 4242 4242 4242 4242")
    note(world, "#anyway r1", agent=preset.TOM)
    assert [] == sent(world, asked)
    note(world, "#dm r1")
    assert "direct" == sent(world, asked)[0][0]


def test_approve_finds_an_act_or_an_answer_by_what_is_newest(
    world: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a number the newest thing that waits is meant; `a7` is always an act."""
    from bridge.flow import moderating

    heard = []
    monkeypatch.setattr(moderating, "approve", lambda *given: heard.append(given[-1].number))
    guard(world, "approval: {words: [recall]}")
    world.answer("a recall")
    note(world, "#approve a7", agent=preset.TOM)
    note(world, "#approve", agent=preset.TOM)
    assert ["a7"] == heard
    assert [("public", "a recall")] == sent(world, asked)


# ------------------------------------------------------------------ whatever dies when


def dies_before_the_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once: whoever comes after it writes the note."""
    whole, deaths = outcomes.tell, [LeaseLost("killed")]

    def tell(*args: Any, **kwargs: Any) -> None:
        if deaths:
            raise deaths.pop()
        whole(*args, **kwargs)

    monkeypatch.setattr(guarding.outcomes, "tell", tell)


def test_a_process_that_dies_before_the_note_tells_it_later(
    world: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hold is put down, then the note: the next worker writes it, once, and sends nothing."""
    dies_before_the_note(monkeypatch)
    world.answer(CARD)
    assert [] == world.notes()
    world.later(300)
    assert 1 == len(world.notes())
    assert [] == sent(world, asked)


def test_decided_before_the_note_was_written(
    world: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sees it in the sidebar may be faster than the note."""
    dies_before_the_note(monkeypatch)
    world.answer(CARD)
    world.desk.answer(world.ticket().id, "#withdraw r1", public=False)
    world.tell(world.ticket())
    world.later(300)
    assert [] == sent(world, asked)
    assert Outcome.WITHDRAWN == reply(world).outcome


def test_a_helpdesk_that_is_away_is_asked_for_the_priority_again(world: Any, asked: Any) -> None:
    """Nothing goes out before the priority is known."""
    guard(world, "approval: {priority: urgent}")
    path = f"/api/v2/tickets/{world.ticket().id}"
    world.desk.faults.add("503", method="GET", path=path)
    world.answer("hello")
    assert [] == sent(world, asked)
    world.later(60)
    assert [("public", "hello")] == sent(world, asked)


def test_a_paused_account_still_tells_of_a_hold(world: Any, asked: Any) -> None:
    """What is held is held, whether the account works or not."""
    with world.bridge.ledger.writing() as tx:
        paused(tx, "acme", "an admin")
    world.answer(CARD)
    (said,) = world.notes()
    assert "held back" in said
