"""What people take back is taken off the ticket, wherever the bridge wrote it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.flow import polls
from bridge.ledger import lanes, steps
from bridge.mapping import Removed
from bridge.mapping.policies import Choices, settle
from bridge.sandbox.zendesk import endings, preset


def _everything(world: Any) -> str:
    """All that agents can read: subjects and comments of every ticket."""
    said = [
        f"{each.plain_body}\n{each.html_body}\n{each.body}"
        for ticket in world.tickets()
        for each in world.comments(ticket)
    ]
    return "\n".join([*said, *(ticket.subject for ticket in world.tickets())])


def test_both_versions_go_with_a_removed_post(world: Any) -> None:
    """The note of an edit shows the old words and the new: neither is left after a removal."""
    asked = world.ask("ada", "@bridge my card ends in 4711")
    world.town.edit(asked.id, "@bridge my card ends in 0815")
    world.later(700)
    before = _everything(world)
    assert ("4711" in before, "0815" in before) == (True, True)
    world.town.delete(asked.id)
    world.later(700)
    after = _everything(world)
    assert ("4711" in after, "0815" in after) == (False, False)
    assert any("removed" in note for note in world.notes())


def test_the_subject_lets_go_of_the_words(world: Any) -> None:
    """A ticket is named after the words that opened it, until they are taken back."""
    asked = world.ask("ada", "@bridge I live at 5 Elm Row")
    assert "Elm Row" in world.ticket().subject
    world.town.delete(asked.id)
    world.later(700)
    assert "Mastodon mention from Ada" in world.ticket().subject
    assert "Elm Row" not in world.ticket().subject


def test_an_agents_own_subject_stays(world: Any) -> None:
    """Only what the bridge wrote is changed."""
    asked = world.ask("ada", "@bridge I live at 5 Elm Row")
    ticket = world.ticket()
    world.desk.tickets[ticket.id] = replace(ticket, subject="Change of address")
    world.town.delete(asked.id)
    world.later(700)
    assert world.ticket().subject == "Change of address"


def test_what_others_answered_no_longer_quotes_it(world: Any) -> None:
    """Below another customer's post stands what came before it; that goes too."""
    asked = world.ask("ada", "@bridge my parcel is\nnumber 99-812")
    world.ask("chloe", "@bridge mine is late too", in_reply_to=asked.id)
    first, second = world.tickets()
    assert any("99-812" in said.plain_body for said in world.comments(second))
    world.town.delete(asked.id)
    world.later(700)
    assert "99-812" not in _everything(world)
    assert "mine is late too" in _everything(world)
    assert first.id != second.id


def test_what_others_answered_lets_go_of_it_where_its_own_ticket_was_deleted(world: Any) -> None:
    """And nobody has to settle anything."""
    asked = world.ask("ada", "@bridge my parcel is\nnumber 99-812")
    world.ask("chloe", "@bridge mine is late too", in_reply_to=asked.id)
    first, second = world.tickets()
    endings.delete(world.desk, first.id, world.desk.users[preset.INES])
    world.town.delete(asked.id)
    world.later(700)
    quoting = [said.plain_body for said in world.comments(second)]
    assert not any("99-812" in each for each in quoting)
    with world.bridge.ledger.reading() as tx:
        assert not steps.set_aside(tx)


