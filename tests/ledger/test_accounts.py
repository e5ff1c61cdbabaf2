"""What is remembered of an account."""

from __future__ import annotations

from bridge.ledger import Ledger, accounts


def cursor(ledger: Ledger) -> str:
    with ledger.reading() as tx:
        return accounts.standing(tx, "acme").cursor


def begin(ledger: Ledger, network: str) -> None:
    with ledger.writing() as tx:
        accounts.is_on(tx, "acme", network)


def test_an_account_that_changes_its_network_is_read_from_the_beginning(ledger: Ledger) -> None:
    """How far one network was read means nothing to another; a restart changes nothing."""
    with ledger.writing() as tx:
        accounts.read_to(tx, "acme", "kept from before")
    begin(ledger, "mastodon")
    assert "kept from before" == cursor(ledger)
    with ledger.writing() as tx:
        accounts.read_to(tx, "acme", "1170")
    begin(ledger, "mastodon")
    assert "1170" == cursor(ledger)
    begin(ledger, "x")
    assert "" == cursor(ledger)
