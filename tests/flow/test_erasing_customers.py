"""Erasing one of a customer's identities: nothing is left of it, the feed says so, and the other
one stays."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bridge.crm import feed, schemas
from bridge.crm.feed import Asked
from bridge.flow import erasing
from bridge.ledger import customers, people
from bridge.ledger.customers import Proof
from bridge.records import Resource, Why

EVERYTHING = tuple(Resource)


def told(world: Any, cursor: str = "") -> feed.Page:
    asked = Asked(EVERYTHING, cursor=cursor, limit=500)
    return feed.read(world.bridge.ledger, asked, world.bridge.helpdesk.said_in)


def rows(page: feed.Page) -> str:
    return "\n".join(str(schemas.row(change)) for change in page.changes)


def number_of(world: Any, who: str) -> int:
    network_id = f"{world.town.find(who).id}@{world.town.domain}"
    with world.bridge.ledger.reading() as tx:
        found = people.id_of(tx, "mastodon", network_id)
    assert found is not None
    return found


def left(text: str, wanted: tuple[str, ...]) -> list[str]:
    return [each for each in wanted if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]


@pytest.fixture
def joined(world: Any) -> Any:
    """Ada is Chloe by Chloe's own profile, and Cleo by an agent's word on Cleo's ticket."""
    world.ask("ada", "@bridge Zimtstern is late")
    world.answer("We are sorry")
    base = f"{world.bridge.mapping.accounts['acme'].options['url']}"
    world.town.verify("chloe", f"{base}/@ada")
    world.ask("chloe", "@bridge Holunder is late")
    world.town.person("cleo", "Cleo")
    world.ask("cleo", "@bridge Mirabelle is late")
    cleo = world.tickets()[2]
    world.answer(f"#same @ada@{world.town.domain}", cleo, public=False)
    assert "(identity_" in world.notes(cleo)[-1]
    return world


def test_one_goes_and_the_other_stays(joined: Any) -> None:
    """Tombstones for what was hers, and no word of it anywhere; who was joined through her alone
    stays joined, under another number."""
    ada, chloe, cleo = (number_of(joined, who) for who in ("ada", "chloe", "cleo"))
    person = joined.town.find("ada")
    wanted = (person.id, f"ada@{joined.town.domain}", person.name, "Zimtstern")
    before = told(joined)
    assert left(joined.dump(), wanted) == left(rows(before), wanted) == list(wanted)
    hers = {
        change.record.id
        for change in before.changes
        if change.record.id in (f"identity_{ada}", f"customer_{ada}")
        or getattr(change.record, "identity_id", "") == f"identity_{ada}"
    }
    erasing.erase(joined.bridge, ada, f"@ada@{joined.town.domain}")

    assert left(joined.dump(), wanted) == []
    comments = "\n".join(
        said.plain_body for ticket in joined.tickets() for said in joined.comments(ticket)
    )
    assert left(comments, wanted) == []
    assert all(word in comments for word in ("Holunder is late", "Mirabelle is late"))

    news = told(joined, before.resume_cursor)
    assert left(rows(told(joined)), wanted) == left(rows(news), wanted) == []
    now = {change.record.id: change.record for change in news.changes}
    assert {now[each].deleted_reason for each in hers} == {Why.ERASED}
    assert {each.split("_")[0] for each in hers} >= {
        "identity", "customer", "conversation", "post", "reply", "merge",
    }  # fmt: skip
    with joined.bridge.ledger.reading() as tx:
        assert (chloe, cleo) == customers.members(tx, chloe)
        (edge,) = customers.edges(tx, (chloe,))
    assert (chloe, cleo, customers.THROUGH_ERASED) == (edge.person_id, edge.other_id, edge.evidence)
    assert now[f"customer_{chloe}"].identity_ids == (f"identity_{chloe}", f"identity_{cleo}")
    assert not now[f"identity_{cleo}"].deleted


def test_of_two_the_other_is_a_customer_alone(world: Any) -> None:
    world.ask("ada", "@bridge Zimtstern")
    world.ask("chloe", "@bridge Holunder")
    ada, chloe = number_of(world, "ada"), number_of(world, "chloe")
    with world.bridge.ledger.writing() as tx:
        customers.merge(tx, ada, chloe, proof=Proof.CRM, evidence="Ada Lovelace", by="crm")
    told(world)
    erasing.erase(world.bridge, chloe, "chloe")
    with world.bridge.ledger.reading() as tx:
        assert (ada,) == customers.members(tx, ada)
        assert () == customers.edges(tx, (ada,))
    assert "Zimtstern" in rows(told(world))
