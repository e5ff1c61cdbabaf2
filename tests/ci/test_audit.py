"""The audit of what we install: a hole fails it, being offline does not, and neither is silent."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[2] / ".ci" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> Any:
    spec = importlib.util.spec_from_file_location("audit", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


BAD = {
    "name": "flask",
    "version": "0.1",
    "vulns": [{"id": "PYSEC-2018-66", "fix_versions": ["0.12.3"]}],
}
GOOD = {"name": "click", "version": "8", "vulns": []}
UNASKED = {"name": "six", "skip_reason": "Dependency not found on PyPI"}


def test_a_known_hole_fails(audit: Any) -> None:
    """A package with a known hole ends the build, named with what mends it."""
    result = audit.judge(report(GOOD, BAD, UNASKED), "")

    assert 1 == result.code
    assert "flask 0.1: PYSEC-2018-66, mended in 0.12.3" in result.says


@pytest.mark.parametrize("said", ["", "{}", "[]", report()])
def test_a_broken_audit_fails(audit: Any, said: str) -> None:
    """An auditor that says nothing useful has not found everything in order."""
    assert 1 == audit.judge(said, "Traceback: KeyError").code


def test_offline_is_told(audit: Any) -> None:
    """Where nobody can be asked, the build goes on and nobody takes it for a clean bill."""
    lost = audit.judge("", "requests.exceptions.ConnectionError: Failed to resolve")
    mirrored = audit.judge(report(UNASKED, UNASKED), "")

    assert (0, 0) == (lost.code, mirrored.code)
    assert lost.says.startswith("AUDIT NOT DONE")
    assert mirrored.says.startswith("AUDIT NOT DONE")


def test_what_was_not_asked_is_named(audit: Any) -> None:
    """A package that the service does not know is named."""
    assert "nothing is known about six" in audit.judge(report(GOOD, UNASKED), "").says


def test_all_in_order(audit: Any) -> None:
    """Nothing found is said only of what was looked at."""
    assert audit.Result("No known hole in 1 packages.", 0) == audit.judge(report(GOOD), "")
