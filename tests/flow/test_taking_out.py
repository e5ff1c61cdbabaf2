"""A post that was folded wrongly gets a ticket of its own, once, and nothing of many reaches it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow import sending_many, unfolding
from bridge.ledger import (
    broadcast_browsing,
    broadcast_sending,
    broadcasts,
    posts,
    storm_counts,
    storms,
)
from bridge.ledger import tables as t
from bridge.ledger.conversations import lane_of
from bridge.model import Removal

STORM = "storm: {after: 3, within: 10m, quiet: 30m, samples: 2, answers_per_minute: 6}\nrules:\n"
DOWN = "@bridge the app is down again and nobody can sign in since this morning"
ANSWER = "We know, and are at it. It will work again by noon."


@pytest.fixture
def stormy(no_limit_of_posts: None, world: Any) -> Any:
    """p0 and p1 have tickets of their own, p2 to p6 are folded."""
    world.remap("rules:\n", STORM)
    for number in range(12):
        world.town.person(f"p{number}", f"Person {number}", followers=number)
    for number in range(7):
        world.ask(f"p{number}", f"{DOWN} {'!' * (number % 3)}")
    return world


def incident(world: Any) -> Any:
    (found,) = (each for each in world.tickets() if "bridge_storm" in each.tags)
    return found


def own(world: Any) -> list[Any]:
    return [each for each in world.tickets() if "bridge_storm" not in each.tags]


def of(world: Any, who: str) -> Any:
    """The folded post of somebody, as the ledger knows it."""
    with world.bridge.ledger.reading() as tx:
        (storm,) = storms.open_ones(tx, world.bridge.desk)
        (found,) = (
            each
            for each in storm_counts.listed(tx, storm.id, 0, 100)
            if each.author.handle.partition("@")[0] == who
        )
        return posts.one(tx, found.post_id)


def order(world: Any, text: str, **how: Any) -> None:
    world.answer(text, incident(world), public=False, **how)


def take_out(world: Any, post_id: int, who: str = "Ada took it out") -> str:
    with world.bridge.ledger.writing() as tx:
        return unfolding.take_out(world.bridge, tx, post_id, who)


def answered(world: Any) -> Counter[str]:
    said = (each for each in world.town.statuses() if ANSWER in each.text)
    return Counter(each.text.split()[0].split("@")[1] for each in said)


def ask_all(world: Any) -> Any:
    world.answer(ANSWER, incident(world))
    with world.bridge.ledger.reading() as tx:
        (storm,) = storms.open_ones(tx, world.bridge.desk)
        return broadcasts.of_storm(tx, storm.id)[0]


def go_on(world: Any, times: int = 10, seconds: int = 10) -> None:
    for _ in range(times):
        world.later(seconds)


def end_of_many(world: Any) -> str:
    (end,) = (note for note in world.notes(incident(world)) if "has gone out.\n" in note)
    return str(end)


def test_a_word_in_a_note_gives_a_ticket_of_its_own(stormy: Any) -> None:
    wrongly = of(stormy, "p4")
    before = len(own(stormy))
    assert f"p{of(stormy, 'p2').id} ·" in stormy.comments(incident(stormy))[0].plain_body
    order(stormy, f"#take-out p{wrongly.id}")
    ticket = own(stormy)[-1]
    assert before + 1 == len(own(stormy))
    (said,) = stormy.comments(ticket)
    assert said.public
    assert "nobody can sign in" in said.plain_body
    assert "social" in ticket.tags  # as its rule routes it
    note = stormy.notes(incident(stormy))[-1]
    assert f"the post p{wrongly.id} has a ticket of its own" in note
    assert "Folded: 4\n" in note
    assert "With tickets of their own since: 1\n" in note
    with stormy.bridge.ledger.reading() as tx:
        now = posts.one(tx, wrongly.id)
        here = t.audit.c.conversation_id == now.conversation_id
        trail = tx.conn.execute(select(t.audit.c.because).where(here)).scalars().all()
    assert "until it was taken out" in now.because
    assert f"Ines wrote #take-out p{wrongly.id}" in trail


def test_several_are_taken_out_by_one_note(stormy: Any) -> None:
    """Each gets its ticket; of the one that is not folded the note's author is told."""
    before = len(own(stormy))
    third, fourth, fifth = (of(stormy, who).id for who in ("p3", "p4", "p5"))
    order(stormy, f"#take-out p{third}, p{fourth} and p999999, unlike p{fifth}")
    assert before + 2 == len(own(stormy))
    assert [storms.LEFT, storms.LEFT, storms.FOLDED] == [
        state_of(stormy, each) for each in (third, fourth, fifth)
    ]
    told = [note for note in stormy.notes(incident(stormy)) if "No such post is folded" in note]
    assert 1 == len(told)
    assert "p999999" in told[0]


