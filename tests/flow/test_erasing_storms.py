"""Who was folded into a storm is erased from it, and the storm goes on."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow import erasing, unfolding
from bridge.flow import lanes as names
from bridge.ledger import forgetting, lanes, traces
from bridge.ledger import storm_tables as st
from bridge.ledger import tables as t

STORM = "storm: {after: 3, within: 10m, quiet: 30m, samples: 5, group: Social}\nrules:\n"
DOWN = "The app is down again and nobody can sign in since this morning"


def left(text: str, number: int) -> list[str]:
    """Of somebody's names and words, what still stands."""
    wanted = (f"person{number}", f"Person {number}", f"90{number}", f"word{number}word")
    return [each for each in wanted if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]


def erase(world: Any, number: int) -> None:
    with world.bridge.ledger.reading() as tx:
        row = tx.conn.execute(
            select(t.people.c.id).where(t.people.c.network_id == f"90{number}")
        ).scalar_one()
    erasing.erase(world.bridge, row, f"person{number}@far.example")


@pytest.fixture
def told(world: Any, hears: Any) -> Any:
    """Persons 10 and 11 have tickets of their own, 12 began the storm, 13 to 15 joined it."""
    world.remap("rules:\n", STORM)
    for number in range(10, 16):
        hears(hears.post(f"p{number}", f"{DOWN} word{number}word", author=hears.person(number)))
    world.later(11 * 60)
    return world


@pytest.mark.parametrize("number", [10, 12, 14])
def test_nothing_of_them_is_left(told: Any, hears: Any, number: int) -> None:
    """Neither in the ledger nor on any ticket, the list included; and others still join."""
    assert left(told.dump(), number)
    erase(told, number)
    told.settle()
    assert [] == left(told.dump(), number)
    said = "\n".join(each.plain_body for one in told.tickets() for each in told.comments(one))
    assert [] == left(said, number)
    before = len(told.tickets())
    hears(hears.post("p20", f"{DOWN} word20word", author=hears.person(20)))
    assert before == len(told.tickets())
    with told.bridge.ledger.reading() as tx:
        assert tx.conn.execute(select(st.storms.c.post_id)).scalar_one() is not None


def test_the_list_is_written_anew_without_them(told: Any) -> None:
    told.later(60 * 60)
    (incident,) = (each for each in told.tickets() if "bridge_storm" in each.tags)
    files = [file for said in told.comments(incident) for file in said.attachments]
    assert 1 == len(files)
    assert left(files[0].content.decode(), 14)
    erase(told, 14)
    told.settle()
    files = [file for said in told.comments(incident) for file in said.attachments]
    lists = [file for file in files if file.filename.endswith(".csv")]
    assert 1 == len(lists)
    assert [] == left(lists[0].content.decode(), 14)
    assert left(lists[0].content.decode(), 15)
    assert [] == left(told.dump(), 14)


def test_no_answer_to_many_goes_out_meanwhile(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its worker would put down anew whom it has answered. Nor is it sooner due than it was."""
    due = told.clock() + timedelta(hours=1)
    with told.bridge.ledger.writing() as tx:
        lanes.wake(tx, names.broadcast("acme"), account="acme", at=due)
    held: list[str] = []
    forget = forgetting.forget

    def looks(tx: Any, *args: Any) -> Any:
        taken = select(t.lanes.c.key).where(t.lanes.c.holder == names.ERASING)
        held.extend(tx.conn.execute(taken).scalars())
        return forget(tx, *args)

    monkeypatch.setattr(forgetting, "forget", looks)
    erase(told, 14)
    assert names.broadcast("acme") in held
    here = select(t.lanes).where(t.lanes.c.key == names.broadcast("acme"))
    with told.bridge.ledger.reading() as tx:
        row = tx.conn.execute(here).one()
    assert (due, "") == (row.ready_at, row.holder)


def take_out(world: Any, post: str) -> str:
    """As somebody in the console does."""
    with world.bridge.ledger.writing() as tx:
        found = tx.conn.execute(select(t.posts.c.id).where(t.posts.c.network_id == post))
        return unfolding.take_out(world.bridge, tx, found.scalar_one(), "Ada took it out")


def test_nobody_is_taken_out_while_somebody_is_erased(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their words would go to a ticket that the erasure does not know. Afterwards it goes on."""
    said: list[str] = []
    erase_from = told.bridge.helpdesk.erase_from_ticket

    def looks(*args: Any) -> Any:
        said.extend(take_out(told, post) for post in ("p14", "p15"))
        return erase_from(*args)

    monkeypatch.setattr(told.bridge.helpdesk, "erase_from_ticket", looks)
    before = len(told.tickets())
    erase(told, 14)
    told.settle()
    assert {unfolding.NOT_NOW} == set(said)
    assert before == len(told.tickets())
    assert [] == left(told.dump(), 14)
    assert "" == take_out(told, "p15")


def test_who_is_taken_out_as_their_erasure_begins_is_erased_there_too(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ticket of their own is held like the others, and nothing of them is written to it."""
    gather = traces.gather
    worked: list[int] = []

    def looks(tx: Any, row: int) -> Any:
        found = gather(tx, row)
        held = select(t.lanes.c.key).where(t.lanes.c.holder == names.ERASING)
        if any(each.startswith("intake:acme") for each in tx.conn.execute(held).scalars()):
            monkeypatch.setattr(traces, "gather", gather)
            assert "" == take_out(told, "p14")
        return found

    forget = forgetting.forget

    def works(tx: Any, *args: Any) -> Any:
        held = select(t.lanes.c.key).where(t.lanes.c.holder == names.ERASING)
        newest = select(t.conversations.c.id).order_by(t.conversations.c.id.desc()).limit(1)
        lane = f"conversation:{tx.conn.execute(newest).scalar_one()}"
        worked.append(lane in set(tx.conn.execute(held).scalars()))
        return forget(tx, *args)

    monkeypatch.setattr(traces, "gather", looks)
    monkeypatch.setattr(forgetting, "forget", works)
    erase(told, 14)
    told.settle()
    assert [True] == worked
    assert [] == left(told.dump(), 14)
    said = "\n".join(each.plain_body for one in told.tickets() for each in told.comments(one))
    assert [] == left(said, 14)


@pytest.mark.parametrize("words", [f"{DOWN}, order 48151623", "late 48151623"])
def test_nobody_is_compared_with_what_they_named(world: Any, hears: Any, words: str) -> None:
    """Who is like the storm and names a number has a ticket of their own from then on."""
    world.remap("rules:\n", STORM)
    for number in range(10, 16):
        hears(hears.post(f"p{number}", words, author=hears.person(number)))
    with world.bridge.ledger.reading() as tx:
        assert tx.conn.execute(select(st.storms.c.named)).scalar_one()
    before = len(world.tickets())
    erase(world, 12)
    world.settle()
    with world.bridge.ledger.reading() as tx:
        assert "" == tx.conn.execute(select(st.storms.c.named)).scalar_one()
    hears(hears.post("p20", words, author=hears.person(20)))
    assert before + 1 == len(world.tickets())
