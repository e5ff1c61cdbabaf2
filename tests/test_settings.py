"""Settings are checked as a whole, and documented as a whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.errors import Misconfigured
from bridge.settings import load

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"\b(?:BRIDGE|ZENDESK)_[A-Z_]+\b|\bPROMETHEUS_MULTIPROC_DIR\b")
ROWS = dict(
    re.findall(
        r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? *\|",
        (ROOT / "docs" / "settings.md").read_text("utf-8"),
        re.MULTILINE,
    )
)


def test_every_mistake_is_told_at_once_and_no_value():
    """A wrong key, a wrong number and a wrong address, by their names alone."""
    with pytest.raises(Misconfigured) as wrong:
        load({"BRIDGE_SECRET_KEY": "hunter2", "BRIDGE_WORKERS": "x", "ZENDESK_URL": "ftp://a"})
    for name in ("BRIDGE_SECRET_KEY", "BRIDGE_WORKERS", "ZENDESK_URL"):
        assert name in wrong.value.because
    assert "hunter2" not in wrong.value.because


def test_every_setting_that_the_code_reads_is_documented():
    """And nothing is documented that no code reads."""
    read = {
        name
        for file in (ROOT / "bridge").rglob("*.py")
        if "sandbox" not in file.parts
        for name in NAME.findall(file.read_text("utf-8"))
    }
    assert {*read, "PORT", "WEB_CONCURRENCY"} == set(ROWS)


def test_the_documented_defaults_are_the_defaults():
    """Setting each to what the documentation says changes nothing."""
    said = {name: default for name, default in ROWS.items() if default}
    assert load({}) == load(said)
    assert len(said) >= 8


@pytest.mark.parametrize("port", ["0", "99999", "x"])
def test_ports_that_are_none(port: str) -> None:
    """A port that does not exist is told at the start, not by the first call."""
    with pytest.raises(Misconfigured, match="ZENDESK_URL"):
        load({"ZENDESK_URL": f"https://acme.zendesk.com:{port}"})
