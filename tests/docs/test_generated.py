"""Tables that are made from the code say what the code says."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from bridge.channels import registry
from bridge.ledger.tables import metadata
from bridge.text.words import CODES

ROOT = Path(__file__).resolve().parents[2]


def words_of(folder: Path) -> set[str]:
    """Every string constant in a folder's code."""
    return {
        node.value
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_a_stale_table_is_found(
    generate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page whose table says something else is rewritten, and only its table."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- generated: ledger -->\n| old |\n<!-- end -->\nafter\n", "utf-8")
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    [text] = generate.pages().values()
    assert "| old |" not in text
    assert "| `deliveries` |" in text
    assert (text.startswith("before\n"), text.endswith("<!-- end -->\nafter\n")) == (True, True)


def test_no_table_is_stale(generate: Any) -> None:
    """`python tests/docs/generate.py` would change nothing."""
    stale = [
        page.name for page, text in generate.pages().items() if page.read_text("utf-8") != text
    ]
    assert stale == [], "run: python tests/docs/generate.py"


def test_every_table_has_its_place(generate: Any, pages: dict[str, str]) -> None:
    """What can be made stands on some page."""
    everything = "".join(pages.values())
    for name in generate.TABLE_OF:
        assert everything.count(f"<!-- generated: {name} -->") == 1, name


def test_every_sentence_is_explained(generate: Any) -> None:
    """Each code is in one table, or is no note."""
    listed = [code for codes in generate.NOTES.values() for code in codes]
    assert sorted(CODES) == sorted([*listed, *generate.PARTS])


def test_what_is_said_to_be_written_is_written(generate: Any) -> None:
    """The flow, a channel, or a failure names each code of a note; none that is for later."""
    flow = words_of(ROOT / "bridge" / "flow")
    channels = words_of(ROOT / "bridge" / "channels")
    said = {
        node.value.value
        for node in ast.walk(ast.parse((ROOT / "bridge" / "errors.py").read_text("utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    written = (
        "notes-failed",
        "notes-sent",
        "notes-held",
        "notes-by-itself",
        "notes-acts",
        "notes-same",
    )
    now = {code for name in written for code in generate.NOTES[name]}
    assert set() == now - said - flow - channels
    assert set() == set(generate.NOTES["notes-ready"]) & flow


def test_every_table_of_the_ledger_is_explained(generate: Any) -> None:
    """A new table needs its line."""
    assert set(metadata.tables) == set(generate.TABLES)


@pytest.mark.parametrize("network", sorted(registry.installed()))
def test_every_channel_has_its_page(network: str, pages: dict[str, str]) -> None:
    """Set up, limits, what agents see: one page for each network, and the index leads to it."""
    assert f"docs/networks/{network}.md" in pages
    assert f"(networks/{network}.md)" in pages["docs/index.md"]
