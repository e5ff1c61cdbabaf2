"""Ten thousand posts about one thing make one ticket; what is another need keeps its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.flow import storming
from bridge.ledger import conversations, lanes, posts, steps, storm_counts, storms
from bridge.model import Kind, Removal, Visibility

STORM = """\
storm: {after: 5, within: 10m, quiet: 30m, samples: 3, group: Social, priority: high, tags: outage}
rules:
"""
DOWN = "The app is down again and nobody can sign in since this morning"
ALIKE = (
    "The app is down again and nobody can sign in since this morning!!",
    "the app is down again, nobody can sign in since this morning",
    "Ugh. The app is down again and nobody can sign in since this morning",
    "The app is down again and nobody can sign in since this morning :(",
)


@pytest.fixture
def stormy(world: Any) -> Any:
    world.remap("rules:\n", STORM)
    return world


def say(hears: Any, number: int, text: str = "", **how: Any) -> Any:
    """Somebody says it, and everything due is done."""
    post = hears.post(f"p{number}", text or ALIKE[number % 4], author=hears.person(number), **how)
    hears(post)
    return post


def many(hears: Any, count: int, first: int = 0) -> None:
    """So many people say it, one delivery each; then everything due is done."""
    for number in range(first, first + count):
        hears.keep(
            hears.post(f"p{number}", ALIKE[number % 4], author=hears.person(number)),
        )
    hears.world.settle()


def known(world: Any, network_id: str) -> Any:
    with world.bridge.ledger.reading() as tx:
        return posts.find(tx, "acme", network_id)


def incident(world: Any) -> Any:
    (found,) = (each for each in world.tickets() if "bridge_storm" in each.tags)
    return found


def others(world: Any) -> list[Any]:
    return [each for each in world.tickets() if "bridge_storm" not in each.tags]


def test_without_a_word_in_the_mapping_nothing_is_folded(world: Any, hears: Any) -> None:
    many(hears, 8)
    assert 8 == len(world.tickets())


def test_many_make_one_ticket(stormy: Any, hears: Any) -> None:
    """The first have tickets of their own, which the incident names; all else stands on it."""
    many(hears, 30)
    assert 4 == len(others(stormy))
    ticket = incident(stormy)
    (said,) = stormy.comments(ticket)
    assert not said.public
    assert {"outage", "bridge_storm"} <= set(ticket.tags)
    assert "high" == ticket.priority
    stormy.later(61)
    told = stormy.notes(ticket)[-1]
    assert "Folded: 26" in told
    assert "People: 26" in told
    for each in others(stormy):
        assert f"#{each.id}" in told
    assert 3 == told.count("\n— ")
    assert "folded into storm s1 (likeness" in known(stormy, "p29").because
    assert known(stormy, "p29").conversation_id == known(stormy, "p4").conversation_id
    assert known(stormy, "p3").conversation_id != known(stormy, "p4").conversation_id


def test_it_is_told_at_a_pace_that_grows(stormy: Any, hears: Any) -> None:
    """Not by post: ten times as many, or ten minutes; and not when there is nothing new."""
    many(hears, 6)
    assert 1 == len(stormy.comments(incident(stormy)))
    stormy.later(61)
    assert 1 == len(stormy.comments(incident(stormy)))
    stormy.later(600)
    assert 2 == len(stormy.comments(incident(stormy)))
    stormy.later(600)
    assert 2 == len(stormy.comments(incident(stormy)))


def test_the_end_is_told_with_a_list(stormy: Any, hears: Any) -> None:
    many(hears, 8)
    say(hears, 8)
    stormy.later(31 * 60)
    last = stormy.comments(incident(stormy))[-1]
    assert "It is over" in last.plain_body
    (file,) = last.attachments
    assert "bridge-storm-s1.csv" == file.filename
    before = len(stormy.tickets())
    say(hears, 9)
    assert before + 1 == len(stormy.tickets())


def test_another_need_keeps_its_ticket(stormy: Any, hears: Any) -> None:
    many(hears, 10)
    before = len(stormy.tickets())
    say(hears, 50, "My parcel has not arrived, where is it and whom do I ask?")
    say(hears, 51, DOWN + ", and my order 471123 cannot be paid")
    say(hears, 52, DOWN + " ada@shop.example")
    assert before + 3 == len(stormy.tickets())
    say(hears, 53)
    assert before + 3 == len(stormy.tickets())


def test_a_need_behind_the_storms_words_keeps_its_ticket(stormy: Any, hears: Any) -> None:
    """Whoever comes after the storm began, whoever would have begun it, and whoever adds it."""
    many(hears, 4)
    say(hears, 4, f"{DOWN}, where is my parcel?")
    assert 5 == len(stormy.tickets())
    say(hears, 5, DOWN)
    assert 5 == len(others(stormy))
    assert incident(stormy)
    say(hears, 6, f"{DOWN}. Also I want to cancel")
    assert 6 == len(others(stormy))
    say(hears, 7, f"{DOWN}. Anyone else?")
    say(hears, 8)
    assert 6 == len(others(stormy))
    say(hears, 8, f"{DOWN}, and my refund?", revision="2")
    assert 7 == len(others(stormy))


def test_many_needs_behind_the_storms_words_make_no_storm(stormy: Any, hears: Any) -> None:
    """Nor is one of them its first post, whose words would be everybody's."""
    for number in range(4):
        say(hears, number, f"{DOWN}, where is my parcel?" if number == 3 else DOWN)
    say(hears, 4, f"{DOWN}, where is my parcel?")
    many(hears, 2, first=5)
    assert incident(stormy)
    before = len(stormy.tickets())
    for number in range(10, 17):
        say(hears, number, f"{DOWN}, where is my parcel?")
    say(hears, 20, f"{DOWN}, and my refund?")
    assert before + 8 == len(stormy.tickets())


