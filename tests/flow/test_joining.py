"""Who is one customer: by an agent's note, by a checked link, by one user at the helpdesk."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.flow.ticket_view import view
from bridge.ledger import customers, facts, people
from bridge.ledger.customers import Edge, Proof
from bridge.sandbox.zendesk.records import Ticket


def number_of(world: Any, who: str) -> int:
    network_id = f"{world.town.find(who).id}@{world.town.domain}"
    with world.bridge.ledger.reading() as tx:
        found = people.id_of(tx, "mastodon", network_id)
    assert found is not None
    return found


def edges(world: Any) -> tuple[Edge, ...]:
    with world.bridge.ledger.reading() as tx:
        return customers.edges(tx, (number_of(world, "ada"),))


def address(world: Any, who: str) -> str:
    with world.bridge.ledger.reading() as tx:
        found = people.one(tx, number_of(world, who))
    assert found is not None
    return found.profile_url


def elsewhere(world: Any, ticket: Ticket) -> list[str]:
    found = view(world.bridge, str(ticket.id), "en")
    assert found is not None
    return [contact.ticket for contact in found.contacts]


@pytest.fixture
def both(world: Any) -> Any:
    """A ticket from Ada and one from Chloe."""
    world.ask("ada", "@bridge where is my parcel?")
    world.ask("chloe", "@bridge where is it?")
    return world


def note(world: Any, text: str) -> str:
    """What the bridge says on Ada's ticket to an internal note there."""
    ada = world.tickets()[0]
    world.answer(text, ada, public=False)
    return str(world.notes(ada)[-1])


def test_a_note_that_means_nobody_is_told_how_to_mean_somebody(both: Any) -> None:
    """Nothing is joined by a wrong word; in an answer it is not sent."""
    assert "a number like identity_12" in note(both, "#same")
    assert "Nobody who has written to us" in note(both, "#same bridge@mastodon")
    assert "That is who this ticket is from" in note(both, f"#same {address(both, 'ada')}")
    assert "have never been joined" in note(both, f"#notsame identity_{number_of(both, 'chloe')}")
    both.answer("#same chloe", both.tickets()[0])
    assert "begins with this word is not sent" in both.notes(both.tickets()[0])[-1]
    assert all("#same" not in said.text for said in both.town.statuses())
    assert () == edges(both)


def test_an_agent_joins_two_and_parts_them_again(both: Any) -> None:
    """The note names who is one customer now and the way back; the sidebar shows the other."""
    ada, chloe = both.tickets()
    ben = number_of(both, "chloe")
    assert [] == elsewhere(both, ada)
    said = note(both, f"#same @chloe@{both.town.domain}.")
    assert f"one customer now: Mastodon @ada@{both.town.domain} (identity_" in said
    assert f"#notsame identity_{ben}" in said
    (edge,) = edges(both)
    assert (Proof.AGENT, None) == (edge.proof, edge.undone_at)
    assert f"on ticket {ada.id}" in edge.evidence
    assert edge.by == "Ines"
    assert [str(chloe.id)] == elsewhere(both, ada)
    assert [str(ada.id)] == elsewhere(both, chloe)
    assert "one customer before" in note(both, f"#same {address(both, 'chloe')}")
    assert "two customers now" in note(both, f"#notsame identity_{ben}")
    assert [] == elsewhere(both, ada)
    (edge,) = edges(both)
    assert (edge.undone_by, True) == ("Ines", edge.undone_at is not None)


def test_a_link_that_was_checked_joins_and_an_undone_one_does_not_come_back(both: Any) -> None:
    """Whichever of the two is known first; and an agent's no outlasts the next message."""
    both.town.verify("ada", f"{address(both, 'chloe')}/")
    assert () == edges(both)
    both.ask("ada", "@bridge I am Chloe, too")
    (edge,) = edges(both)
    assert (Proof.CONFIRMED_LINK, "mastodon:acme") == (edge.proof, edge.by)
    assert address(both, "chloe") in edge.evidence
    note(both, f"#notsame identity_{number_of(both, 'chloe')}")
    both.town.verify("chloe", address(both, "ada"))
    both.ask("chloe", "@bridge and I am Ada")
    assert [True] == [each.undone_at is not None for each in edges(both)]


def test_who_is_linked_to_may_write_later(world: Any) -> None:
    base = world.ask("ada", "@bridge hello") and address(world, "ada").partition("/@")[0]
    world.town.verify("ada", f"{base}/@chloe")
    world.ask("ada", "@bridge still there?")
    assert () == edges(world)
    world.ask("chloe", "@bridge hello")
    assert [Proof.CONFIRMED_LINK] == [each.proof for each in edges(world)]


def test_one_user_at_the_helpdesk_is_one_customer(
    both: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its agents have merged two users; the bridge learns of it when the old one is refused."""
    with both.bridge.ledger.reading() as tx:
        chloe = people.one(tx, number_of(both, "chloe"))
        assert chloe is not None
        stays = people.helpdesk_id(tx, chloe)
    gone = next(one for one in both.desk.users.values() if one.name.startswith("Ada"))
    both.desk.merge_user(gone.id, int(stays))
    monkeypatch.setattr(both.bridge.helpdesk, "ensure_person", lambda _person: stays)
    both.ask("ada", "@bridge again", in_reply_to=both.town.statuses()[0].id)
    (edge,) = edges(both)
    assert (Proof.SAME_ID, facts.HELPDESK) == (edge.proof, edge.by)


def test_facts_say_where_and_when_they_were_learnt(world: Any) -> None:
    """What is shown again in the same way is not learnt again."""
    world.ask("ada", "@bridge one")
    begun = world.clock()
    number = number_of(world, "ada")
    with world.bridge.ledger.reading() as tx:
        first = {each.fact: each for each in facts.of(tx, number)}
    assert {"handle", "name", "profile_url", "followers", "helpdesk_user_id"} <= set(first)
    assert (first["name"].value, first["name"].source) == ("Ada Lovelace", "mastodon:acme")
    assert first["name"].learnt_at <= begun
    assert first["helpdesk_user_id"].source == facts.HELPDESK
    world.ask("ada", "@bridge two")
    with world.bridge.ledger.reading() as tx:
        assert tuple(first.values()) == facts.of(tx, number)
