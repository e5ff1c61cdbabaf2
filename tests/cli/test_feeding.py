"""The change feed, from the command line."""

from __future__ import annotations

from bridge.ledger import changes, deeds


def test_everybody_begins_anew(bridge, store):
    """After an older ledger was put back: what was given out before is of another generation."""
    changes.catch_up(store)
    with store.reading() as tx:
        before = changes.stands(tx).generation
    assert 1 == bridge("restart-feed").exit_code
    with store.reading() as tx:
        assert before == changes.stands(tx).generation
    assert 0 == bridge("restart-feed", "--yes").exit_code
    with store.reading() as tx:
        assert before != changes.stands(tx).generation
        assert "restarted the change feed" in str(deeds.latest(tx, 5))