def test_what_everybody_names_is_folded_and_what_each_names_is_not(stormy: Any, hears: Any) -> None:
    for number in range(12):
        hears(
            hears.post(
                f"a{number}",
                f"Where is my order 88{number:04} please, it should be here by now",
                author=hears.person(number),
            )
        )
    assert 12 == len(stormy.tickets())
    for number in range(12):
        hears(
            hears.post(
                f"b{number}",
                "Flight LH4711 is cancelled and there is nobody here at the desk to help us",
                author=hears.person(number),
            )
        )
    assert 12 + 4 + 1 == len(stormy.tickets())


def test_a_private_message_is_never_folded(stormy: Any, hears: Any) -> None:
    many(hears, 10)
    before = len(stormy.tickets())
    say(hears, 60, DOWN, visibility=Visibility.PRIVATE, kind=Kind.DM)
    assert before + 1 == len(stormy.tickets())


def test_who_writes_again_has_a_ticket(stormy: Any, hears: Any) -> None:
    """In their thread or privately, with what they said above it; also in the same words."""
    many(hears, 10)
    before = len(stormy.tickets())
    hears(
        hears.post(
            "r8", DOWN, author=hears.person(8), parent_id="p8", thread_id="p8", kind=Kind.REPLY
        )
    )
    hears(
        hears.post(
            "d9", "hello?", author=hears.person(9), visibility=Visibility.PRIVATE, kind=Kind.DM
        )
    )
    new = others(stormy)[-2:]
    assert before + 2 == len(stormy.tickets())
    for ticket, number in zip(new, (8, 9), strict=True):
        (said,) = stormy.comments(ticket)
        assert ALIKE[number % 4] in said.plain_body
    hears(hears.post("r8b", "and?", author=hears.person(8), parent_id="r8", thread_id="p8"))
    assert before + 2 == len(stormy.tickets())
    assert 2 == len(stormy.comments(new[0]))


def test_changed_words_have_a_ticket_of_their_own(stormy: Any, hears: Any) -> None:
    many(hears, 10)
    before = len(stormy.tickets())
    hears(hears.post("p8", ALIKE[0] + "!", author=hears.person(8), revision="1"))
    assert before == len(stormy.tickets())
    hears(hears.post("p8", "I need my invoice for May", author=hears.person(8), revision="2"))
    assert before + 1 == len(stormy.tickets())
    assert "invoice" in stormy.comments(others(stormy)[-1])[0].plain_body
    hears(hears.post("p8", "I need it now", author=hears.person(8), revision="3"))
    assert before + 1 == len(stormy.tickets())
    assert "until it was edited" in known(stormy, "p8").because


def test_a_removal_is_counted_and_its_words_go(stormy: Any, hears: Any) -> None:
    many(hears, 5)
    stormy.later(61)
    shown = stormy.comments(incident(stormy))[0].plain_body
    assert ALIKE[0] in shown
    hears(Removal("acme", "p4", stormy.clock(), "deleted"))
    assert ALIKE[0] not in stormy.comments(incident(stormy))[0].plain_body
    many(hears, 10, first=10)
    stormy.later(61)
    assert "Folded: 11, of which 1 are gone" in stormy.notes(incident(stormy))[-1]


def test_a_repost_is_folded_with_what_it_repeats(stormy: Any, hears: Any) -> None:
    many(hears, 6)
    before = len(stormy.tickets())
    say(hears, 70, kind=Kind.REPOST, parent_id="p2", text="RT")
    assert before == len(stormy.tickets())
    say(hears, 71, kind=Kind.REPOST, parent_id="p2", text="RT, and my order 471123 is late")
    assert before + 1 == len(stormy.tickets())


