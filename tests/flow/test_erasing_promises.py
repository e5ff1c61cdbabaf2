"""What was promised, said by itself and asked goes with the person, and keeps nothing of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge.flow import erasing
from bridge.ledger import service_tables as st
from bridge.ledger import tables as t

SAYS = """\
hours: {zone: Europe/Berlin, open: {mon-fri: "09:00-17:00"}}
away: {en: "Dear [[name|you]], we are back [[opening]]."}
acknowledge: {en: "Dear [[handle|you]], we have it."}
targets: {public: 1h, private: 1h}
csat: {ask: {en: "How was it, [[name|you]]? 1 to 5"}, thanks: {en: "Thank you, [[name|you]]!"}}
rules:
"""
TABLES = (st.automatics, st.deadlines, st.ratings)


def counts(world: Any) -> list[int]:
    with world.bridge.ledger.reading() as tx:
        return [
            tx.conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        ]


def names(world: Any, who: str) -> list[str]:
    person = world.town.find(who)
    return [person.id, person.acct, person.name]


def left(text: str, wanted: list[str]) -> list[str]:
    return [each for each in wanted if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]


def erase(world: Any, who: str) -> None:
    name = world.town.find(who).name
    with world.bridge.ledger.reading() as tx:
        row = tx.conn.execute(select(t.people.c.id).where(t.people.c.name == name)).scalar_one()
    erasing.erase(world.bridge, row, who)


@pytest.fixture
def told(world: Any) -> Any:
    """Ada wrote at night, was answered, asked, and has rated; then she wrote again. So did Chloe,
    in a conversation of her own."""
    world.remap("rules:\n", SAYS)
    status = world.ask("ada", "@bridge Zimtstern", "direct")
    world.answer("Hello [[name]]")
    world.desk.solve(world.ticket().id)
    world.later(130)
    world.later(11 * 60)
    world.later(61)
    world.ask("ada", "@bridge 4", "direct", in_reply_to=status.id)
    world.ask("ada", "@bridge Wacholder", "direct", in_reply_to=status.id)
    world.ask("chloe", "@bridge hello", "direct")
    return world


def test_nothing_of_it_is_left(told: Any) -> None:
    """No row that speaks of her, and Chloe's stay; workers go on as before."""
    ada = names(told, "ada")
    assert counts(told) == [4, 2, 1]
    assert len(left(told.dump(), ada)) == len(ada)
    erase(told, "ada")
    assert left(told.dump(), [*ada, "Zimtstern", "Wacholder"]) == []
    said = "\n".join(each.plain_body for one in told.tickets() for each in told.comments(one))
    assert left(said, ada) == []
    assert counts(told) == [1, 1, 0]
    for _ in range(3):
        told.later(3600)
    told.answer("Hello Chloe", told.tickets()[-1])
    told.later(61)
    assert counts(told) == [1, 0, 0]


def test_in_a_conversation_with_others_theirs_stays(world: Any) -> None:
    """One ticket for a whole thread: Chloe, who still waits in it, is still promised an answer."""
    world.remap("rules:\n", "threads: {default: {per: thread}, dm: {per: thread}}\n" + SAYS)
    first = world.ask("ada", "@bridge Zimtstern")
    world.ask("chloe", "@bridge me too, mine is late", in_reply_to=first.id)
    assert counts(world) == [0, 1, 0]
    ada = names(world, "ada")
    erase(world, "ada")
    assert left(world.dump(), [*ada, "Zimtstern"]) == []
    assert counts(world) == [0, 1, 0]
    world.later(48 * 3600)
    world.later(120)
    assert any("nearly over" in note for note in world.notes())


AGAIN = "threads: {default: {per: thread}, dm: {per: thread}}\nrules:\n"


def heard(world: Any, words: str) -> list[str]:
    """How everything that goes by these words was sent, whoever it was sent to."""
    return [str(each.visibility) for each in world.town.statuses() if words in each.text]


def test_what_was_answered_to_them_is_not_sent_to_somebody_else(world: Any) -> None:
    """The answer still stands on a ticket that they shared with Chloe, below what she said."""
    world.remap("rules:\n", AGAIN)
    first = world.ask("chloe", "@bridge mine is late")
    world.ask("ada", "@bridge Zimtstern", in_reply_to=first.id)
    world.answer("We have refunded it")
    assert ["public"] == heard(world, "refunded")
    erase(world, "ada")
    world.later(120)
    world.ping(world.ticket())
    assert ["public"] == heard(world, "refunded")
    world.answer("Dear Chloe, it is on its way")
    assert ["public"] == heard(world, "on its way")


def test_what_was_answered_to_them_meanwhile_is_sent_to_nobody(world: Any) -> None:
    """Nobody had looked at it before they were erased. Its author is told, and may go on."""
    world.remap("rules:\n", AGAIN)
    first = world.ask("chloe", "@bridge mine is late")
    world.ask("ada", "@bridge Zimtstern", in_reply_to=first.id)
    world.desk.answer(world.ticket().id, "We have refunded it", public=True)
    erase(world, "ada")
    for _ in range(2):
        world.ping(world.ticket())
        assert [] == heard(world, "refunded")
    told = [note for note in world.notes() if "somebody who has been erased" in note]
    assert 1 == len(told)
    world.answer("Dear Chloe, it is on its way")
    assert ["public"] == heard(world, "on its way")


def test_after_a_merge_what_they_were_told_privately_does_not_go_out_in_public(world: Any) -> None:
    """Their conversation goes as a whole; the ticket into which theirs was merged is Chloe's. It
    stays so for as long as the ticket stands, whatever else is forgotten with time."""
    world.ask("ada", "@bridge Zimtstern", "direct")
    world.ask("chloe", "@bridge mine is late")
    private, public = world.tickets()
    world.desk.merge(private.id, public.id)
    before = world.town.direct_between("ada", "bridge")[0]
    world.ask("ada", "@bridge Wacholder", "direct", in_reply_to=before.id)
    world.answer("your card is blocked now", public)
    world.later(3)
    assert ["direct"] == heard(world, "is blocked")
    erase(world, "ada")
    world.later(120)
    world.later(200 * 24 * 3600)
    world.ping(public)
    assert ["direct"] == heard(world, "is blocked")
    world.answer("Dear Chloe, it is on its way", public)
    assert [] == heard(world, "on its way")
    world.answer("#public Dear Chloe, it is on its way", public)
    assert ["public"] == heard(world, "on its way")


def test_whoever_was_merged_into_their_ticket_is_still_answered(world: Any) -> None:
    """The ticket came of somebody who is erased, and goes on with somebody else."""
    world.ask("ada", "@bridge Zimtstern")
    world.ask("chloe", "@bridge mine is late")
    hers, other = world.tickets()
    world.desk.merge(other.id, hers.id)
    world.ping(hers)
    world.answer("Dear Chloe, it is on its way", hers)
    assert ["public"] == heard(world, "on its way")
    erase(world, "ada")
    world.answer("Has it arrived?", hers)
    assert ["public"] == heard(world, "arrived")
