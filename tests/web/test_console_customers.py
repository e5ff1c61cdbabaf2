"""Customers in the console: found, shown with their proofs, parted with a reason."""

from __future__ import annotations

import pytest
from console_rows import ADA, fill

from bridge.ledger import Tx, customers, deeds, facts, people
from bridge.ledger.customers import Proof
from bridge.model import Person

COUNTESS = Person("x", "42", "countess", "The <b>Countess</b>", "javascript:alert(1)")


@pytest.fixture
def two(console, clock):
    """Ada, and who says she is the same: the numbers of both and of the merge."""
    fill(console.bridge.ledger, clock)

    def same(tx: Tx) -> tuple[int, int, int]:
        ada, other = people.remember(tx, ADA), people.remember(tx, COUNTESS)
        facts.learn(tx, other, facts.shown_by(COUNTESS), "x:acme")
        number = customers.merge(
            tx, ada, other, proof=Proof.AGENT, evidence="note 5 on ticket 9", by="Ines"
        )
        return ada, other, number

    with console.bridge.ledger.writing() as tx:
        return same(tx)


def test_a_merge_that_is_not_there_or_has_no_reason_is_not_undone(console, two):
    ada, other, number = two
    assert console.post("/customers/merges/9999/undo", because="no").status_code == 404
    answer = console.post(f"/customers/merges/{number}/undo", because=" ", customer=ada)
    assert answer.location.endswith(f"/customers/{ada}")
    assert "say why" in console.get(f"/customers/{ada}").text
    assert console.get("/customers/9999").status_code == 404
    assert console.get(f"/customers/{2**70}").status_code == 404
    with console.bridge.ledger.reading() as tx:
        assert customers.customer_of(tx, other) == ada


@pytest.mark.parametrize(
    "typed",
    ["lovelace", "@COUNTESS", "countess@x", "x:42", "https://Example.social/@Ada", "identity_1"],
)
def test_a_customer_is_found_by_any_of_the_identities(console, two, typed):
    ada, other, _ = two
    listed = console.get("/customers", query_string={"q": typed.replace("_1", f"_{other}")}).text
    assert f'href="/console/customers/{ada}"' in listed
    assert f'href="/console/customers/{other}"' not in listed


def test_nobody_is_found_by_anything_else(console, two):
    page = console.get("/customers?q=50%25_of").text
    assert "Nobody is called that" in page


def test_a_customer_is_shown_with_the_proof_and_parted_for_good(console, two):
    """By name, who and when; the other number leads here; a reason and the deed are kept."""
    ada, other, number = two
    assert console.get(f"/customers/{other}").location.endswith(f"/customers/{ada}")
    page = console.get(f"/customers/{ada}").text
    for told in ("note 5 on ticket 9", "an agent&#39;s word", "Ines", "x:acme", "conversations/1"):
        assert told in page, told
    assert "<b>" not in page
    assert 'href="javascript' not in page
    console.post(f"/customers/merges/{number}/undo", because="two Adas", customer=ada)
    page = console.get(f"/customers/{ada}").text
    assert "two Adas" in page
    assert "undone" in page
    assert "Countess" not in page
    with console.bridge.ledger.reading() as tx:
        assert customers.customer_of(tx, other) == other
        deed = deeds.latest(tx, 1)[0]
    assert ("ada", "undid a merge", f"merge_{number}") == (deed.admin, deed.what, deed.about)
    console.post(f"/customers/merges/{number}/undo", because="again", customer=ada)
    assert "was undone before" in console.get(f"/customers/{ada}").text
