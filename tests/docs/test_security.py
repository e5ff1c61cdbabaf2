"""The page on security names tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def missing(page: str) -> list[str]:
    """The named tests that do not exist."""
    lost = []
    for file, name in NAMED.findall(page):
        path = ROOT / file
        text = path.read_text("utf-8") if path.is_file() else ""
        if not text or (name and not re.search(rf"^def {name}\(", text, re.MULTILINE)):
            lost.append(f"{file}::{name}")
    return lost


def test_a_missing_test_is_found() -> None:
    """A test that was renamed, and a file that is gone, are told."""
    page = "`tests/docs/test_security.py::test_gone` and `tests/gone.py`"

    assert ["tests/docs/test_security.py::test_gone", "tests/gone.py::"] == missing(page)


def test_every_named_test_exists() -> None:
    """Whatever is said to stop something is shown by a test that there is."""
    page = (ROOT / "docs" / "security.md").read_text("utf-8")

    assert len(NAMED.findall(page)) > 30
    assert [] == missing(page)