def test_an_agent_s_word_on_the_incident_reaches_nobody(stormy: Any, hears: Any) -> None:
    many(hears, 8)
    stormy.answer("We are on it", incident(stormy))
    with stormy.bridge.ledger.reading() as tx:
        assert (1, 4) == storm_counts.counts(tx)
    assert not [each for each in stormy.town.statuses() if "We are on it" in each.text]


def test_one_person_makes_no_storm_however_often_they_say_it(stormy: Any, hears: Any) -> None:
    """People are counted. Who says it for the fifth person begins one, and the others' many posts
    have not hidden that."""
    for number in range(20):
        hears(hears.post(f"a{number}", ALIKE[number % 4], author=hears.person(1)))
    assert 20 == len(stormy.tickets())
    for number in range(2, 5):
        say(hears, number)
    hears(hears.post("a20", DOWN, author=hears.person(1)))
    assert 24 == len(stormy.tickets())
    say(hears, 5)
    told = stormy.comments(incident(stormy))[0].plain_body
    assert "Folded: 1\n" in told
    for each in others(stormy):
        assert f"#{each.id}" in told


def test_more_posts_of_one_than_are_compared_hide_nobody(
    stormy: Any, hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storming, "CANDIDATES", 1)  # ten: twice `after`
    for number in range(4):
        say(hears, number)
    for number in range(12):
        hears(hears.post(f"a{number}", ALIKE[1], author=hears.person(1)))
    say(hears, 5)
    told = stormy.comments(incident(stormy))[0].plain_body
    first, _, third, fourth, *_ = others(stormy)
    for each in (first, third, fourth):
        assert f"#{each.id}" in told


def test_whoever_folds_takes_locks_in_one_order(
    stormy: Any, hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The incident's lane, the post's row, the lane it goes to, the conversation there: a receipt
    locks a lane before its conversation, and a note locks the incident's lane first."""
    many(hears, 10)
    took: list[str] = []

    def noted(where: Any, what: str, says: str) -> None:
        real = getattr(where, what)

        def wrapped(*args: Any, **more: Any) -> Any:
            took.append(says)
            return real(*args, **more)

        monkeypatch.setattr(where, what, wrapped)

    noted(lanes, "stand_still", "incident")
    noted(storms, "member_still", "post")
    noted(steps, "add", "lane")
    noted(conversations, "heard", "conversation")
    noted(posts, "move", "moved")
    hears.keep(hears.post("p8", "I need my invoice", author=hears.person(8), revision="2"))
    stormy.settle()
    first = took.index("incident")
    assert ["incident", "post", "lane", "conversation", "moved"] == took[first : first + 5]


def test_what_is_far_apart_is_no_storm(stormy: Any, hears: Any) -> None:
    for number in range(8):
        say(hears, number)
        stormy.clock.move(timedelta(minutes=4).total_seconds())
    assert 8 == len(stormy.tickets())


def test_what_was_shown_goes_also_after_it_was_edited(stormy: Any, hears: Any) -> None:
    """It has a ticket of its own by then; its first words still stand on the incident's."""
    many(hears, 5)
    assert ALIKE[0] in stormy.comments(incident(stormy))[0].plain_body
    hears(
        hears.post("p4", "I need my invoice for May", author=hears.person(4), revision="1"),
        Removal("acme", "p4", stormy.clock(), "deleted"),
    )
    stormy.settle()
    assert ALIKE[0] not in stormy.comments(incident(stormy))[0].plain_body


def test_what_a_merge_quotes_of_the_incident_goes(stormy: Any, hears: Any) -> None:
    many(hears, 5)
    here, kept = incident(stormy), others(stormy)[0]
    stormy.desk.merge(here.id, kept.id)
    assert any(ALIKE[0] in each.plain_body for each in stormy.comments(kept)[1:])
    hears(Removal("acme", "p4", stormy.clock(), "deleted"))
    stormy.later(200)
    assert not any(ALIKE[0] in each.plain_body for each in stormy.comments(kept)[1:])


def test_what_is_removed_while_it_is_about_to_be_shown_is_not(
    stormy: Any, hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the choice and its being put down."""
    samples = storm_counts.samples

    def meanwhile(tx: Any, storm_id: int, most: int) -> tuple[int, ...]:
        chosen = samples(tx, storm_id, most)
        posts.gone(tx, chosen[0])
        return chosen

    monkeypatch.setattr(storm_counts, "samples", meanwhile)
    many(hears, 5)
    assert ALIKE[0] not in stormy.comments(incident(stormy))[0].plain_body
