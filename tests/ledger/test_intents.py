"""Intents: recorded before the world is changed, settled once, never forgotten in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.ledger import Ledger, Tx, intents, written
from bridge.ledger.intents import Intent
from bridge.model import Outcome, Receipt

DESK = "helpdesk:zendesk"


def intend(tx: Tx, conversation: int, key: str = "k", **how: object) -> Intent:
    plain = {"kind": "append", "far_side": DESK, "body": "{}", "ticket_id": "77"}
    return intents.intend(tx, key=key, conversation_id=conversation, **(plain | how))


def test_an_intent_is_recorded_once_with_its_first_body(ledger: Ledger, conversation: int) -> None:
    """The body is frozen: whoever comes second under the same key gets the first one's."""
    with ledger.writing() as tx:
        first = intend(tx, conversation, body="first", covers=(3, 4))
        second = intend(tx, conversation, body="second", covers=(5,))
    assert first == second
    assert ("first", (3, 4), 0) == (second.body, second.covers, second.tries)


def test_settling_twice_is_success(ledger: Ledger, conversation: int) -> None:
    """The same proof twice leaves one receipt, the first."""
    with ledger.writing() as tx:
        intent = intend(tx, conversation)
        intents.settle(tx, intent, Receipt("c1", "https://one"))
        intents.settle(tx, intent, Receipt("c1", "https://two"))
        found = intents.find(tx, "k")
        assert found is not None
        assert (intents.SETTLED, Receipt("c1", "https://one")) == (found.state, found.receipt)
        assert {"c1"} == written.known_ids(tx, DESK, conversation)


def test_two_messages_cannot_have_the_same_proof(ledger: Ledger, conversation: int) -> None:
    """One id of the far side proves one intent: a second claim on it is an error, not a loss."""
    from sqlalchemy.exc import IntegrityError

    with ledger.writing() as tx:
        intents.settle(tx, intend(tx, conversation, "one"), Receipt("c1"))
    with pytest.raises(IntegrityError), ledger.writing() as tx:
        intents.settle(tx, intend(tx, conversation, "two"), Receipt("c1"))
    with ledger.reading() as tx:
        assert intents.find(tx, "two") is None


def test_only_proof_that_nothing_happened_makes_it_unsent(
    ledger: Ledger, conversation: int
) -> None:
    """From the moment of trying it may have happened, until the far side said that it did not."""
    with ledger.writing() as tx:
        intent = intend(tx, conversation)
        intents.trying(tx, intent.id)
        tried = intents.find(tx, "k")
        assert tried is not None
        assert (intents.OPEN, 1, tx.now) == (tried.state, tried.tries, tried.tried_at)
        intents.unsent(tx, intent.id)
        unsent = intents.find(tx, "k")
        assert unsent is not None
        assert intents.UNSENT == unsent.state


def test_only_a_refused_intent_gets_another_body(ledger: Ledger, conversation: int) -> None:
    """What may have been sent keeps its body; what was refused may be said differently."""
    with ledger.writing() as tx:
        intent = intend(tx, conversation, body="first")
        assert "first" == intents.freeze_anew(tx, "k", "second", ()).body
        intents.refuse(tx, intent, Outcome.REFUSED, "refused", "no")
        anew = intents.freeze_anew(tx, "k", "second", (9,))
        assert ("second", (9,), intents.UNSENT) == (anew.body, anew.covers, anew.state)


def test_what_we_did_is_known_by_far_side(ledger: Ledger, conversation: int) -> None:
    """The same id on another far side is somebody else's message."""
    with ledger.writing() as tx:
        intents.settle(tx, intend(tx, conversation), Receipt("c1"))
        assert written.is_known(tx, DESK, "c1")
        assert not written.is_known(tx, "acme", "c1")
        assert not written.is_known(tx, DESK, "c2")
        assert frozenset() == written.known_ids(tx, "acme", conversation)
        assert {"c1"} == written.known_since(tx, DESK, tx.now)
        assert frozenset() == written.known_since(tx, DESK, tx.now + timedelta(seconds=1))
        assert ("77", "") == (
            written.ticket_of(tx, DESK, "c1"),
            written.ticket_of(tx, DESK, "c2"),
        )


def test_outcomes_are_only_added(ledger: Ledger, conversation: int) -> None:
    """Every lost answer is counted, and nothing that was believed is overwritten."""
    with ledger.writing() as tx:
        intent = intend(tx, conversation)
        assert 0 == intents.times_unknown(tx, intent.id)
        for _ in range(2):
            intents.note(tx, Outcome.UNKNOWN, intent_id=intent.id)
        intents.settle(tx, intent, Receipt("c1"))
        assert 2 == intents.times_unknown(tx, intent.id)


def test_a_tickets_updates_are_counted_within_their_window(
    ledger: Ledger, conversation: int, clock
) -> None:
    """Only writes on that ticket, only those really tried, only the last ten minutes."""
    window = timedelta(minutes=10)
    with ledger.writing() as tx:
        assert (0, None) == intents.updates_since(tx, "77", window)
        intend(tx, conversation, "never tried")
        first = tx.now
    for number in range(3):
        with ledger.writing() as tx:
            intents.trying(tx, intend(tx, conversation, f"k{number}").id)
            intents.trying(tx, intend(tx, conversation, f"other {number}", ticket_id="8").id)
        clock.move(60)
    with ledger.reading() as tx:
        assert (3, first) == intents.updates_since(tx, "77", window)
    clock.move(7 * 60 + 30)
    with ledger.reading() as tx:
        used, oldest = intents.updates_since(tx, "77", window)
    assert (2, first + timedelta(minutes=1)) == (used, oldest)
