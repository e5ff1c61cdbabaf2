"""The pages, and what is needed to check them."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="session")
def pages() -> dict[str, str]:
    """Every page, by its path from the root."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in found}


@pytest.fixture(scope="session")
def generate() -> ModuleType:
    """`tests/docs/generate.py`, which writes the tables."""
    spec = spec_from_file_location("docs_generate", HERE / "generate.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules["docs_generate"] = module
    spec.loader.exec_module(module)
    return module