def test_asked_again_nothing_more_happens(stormy: Any) -> None:
    wrongly = of(stormy, "p4")
    assert "" == take_out(stormy, wrongly.id)
    assert unfolding.NONE == take_out(stormy, wrongly.id)
    stormy.settle()
    before = len(stormy.tickets())
    order(stormy, f"#take-out p{wrongly.id}")
    assert before == len(stormy.tickets())
    assert "No such post is folded" in stormy.notes(incident(stormy))[-1]
    assert 1 == sum("Taken out" in note for note in stormy.notes(incident(stormy)))
    assert 1 == len(stormy.comments(own(stormy)[-1]))


@pytest.mark.parametrize("text", ["#take-out", "#take-out p999999", "#take-out r1", "#take-out p1"])
def test_what_names_none_that_is_folded_does_nothing(stormy: Any, text: str) -> None:
    before = len(stormy.tickets())
    order(stormy, text)
    assert before == len(stormy.tickets())
    assert "No such post is folded" in stormy.notes(incident(stormy))[-1]


def test_the_word_is_of_no_use_on_another_ticket(stormy: Any) -> None:
    wrongly = of(stormy, "p4")
    stormy.answer(f"#take-out p{wrongly.id}", own(stormy)[0], public=False)
    assert "No such post is folded" in stormy.notes(own(stormy)[0])[-1]
    assert storms.FOLDED == state_of(stormy, wrongly.id)


def state_of(world: Any, post_id: int) -> str:
    with world.bridge.ledger.reading() as tx:
        found = storms.member(tx, post_id)
    assert found is not None
    return str(found.state)


def test_what_the_same_person_says_since_stands_below_it(stormy: Any) -> None:
    wrongly = of(stormy, "p4")
    assert "" == take_out(stormy, wrongly.id)
    stormy.ask("p4", "@bridge any news for me?", in_reply_to=wrongly.network_id)
    first, second = stormy.comments(own(stormy)[-1])
    assert "nobody can sign in" in first.plain_body
    assert "any news for me?" in second.plain_body


def test_who_has_written_again_before_has_one_ticket_still(stormy: Any) -> None:
    wrongly = of(stormy, "p4")
    stormy.ask("p4", "@bridge any news for me?", in_reply_to=wrongly.network_id)
    before = len(own(stormy))
    assert "" == take_out(stormy, wrongly.id)
    stormy.settle()
    assert before == len(own(stormy))
    said = [each.plain_body for each in stormy.comments(own(stormy)[-1]) if each.public]
    assert 2 == len(said)


def test_its_newest_version_is_told(stormy: Any, hears: Any) -> None:
    for number in range(20, 24):
        hears(hears.post(f"n{number}", DOWN, author=hears.person(number)))
    hears(hears.post("n23", f"{DOWN}!!", author=hears.person(23), revision="1"))
    with stormy.bridge.ledger.reading() as tx:
        known = posts.find(tx, "acme", "n23")
    assert "" == take_out(stormy, known.id)
    stormy.settle()
    assert "this morning!!" in stormy.comments(own(stormy)[-1])[0].plain_body


def test_what_is_gone_is_not_taken_out(stormy: Any, hears: Any) -> None:
    wrongly = of(stormy, "p4")
    hears(Removal("acme", wrongly.network_id, stormy.clock(), "deleted"))
    before = len(stormy.tickets())
    order(stormy, f"#take-out p{wrongly.id}")
    assert before == len(stormy.tickets())
    assert "gone from its network" in stormy.notes(incident(stormy))[-1]


def test_an_answer_to_many_does_not_reach_it(stormy: Any) -> None:
    """Neither one that is asked for later, nor one that waits for its confirmation."""
    found = ask_all(stormy)
    assert 5 == found.count
    order(stormy, f"#take-out p{of(stormy, 'p4').id}")
    order(stormy, f"#answer-all {found.number} 5")
    go_on(stormy)
    assert Counter({f"p{number}": 1 for number in (2, 3, 5, 6)}) == answered(stormy)
    assert "they have a ticket of their own: 1" in stormy.notes(incident(stormy))[-1]
    assert 4 == ask_all(stormy).count