def test_newer_private_messages_hide_no_deleted_comment(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they cannot be looked at again, they take no place among what is."""
    monkeypatch.setattr(polls, "REREAD_MOST", 1)
    monkeypatch.setattr(world.bridge.channels["acme"], "reread_public_first", True)
    asked = world.ask("ada", "@bridge my card ends in 4711")
    world.ask("chloe", "@bridge thank you", visibility="direct")
    world.town.delete(asked.id)
    world.later(700)
    assert "4711" not in _everything(world)


@pytest.fixture
def only_noted(world: Any) -> Any:
    """The mapping says `removed: note`."""
    policies = settle("mastodon", Choices(), Choices(removed=Removed.NOTE))
    mapping = replace(world.bridge.mapping, policies={"acme": policies})
    world.bridge = replace(world.bridge, mapping=mapping)
    return world


def test_a_removal_may_only_be_noted(only_noted: Any) -> None:
    """Where the admins chose so, the words stay and the ticket says that the post is gone."""
    world = only_noted
    asked = world.ask("ada", "@bridge my number is 555-1234")
    world.town.delete(asked.id)
    world.later(700)
    assert "555-1234" in _everything(world)
    assert any("removed" in note for note in world.notes())
    assert "bridge_removed" in world.ticket().tags


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("@bridge where is my parcel?", "@bridge where is my parcel? I live at 5 Elm Row"),
        ("@bridge hello\n\nthe parcel is very late", "@bridge hello from 5 Elm Row"),
    ],
)
def test_words_that_an_edit_added_to_a_line_go_too(
    world: Any, first: str, then: str, closed: bool
) -> None:
    """Whichever version is the longer one."""
    asked = world.ask("ada", first)
    if closed:
        world.desk.close(world.ticket().id)
    world.town.edit(asked.id, then)
    world.later(700)
    assert "Elm Row" in _everything(world)
    world.town.delete(asked.id)
    world.later(700)
    assert "Elm Row" not in _everything(world)


def test_what_a_merge_quotes_goes_too(world: Any) -> None:
    """The helpdesk repeats the subject of the ticket that is closed, and what stood last on it."""
    asked = world.ask("ada", f"@bridge hello\n\nI live at 5 Elm Row, {'and it is late ' * 9}there")
    world.ask("chloe", "@bridge my bill?")
    ada, chloe = world.tickets()
    world.desk.merge(ada.id, chloe.id)
    assert "Ada Lovelace: @bridge hello I live at 5 Elm Row" in _said(world, chloe)
    assert "\nI live at 5 Elm Row" in _said(world, chloe)
    world.town.delete(asked.id)
    world.later(700)
    assert ["", ""] == [_elm_row(world, each) for each in (ada, chloe)]
    assert "was closed and merged into this request" in _said(world, chloe)
    assert "my bill?" in _said(world, chloe)


def test_a_merge_into_a_ticket_that_was_deleted_keeps_nothing_back(world: Any) -> None:
    asked = world.ask("ada", "@bridge I live at 5 Elm Row")
    world.ask("chloe", "@bridge my bill?")
    ada, chloe = world.tickets()
    world.desk.merge(ada.id, chloe.id)
    world.desk.delete(chloe.id)
    world.town.delete(asked.id)
    world.later(700)
    assert "" == _elm_row(world, ada)
    with world.bridge.ledger.reading() as tx:
        assert () == steps.set_aside(tx)
        assert [(0, ""), (0, "")] == [lanes.failing(tx, f"conversation:{n}") for n in (1, 2)]


def test_what_one_merge_after_another_quotes_goes_too(world: Any) -> None:
    """Also where the last ticket is closed by then, and theirs goes on in a follow-up."""
    asked = world.ask("ada", "@bridge I live at 5 Elm Row")
    world.ask("chloe", "@bridge my bill?")
    world.town.person("ben", "Ben")
    world.ask("ben", "@bridge my lamp?")
    first = world.tickets()
    ada, chloe, ben = first
    for ticket, into in ((ada, chloe), (chloe, ben)):
        world.desk.merge(ticket.id, into.id)
        world.later(200)
    world.desk.close(ben.id)
    world.ask("ada", "@bridge well?", in_reply_to=asked.id)
    assert 4 == len(world.tickets())
    assert 3 * ["Elm Row"] == [_elm_row(world, each) for each in first]
    world.town.delete(asked.id)
    world.later(700)
    assert 3 * [""] == [_elm_row(world, each) for each in first]


def _said(world: Any, ticket: Any) -> str:
    return "\n".join(each.plain_body for each in world.comments(ticket))


def _elm_row(world: Any, ticket: Any) -> str:
    return "Elm Row" if "Elm Row" in _said(world, ticket) else ""
