"""A short soak for real: processes, kills, faults, and a count that is exact on each database."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from soak.__main__ import main
from soak.plan import Wanted, draw
from soak.play import Told
from soak.report import MOST_SHOWN, verdict
from soak.run import defects, missed_kills

ROOT = Path(__file__).resolve().parents[2]


def soak(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "soak", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=840,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_soak_without_a_database_cannot_be_done() -> None:
    """That is no verdict, and has an exit code of its own."""
    code, said = soak("--database", "postgresql://nobody@127.0.0.1:9/nothing")
    assert (2, "no database can be made: OperationalError\n") == (code, said)


def test_kept_logs_are_of_one_soak(tmp_path: Path) -> None:
    """What an earlier one left would be counted as well."""
    (tmp_path / "soak.sqlite3").touch()
    code, said = soak("--folder", str(tmp_path))
    assert 2 == code
    assert "must be empty" in said


@pytest.mark.parametrize(("exact", "code"), [(False, 1), (True, 0)])
def test_the_verdict_is_the_exit_code(
    exact: bool, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever only looks at that is told."""
    monkeypatch.setattr("soak.__main__.soak", lambda *_: exact)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert code == CliRunner().invoke(main, []).exit_code


def test_a_verdict_names_what_is_wrong() -> None:
    """All of it, up to a bound, and how many more there are."""
    assert ["exact"] == list(verdict([]))
    assert ["NOT EXACT: 1 differences", "  post-1 is lost"] == list(verdict(["post-1 is lost"]))
    assert "  and 2 more" == list(verdict(["again"] * (MOST_SHOWN + 2)))[-1]


def test_a_defect_in_a_log_is_told(tmp_path: Path) -> None:
    """Even where the count is exact, because another try mended it."""
    (tmp_path / "web.log").write_text('{"event": "received"}\n')
    (tmp_path / "worker.log").write_text('{"event": "defect in a lane"}\n' * 2)
    found = list(defects(("web", "worker"), tmp_path))
    assert ["worker said: 'defect in a lane', 2 times"] == found


def test_a_kill_that_was_missed_is_told() -> None:
    """A soak that killed nobody proves less than it says."""
    plan = draw(Wanted(seconds=10, rate=1, kill_every=3))
    assert [] == list(missed_kills(plan, Told(Counter({"web": 1, "worker": 1, "worker2": 1}))))
    found = list(missed_kills(plan, Told(Counter({"web": 1, "worker": 1}))))
    assert ["worker2 was killed 0 times, and not 1 times"] == found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_short_soak_ends_exact(database: str, request: pytest.FixtureRequest) -> None:
    """Web and both workers are killed, the far sides misbehave, and all of it is there once."""
    where = database
    if database == "postgresql":
        where = request.getfixturevalue("postgres_server")
    short = ("--seconds=10", "--rate=3", "--kill-every=3", "--fault-every=2", "--patience=600")
    code, said = soak(*short, "--database", where)
    assert 0 == code, said
    assert said.rstrip().endswith("exact"), said
    assert "killed         web 1, worker 1, worker2 1" in said, said
