"""The benchmark itself, small: it runs to its end and says what it measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_subject_that_there_is_not_is_refused() -> None:
    assert 2 == bench("--only", "nothing").returncode


@pytest.mark.parametrize("subject", ["accepting", "calls", "growth"])
def test_a_small_run_ends_with_its_figures(subject: str, tmp_path: Path) -> None:
    done = bench("--quick", "--only", subject, "--into", str(tmp_path))
    assert 0 == done.returncode, done.stdout + done.stderr
    page = (tmp_path / "performance.md").read_text()
    assert "## Aims" in page
    assert "| --- |" in page
