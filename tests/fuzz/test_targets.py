"""Every parser of outside input keeps to what it says: on what once failed, and on a fixed sample.

`make fuzz` looks for longer, with inputs that are new each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from fuzz import targets
from fuzz.run import CORPUS, search
from fuzz.targets import TARGETS, Target

KEPT = [(file.parent.name, file.name) for file in sorted(CORPUS.glob("*/*"))]


@pytest.fixture(scope="module", autouse=True)
def web() -> Iterator[None]:
    """The one target that needs a database gives it back at the end."""
    yield
    targets.WEB.close()


@pytest.mark.parametrize(("name", "file"), KEPT)
def test_what_once_failed(name: str, file: str) -> None:
    """Every kept input is taken as its parser says."""
    TARGETS[name]((CORPUS / name / file).read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_sample(name: str, tmp_path: Path) -> None:
    """The same hundred inputs on every run: nothing found."""
    assert "" == search(TARGETS[name], 100, 4711, tmp_path)


def test_each_has_a_corpus() -> None:
    """Every parser has kept inputs, and every kept input a parser."""
    assert set(TARGETS) == {name for name, _ in KEPT}


def test_what_is_found_is_kept(tmp_path: Path) -> None:
    """A parser that fails is found, and the input made small and kept."""

    def fails(data: bytes) -> None:
        assert b"x" not in data

    found = search(Target("broken", fails, st.binary()), 2_000, 1, tmp_path)

    assert found.startswith("AssertionError")
    assert [b"x"] == [file.read_bytes() for file in (tmp_path / "broken").iterdir()]


def test_what_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that computes beyond its time has failed."""
    monkeypatch.setattr(targets, "MOST_SECONDS", 0.0)

    with pytest.raises(AssertionError, match="took"):
        TARGETS["html"](b"<p>")
