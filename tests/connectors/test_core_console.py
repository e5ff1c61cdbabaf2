"""The console's page on CRMs: how they stand, what was not taken, and "try again"."""

from __future__ import annotations

import pytest

from bridge.ledger import Ledger, deeds, targets
from bridge.ledger.targets import Became, Standing, State


@pytest.fixture
def acme(console, console_ledger: Ledger) -> Ledger:
    """A target that is held, with one row that failed and one that is there."""
    with console_ledger.writing() as tx:
        targets.add(tx, "acme", "salesforce", {"client_secret": "env:ACME_CRM_CLIENT_SECRET"})
        failed = ("post_1", 7, State.PERSON, "", "STRING_TOO_LONG", "<b>Text__c</b>")
        written = Became("post_2", 8, State.WRITTEN, "a01")
        targets.put_down(tx, "acme", [Became(*failed), written])
        targets.stand(tx, "acme", Standing.HELD, "the storage is full")
    return console_ledger


def test_no_target_is_said_in_words(console):
    assert "No CRM is kept up yet" in console.get("/crm").text
    assert 404 == console.get("/crm/acme").status_code
    assert 404 == console.post("/crm/acme/retry").status_code


def test_a_target_shows_how_it_stands_and_what_was_not_taken(console, acme):
    listed = console.get("/crm").text
    assert "the storage is full" in listed
    page = console.get("/crm/acme").text
    assert "STRING_TOO_LONG" in page
    assert "when you say so" in page
    assert "&lt;b&gt;Text__c" in page
    assert "CLIENT_SECRET" not in listed + page


def test_try_again_is_due_at_once_and_put_down(console, acme):
    assert 303 == console.post("/crm/acme/retry", row="post_1").status_code
    with acme.reading() as tx:
        assert ["post_1"] == [row.object_id for row in targets.due(tx, "acme")]
        assert "crm retry" in deeds.kinds(tx)
    assert 303 == console.post("/crm/acme/retry", row="post_9").status_code
    assert "nothing to try again" in console.get("/crm/acme").text
    with acme.writing() as tx:
        targets.put_down(tx, "acme", [Became("post_1", 7, State.PERSON)])
    console.post("/crm/acme/retry")
    assert "1 row will be tried again" in console.get("/crm/acme").text


def test_many_rows_are_shown_a_page_at_a_time(console, acme):
    with acme.writing() as tx:
        targets.put_down(tx, "acme", [Became(f"reply_{n}", n, State.PERSON) for n in range(60)])
    page = console.get("/crm/acme").text
    assert "after=reply_" in page
    assert "First" in console.get("/crm/acme?after=reply_30").text