def test_taken_out_as_it_is_about_to_be_answered_it_is_not(
    stormy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has found whom to answer next; it has not put that down yet."""
    found = ask_all(stormy)
    take = sending_many._reply
    out: list[int] = []

    def taken_out_first(bridge: Any, lease: Any, due: Any) -> Any:
        if not out:
            out.append(due.post_id)
            assert "" == take_out(stormy, due.post_id)
        return take(bridge, lease, due)

    monkeypatch.setattr(sending_many, "_reply", taken_out_first)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    assert 4 == answered(stormy).total()
    with stormy.bridge.ledger.reading() as tx:
        came = {(each.state, each.code) for each in broadcast_browsing.came_to(tx, found.id)}
    assert {(broadcasts.DELIVERED, ""), (broadcasts.SKIPPED, "own_ticket")} == came


def test_what_went_out_to_it_before_is_told_on_its_ticket(stormy: Any) -> None:
    found = ask_all(stormy)
    wrongly = of(stormy, "p4")
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    order(stormy, f"#take-out p{wrongly.id}")
    (note,) = stormy.notes(own(stormy)[-1])
    assert "an answer to many went out under it in public" in note
    assert found.number in note


def test_who_leaves_by_an_edit_is_told_of_what_went_out_to_them(stormy: Any, hears: Any) -> None:
    found = ask_all(stormy)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy)
    with stormy.bridge.ledger.reading() as tx:
        post = posts.newest_revision(tx, of(stormy, "p4").id)
    hears(replace(post, text="@bridge my invoice 99123 for the bicycle is wrong", revision="2099"))
    (note,) = stormy.notes(own(stormy)[-1])
    assert "an answer to many went out under it in public" in note
    assert found.number in note


def test_an_act_on_an_incident_names_the_network_of_its_post(stormy: Any) -> None:
    order(stormy, f"#block p{of(stormy, 'p4').id} spam")
    assert "blocked this person on Mastodon (" in stormy.notes(incident(stormy))[-1]


def test_taken_out_while_its_answer_is_under_way_it_is_told(
    stormy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends with the receipt in hand, and the post is taken out before it is put
    down."""
    found = ask_all(stormy)
    settle = broadcast_sending.settle

    class Killed(BaseException):
        pass

    def dies(*_args: Any, **_more: Any) -> bool:
        raise Killed

    stormy.clock.move(5)
    stormy.desk.answer(incident(stormy).id, f"#answer-all {found.number} 5", public=False)
    stormy.tell(incident(stormy))
    monkeypatch.setattr(broadcast_sending, "settle", dies)
    with pytest.raises(Killed):
        stormy.settle()
    monkeypatch.setattr(broadcast_sending, "settle", settle)
    (who,) = answered(stormy)
    assert "" == take_out(stormy, of(stormy, who).id)
    for _ in range(60):
        stormy.later(10)
    (note,) = stormy.notes(own(stormy)[-1])
    assert "an answer to many went out under it in public" in note
    assert 5 == answered(stormy).total()
    assert {1} == set(answered(stormy).values())


@pytest.mark.parametrize("text", ["#take-out p{}", "#block p{} spam"])
def test_a_first_try_that_was_lost_is_looked_for_and_not_sent_again(stormy: Any, text: str) -> None:
    """The connection ends before the post is written; then its person is to be left out."""
    found = ask_all(stormy)
    stormy.town_faults.add("drop_before_write", method="POST", path="/api/v1/statuses", times=1)
    order(stormy, f"#answer-all {found.number} {found.count}")
    assert Counter() == answered(stormy)
    order(stormy, text.format(of(stormy, "p2").id))
    go_on(stormy, 10, seconds=60)
    assert Counter({f"p{number}": 1 for number in range(3, 7)}) == answered(stormy)
    assert "- Delivered: 4\n- Perhaps sent, nobody knows: 1." in end_of_many(stormy)
    told = [note for each in own(stormy) for note in stormy.notes(each)]
    taken_out = "take-out" in text
    assert [True] * taken_out == ["nobody knows whether it arrived" in each for each in told]


def test_a_first_try_that_was_lost_and_is_out_is_told_as_that(stormy: Any) -> None:
    """The connection ends after the post is written; then its person is taken out."""
    found = ask_all(stormy)
    stormy.town_faults.add("drop_after_write", method="POST", path="/api/v1/statuses", times=1)
    order(stormy, f"#answer-all {found.number} {found.count}")
    order(stormy, f"#take-out p{of(stormy, 'p2').id}")
    go_on(stormy, 10, seconds=60)
    assert Counter({f"p{number}": 1 for number in range(2, 7)}) == answered(stormy)
    assert "- Delivered: 5\n" in end_of_many(stormy)
    assert "an answer to many went out under it in public" in stormy.notes(own(stormy)[-1])[-1]


def test_taken_out_while_a_lost_try_is_looked_for_it_is_not_sent_again(
    stormy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ask_all(stormy)
    wrongly = of(stormy, "p2").id
    channel = stormy.bridge.channels["acme"]
    find = channel.find_sent

    def taken_out_meanwhile(*given: Any) -> Any:
        assert "" == take_out(stormy, wrongly)
        return find(*given)

    monkeypatch.setattr(channel, "find_sent", taken_out_meanwhile)
    stormy.town_faults.add("drop_before_write", method="POST", path="/api/v1/statuses", times=1)
    order(stormy, f"#answer-all {found.number} {found.count}")
    go_on(stormy, 10, seconds=60)
    assert Counter({f"p{number}": 1 for number in range(3, 7)}) == answered(stormy)


def test_killed_between_any_two_statements_it_is_out_or_in(
    stormy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is one transaction: whoever asks again gets one ticket."""
    wrongly = of(stormy, "p4")

    class Killed(BaseException):
        pass

    def dies(*_args: Any, **_more: Any) -> None:
        raise Killed

    for where, what in (
        (unfolding.conversations, "begin"),
        (unfolding.steps, "add"),
        (unfolding.conversations, "lead"),
        (unfolding.posts, "move"),
        (unfolding.storms, "leave"),
        (unfolding, "queue"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(where, what, dies)
            with pytest.raises(Killed):
                take_out(stormy, wrongly.id)
        assert storms.FOLDED == state_of(stormy, wrongly.id)
    before = len(own(stormy))
    assert "" == take_out(stormy, wrongly.id)
    stormy.settle()
    assert before + 1 == len(own(stormy))
    assert 1 == len(stormy.comments(own(stormy)[-1]))


def taken_out_meanwhile(world: Any, monkeypatch: pytest.MonkeyPatch, network_id: str) -> None:
    """Somebody takes it out after the worker has found it, and before the worker's turn there."""
    find = posts.find

    def found(tx: Any, account: str, wanted: str) -> Any:
        known = find(tx, account, wanted)
        if known is not None and wanted == network_id:
            unfolding.take_out(world.bridge, tx, known.id, "Ada took it out")
        return known

    monkeypatch.setattr(posts, "find", found)


def test_edited_as_it_is_taken_out_its_own_ticket_has_both(
    stormy: Any, hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hears(hears.post("n20", DOWN, author=hears.person(20)))
    taken_out_meanwhile(stormy, monkeypatch, "n20")
    hears(hears.post("n20", "I need my invoice", author=hears.person(20), revision="2"))
    first, edit = stormy.comments(own(stormy)[-1])
    assert "nobody can sign in" in first.plain_body
    assert "I need my invoice" in edit.plain_body
    assert waits_for(stormy, "edit") == lane_of(folded_conversation(stormy, "n20"))


def test_removed_as_it_is_taken_out_its_own_ticket_says_so(
    stormy: Any, hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In that ticket's own lane, behind the words that are still to be told there."""
    hears(hears.post("n20", DOWN, author=hears.person(20)))
    taken_out_meanwhile(stormy, monkeypatch, "n20")
    hears(Removal("acme", "n20", stormy.clock(), "deleted"))
    assert waits_for(stormy, "removal") == lane_of(folded_conversation(stormy, "n20"))


def test_a_removal_takes_its_locks_in_the_order_of_whoever_takes_out(
    stormy: Any, hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The incident's lane first, then the row of the post: the other way round they would wait for
    each other."""
    took: list[str] = []

    def noted(where: Any, what: str) -> None:
        real = getattr(where, what)

        def wrapped(*args: Any) -> Any:
            took.append(what)
            return real(*args)

        monkeypatch.setattr(where, what, wrapped)

    noted(unfolding, "stand_still")
    noted(posts, "gone")
    hears(Removal("acme", of(stormy, "p4").network_id, stormy.clock(), "deleted"))
    assert ["stand_still", "gone"] == took


def waits_for(world: Any, kind: str) -> str:
    """The lane of the last step of a kind."""
    with world.bridge.ledger.reading() as tx:
        found = select(t.steps.c.lane).where(t.steps.c.kind == kind).order_by(t.steps.c.id.desc())
        return str(tx.conn.execute(found.limit(1)).scalar_one())


def folded_conversation(world: Any, network_id: str) -> int:
    """Where a post that was folded belongs now."""
    with world.bridge.ledger.reading() as tx:
        known = posts.find(tx, "acme", network_id)
    assert known is not None
    assert known.conversation_id is not None
    return known.conversation_id


def test_one_that_is_over_tells_its_list_anew(stormy: Any) -> None:
    wrongly = of(stormy, "p4")
    stormy.later(timedelta(minutes=31).total_seconds())
    here = incident(stormy)
    order(stormy, f"#take-out p{wrongly.id}")
    last = stormy.comments(here)[-1]
    assert "Taken out" in last.plain_body
    (file,) = last.attachments
    (line,) = (
        each for each in file.content.decode().splitlines() if each.endswith(f",p{wrongly.id}")
    )
    assert ",own ticket," in line
