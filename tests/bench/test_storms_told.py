"""What the chapter on storms says of its figures, and when it stops to wait."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bench.storm_words import HOW, storm
from bench.storms import _wait
from bench.storms_told import Folded, Heard, told
from bridge.ledger import Ledger, deliveries


def folded(lost: int = 0, own: int = 0) -> Folded:
    by = {how: (100, 100 if how in HOW[:3] else own) for how in HOW}
    return Folded(by, storms=1, tickets=9, lost=lost, doubled=0, unknown=0)


def test_a_storm_that_hides_nobody() -> None:
    calm, beside = Heard((0.1, 0.2), 0, 0), Heard((0.2, 0.4), 0, 0)
    chapter = told(storm(10, seed=1), 50.0, 4.0, True, calm, beside, folded(), Counter())
    assert all(aim.is_met for aim in chapter.aims)


def test_a_need_that_very_many_have_hides_nobody() -> None:
    """A storm of needs alone is a storm; folded with something else they are hidden."""
    assert 0.0 == replace(folded(own=2), among=4).hidden
    assert 1.0 == replace(folded(own=2), among=4).precision
    assert 0.01 == replace(folded(own=2), among=2).hidden


@pytest.mark.parametrize(
    ("beside", "found", "settled"),
    [
        (Heard((2.0,), 0, 0), folded(), True),
        (Heard((0.2,), 1, 0), folded(), True),
        (Heard((0.2,), 0, 0), folded(lost=1), True),
        (Heard((0.2,), 0, 0), folded(own=2), True),
        (Heard((0.2,), 0, 0), folded(), False),
    ],
    ids=["late", "lost beside it", "lost in it", "needs folded", "not done"],
)
def test_each_thing_that_is_wrong_is_one_aim_missed(
    beside: Heard, found: Folded, settled: bool
) -> None:
    calm = Heard((0.1,), 0, 0)
    chapter = told(storm(10, seed=1), 50.0, 4.0, settled, calm, beside, found, Counter())
    [missed] = [aim for aim in chapter.aims if not aim.is_met]
    assert missed.measured


def test_waiting_ends_when_it_is_done_and_when_nothing_is_done_any_more(ledger: Ledger) -> None:
    assert _wait(ledger.url, 0.0)
    with ledger.writing() as tx:
        new = deliveries.receive(tx, source="shop", key="1", via="webhook", body=b"{}")
        assert new is not None
    assert not _wait(ledger.url, 0.0)
    with ledger.writing() as tx:
        deliveries.settle(tx, new, deliveries.DONE)
    assert _wait(ledger.url, 0.0)
