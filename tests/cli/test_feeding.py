"""The change feed, from the command line."""

from __future__ import annotations

from bridge.ledger import changes, deeds, people, sequences
from bridge.model import Person


def test_everybody_begins_anew(bridge, store):
    """After an older ledger was put back: what was given out before is of another generation."""
    changes.catch_up(store)
    with store.reading() as tx:
        before = changes.stands(tx).generation
    assert 1 == bridge("restart-feed").exit_code
    with store.reading() as tx:
        assert before == changes.stands(tx).generation
    done = bridge("restart-feed", "--yes")
    assert 0 == done.exit_code
    assert "10,000,000 further up" in done.output
    with store.reading() as tx:
        assert before != changes.stands(tx).generation
        assert "restarted the change feed" in str(deeds.latest(tx, 5))


def test_what_is_new_has_no_number_that_somebody_else_was_told_by(bridge, store):
    bridge("restart-feed", "--yes")
    with store.writing() as tx:
        assert people.remember(tx, Person("x", "1", "ada", "Ada")) > sequences.GAP
