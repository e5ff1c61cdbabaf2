"""A customer's page as a person sees it, on a telephone."""

from __future__ import annotations

from typing import Any

from browsing import sticks_out, stumbles
from console_rows import ADA, fill
from playwright.sync_api import Page, expect
from plugins_console import Console

from bridge.ledger import customers, facts, people
from bridge.ledger.customers import Proof
from bridge.model import Person


def test_a_merge_is_found_and_undone(console: Console, clock: Any, phone: Page) -> None:
    """Found by a handle, undone with a reason, on pages that fit and can be heard."""
    fill(console.bridge.ledger, clock)
    other = Person(
        "x", "42", "countess", "The Countess of Lovelace, " + "n\N{COMBINING TILDE}" * 90
    )
    with console.bridge.ledger.writing() as tx:
        ada, also = people.remember(tx, ADA), people.remember(tx, other)
        facts.learn(tx, also, facts.shown_by(other), "x:acme")
        link = f"links to https://mastodon.example/{'@ada' * 40}"
        customers.merge(tx, ada, also, proof=Proof.CONFIRMED_LINK, evidence=link, by="x:acme")
    with console.seen_on(phone) as url:
        phone.goto(f"{url}/customers")
        assert ([], 0) == (stumbles(phone), max(sticks_out(phone), 0))
        phone.get_by_role("searchbox").fill("@countess")
        phone.get_by_role("button", name="Find").click()
        phone.get_by_role("link", name=str(ada), exact=True).click()
        expect(phone.get_by_role("heading", level=1)).to_have_text(f"Customer {ada}")
        for each in phone.locator("details").all():
            each.locator("summary").click()
        assert ([], 0) == (stumbles(phone), max(sticks_out(phone), 0))
        phone.get_by_label("is wrong").fill("two people")
        phone.get_by_role("button", name="Undo").click()
        expect(phone.get_by_text("two people")).to_be_visible()
        expect(phone.get_by_role("button", name="Undo")).to_have_count(0)
        assert ([], 0) == (stumbles(phone), max(sticks_out(phone), 0))
