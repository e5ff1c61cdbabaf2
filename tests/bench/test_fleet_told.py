"""What the chapter on several hosts says of its figures: aims are computed, never declared."""

from __future__ import annotations

from bench.chapter import from_json, to_json
from bench.fleet_seen import POSTGRES, REDIS, Exact, Measured, Woken
from bench.fleet_told import told
from bench.spread import Wrong


def measured(second: float) -> Measured:
    seen = Measured({(POSTGRES, 1): [10.0, 12.0], (POSTGRES, 2): [second], (REDIS, 2): [second]})
    seen.busy = {(POSTGRES, 1): [0.8, 0.9], (POSTGRES, 2): [1.0]}
    seen.woken = {way: Woken([2.0], [60.0], [1.0], 0) for way in (POSTGRES, REDIS)}
    return seen


def test_a_chapter_of_good_figures() -> None:
    exact = Exact(50, 10, 55, (Wrong(), Wrong()), 0)
    chapter = told(measured(22.0), exact, [])
    assert [True, True, False] == [aim.is_met for aim in chapter.aims]
    assert "10.0 ms too late" in chapter.aims[2].limit
    assert chapter == from_json(to_json(chapter))


def test_what_is_wrong_is_said() -> None:
    exact = Exact(50, 10, 55, (Wrong(lost=("M1",)), Wrong(doubled=("M2",))), 0)
    chapter = told(measured(11.0), exact, ["Celery, RabbitMQ"])
    assert [False, False, False] == [aim.is_met for aim in chapter.aims]
    assert all(aim.limit for aim in chapter.aims)
    assert "85% was used with one host and 100% with two" in chapter.aims[1].limit
    assert ("customers' messages on tickets", "50", "1", "0", "0") == chapter.tables[2].rows[0]
    assert "Not measured, because it does not answer here: Celery, RabbitMQ." == chapter.about[-1]
