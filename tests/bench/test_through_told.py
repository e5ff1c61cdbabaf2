"""What the chapter on the way to the ticket says of its figures: aims are computed, and what limits
them too."""

from __future__ import annotations

from bench.chapter import Aim, Chapter, Table, from_json, to_json
from bench.through import ALONE, DELAYS, OURS, POSTGRESQL, SQLITE, Rounds, _chapter

FLASK = "Flask and zenpy"
LOST = Table("What became of it", ("",), ())


def rounds(calm: float, late: float, processor: float, missing: int = 0) -> Rounds:
    return Rounds([calm], [calm], [late], [late], [late], [12.0], [processor], missing)


def told(ours: Rounds, theirs: Rounds) -> Chapter:
    found = {
        (name, delay): each
        for delay in DELAYS
        for name, each in {
            SQLITE: ours,
            POSTGRESQL: ours,
            FLASK: theirs,
            ALONE: Rounds([10.0], [12.0]),
        }.items()
    }
    return _chapter(found, LOST, "")


def aims(chapter: Chapter, word: str) -> list[Aim]:
    return [aim for aim in chapter.aims if word in aim.says]


def test_ahead_of_the_others_and_near_the_helpdesks_own_time() -> None:
    chapter = told(rounds(30, 80, 50), rounds(60, 200, 20))
    assert len(OURS) * len(DELAYS) * 2 == len(chapter.aims)
    assert all(aim.is_met and not aim.limit for aim in chapter.aims)
    assert chapter == from_json(to_json(chapter))


def test_what_is_behind_says_by_how_much_and_what_it_costs() -> None:
    chapter = told(rounds(95, 240, 50), rounds(60, 200, 20))
    ahead, near = aims(chapter, "ahead"), aims(chapter, "above")
    assert not any(aim.is_met for aim in (*ahead, *near))
    assert f"40 ms behind {FLASK}" in ahead[0].limit
    assert f"50 ms of processor time ({FLASK} 20): at 12 a second 0.6 of the" in ahead[0].limit
    assert ("85 ms above 10 ms", True) == (near[0].measured, near[0].limit.startswith("55 ms too"))


def test_who_lost_something_is_not_ahead_of_anybody() -> None:
    chapter = told(rounds(30, 80, 50, missing=1), rounds(60, 200, 20))
    assert not any(aim.is_met for aim in aims(chapter, "ahead"))
    assert "1 never stood on a ticket." == aims(chapter, "ahead")[0].limit
    row = chapter.tables[0].rows[0]
    assert any("never" in cell for cell in row)
