"""The benchmark's own arithmetic, and that the committed report is what its figures say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import SUBJECTS
from bench.__main__ import main
from bench.chapter import Aim, Chapter, Line, Plot, Table, figure, from_json, percentile, to_json
from bench.ground import Ground, machine
from bench.report import (
    FIGURES,
    PAGE,
    Measured,
    OtherMachine,
    Run,
    drawn,
    joined,
    page,
    read,
    write,
)

DOCS = Path(__file__).parents[2] / "docs"
CHAPTER = Chapter(
    "Counting",
    ("How fast one counts.",),
    (Table("to ten", ("who", "seconds"), (("a | b", "3"),)),),
    (Plot("counting", "Counting", ("1", "2"), (Line("ours", (1.0, None)),), "to", "s"),),
    (Aim("fast", True, "3 s"), Aim("faster", False, "4 s", "One second too slow: the tongue.")),
)


def test_a_figure_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        figure([])
    with pytest.raises(ValueError, match="needs measurements"):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile([1.0], 99)


def test_middle_and_spread() -> None:
    assert "2.0 (1.0–9.0)" == figure([9, 1, 2]).says()
    assert "1,234" == figure([1234.4]).says(0)


def test_percentiles_are_measured_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (50.0, 99.0, 100.0) == (
        percentile(values, 0.5),
        percentile(values, 0.99),
        percentile(values, 1),
    )
    assert 7.0 == percentile([7.0], 0.0)


def test_a_chapter_survives_json() -> None:
    assert CHAPTER == from_json(to_json(CHAPTER))


def test_the_report_is_made_from_its_figures(tmp_path: Path) -> None:
    run = Run((("Cores", "2"),), (Measured("calls", "2026-11-22", 61.0, CHAPTER),))
    write(run, tmp_path)
    assert run == read(tmp_path)
    told = (tmp_path / PAGE).read_text()
    assert page(run) == told
    assert "| a \\| b | 3 |" in told
    assert "- **missed**: faster: 4 s. One second too slow: the tongue." in told
    assert drawn(CHAPTER.plots[0]) == (tmp_path / "performance" / "counting.svg").read_bytes()


def test_a_chapter_is_measured_anew_and_the_others_stay() -> None:
    machine = (("Cores", "2"),)
    old, new = (Measured("calls", day, 1.0, CHAPTER) for day in ("2026-11-01", "2026-11-22"))
    other = Measured("accepting", "2026-11-01", 1.0, CHAPTER)
    found = joined(Run(machine, (old, other)), Run(machine, (new,)))
    assert Run(machine, (other, new)) == found
    with pytest.raises(OtherMachine):
        joined(Run((("Cores", "64"),), (old,)), Run(machine, (new,)))


def test_what_was_asked_beyond_a_usual_run_is_said() -> None:
    """Else the report of a longer run would be taken for what anybody gets."""
    usual = Measured("calls", "2026-11-22", 60.0, CHAPTER)
    longer = Measured("storms", "2026-11-22", 600.0, CHAPTER, "BENCH_POSTS=10000")
    told = page(Run((("Cores", "2"),), (usual, longer)))

    assert "Measured on 2026-11-22, in 60 seconds." in told
    assert "Measured on 2026-11-22 with `BENCH_POSTS=10000`, in 600 seconds." in told
    assert "11.0 minutes, 10.0 minutes of it for what was asked beyond `make bench`" in told
    assert "; not measured: accepting, through, costs, growth, fleet |" in told


def test_a_whole_run_says_how_long_it_took_and_no_more() -> None:
    run = Run((), tuple(Measured(name, "2026-11-22", 60.0, CHAPTER) for name in SUBJECTS))
    assert f"| All chapters | {len(SUBJECTS)}.0 minutes |" in page(run)


@pytest.mark.parametrize(
    ("ground", "asked"),
    [
        (Ground(False, print, 20_000, 10**6, 10_000), ("--messages=20000", "BENCH_MOST=1000000")),
        (Ground(False, print, 20_000, ticket_every=20), ("--messages=20000 --ticket-every=20", "")),
        (Ground(True, print, 0, 0, 10_000), ("--quick", "--quick")),
        (Ground(False, print), ("", "")),
    ],
)
def test_what_was_asked_is_of_its_own_chapter(ground: Ground, asked: tuple[str, str]) -> None:
    assert asked == (ground.asked("costs"), ground.asked("growth"))
    assert ground.asked("calls") == ("--quick" if ground.quick else "")


def test_one_chapter_measured_anew_replaces_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m bench --only calls --into docs`, with a chapter that measures nothing."""
    old = Measured("calls", "2026-11-01", 1.0, replace(CHAPTER, title="Calls of old"))
    other = Measured("storms", "2026-11-01", 2.0, replace(CHAPTER, plots=()), "BENCH_POSTS=10000")
    write(Run(machine(), (old, other)), tmp_path)
    monkeypatch.setattr("bench.calls.measure", lambda ground: CHAPTER)
    words = ["--only", "calls", "--into", str(tmp_path)]
    done = CliRunner().invoke(main, words)

    assert 0 == done.exit_code, done.output
    new, kept = read(tmp_path).measured
    assert ("Counting", other) == (new.chapter.title, kept)


def test_a_report_of_another_machine_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(Run((("Cores", "64"),), (Measured("calls", "2026-11-01", 1.0, CHAPTER),)), tmp_path)
    monkeypatch.setattr("bench.calls.measure", lambda ground: pytest.fail("it was measured"))
    done = CliRunner().invoke(main, ["--only", "calls", "--into", str(tmp_path)])

    assert 1 == done.exit_code
    assert "another machine" in done.output


def test_a_plot_does_not_tell_when_it_was_drawn() -> None:
    """It is the same tomorrow."""
    plot = next(plot for chapter in read(DOCS).chapters for plot in chapter.plots)
    assert b"<!--" not in drawn(plot)


def test_the_committed_report_is_what_its_figures_say() -> None:
    if not (DOCS / FIGURES).exists():
        pytest.skip("nothing has been measured yet")
    run = read(DOCS)
    assert page(run) == (DOCS / PAGE).read_text()
    for chapter in run.chapters:
        for plot in chapter.plots:
            assert drawn(plot) == (DOCS / "performance" / f"{plot.name}.svg").read_bytes()
