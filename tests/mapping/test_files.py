"""A mapping from files that are not on this disk, and the files on this disk beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.errors import Misconfigured
from bridge.mapping import Files, MappingError, load, load_files
from bridge.mapping.folder import MARK, NEVER, Seen, local, note, seen, write
from bridge.mapping.source import MOST_BYTES

ACCOUNTS = """\
accounts:
  acme: {network: pigeon, options: {url: https://l.example, token: env:PIGEON_TOKEN}}
"""
RULES = """\
rules:
  - {name: All, route: {group: Support}}
"""
TWO: Files = (("10-accounts.yaml", ACCOUNTS), ("20-rules.yaml", RULES))


def problems(files: Files, channels: Any, environ: Any) -> list[str]:
    with pytest.raises(MappingError) as raised:
        load_files(files, channels, environ)
    return [str(each) for each in raised.value.problems]


def test_it_is_the_same_mapping_as_from_a_folder(
    tmp_path: Path, channels: Any, environ: Any
) -> None:
    """Digest and all, in whatever order the files are given."""
    for name, text in TWO:
        (tmp_path / name).write_text(text, encoding="utf-8")
    from_disk = load(tmp_path, channels, environ)
    given = load_files(tuple(reversed(TWO)), channels, environ)
    assert TWO == from_disk.files == given.files
    assert from_disk.digest == given.digest == local(tmp_path).digest
    assert from_disk.rules == given.rules


def test_one_file_says_the_same_whatever_it_is_called(
    tmp_path: Path, channels: Any, environ: Any, head: str, tail: str
) -> None:
    """Alone, in a folder, or in a revision: one digest."""
    text = head + tail
    (tmp_path / "a.yaml").write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    digests = {
        load(tmp_path, channels, environ).digest,
        load(tmp_path / "a.yaml", channels, environ).digest,
        load_files((("b.yaml", text),), channels, environ).digest,
    }
    assert 1 == len(digests)


def test_mistakes_name_the_file_and_the_line(channels: Any, environ: Any) -> None:
    """As the file is called, not where it might be."""
    wrong = (TWO[0], ("20-rules.yaml", "rules:\n  - {name: All, route: {grup: Support}}\n"))
    assert problems(wrong, channels, environ) == [
        '20-rules.yaml:2:25: unknown key "grup": did you mean "group"?'
    ]


@pytest.mark.parametrize("name", ["../a.yaml", "/etc/a.yaml", ".a.yaml", "", "a\n.yaml", "a" * 200])
def test_a_name_is_no_way_to_elsewhere(name: str, channels: Any, environ: Any) -> None:
    """A revision may be written to a disk one day."""
    assert any("a file's name has" in each for each in problems(((name, ""),), channels, environ))


def test_files_that_are_none_are_told(channels: Any, environ: Any) -> None:
    """None at all, two of one name, one that is too large."""
    assert problems((), channels, environ) == ["the mapping: there is no file in it"]
    assert any("two files" in each for each in problems((*TWO, TWO[0]), channels, environ))
    large = (("a.yaml", "#" * (MOST_BYTES + 1)),)
    assert any("larger than" in each for each in problems(large, channels, environ))


def test_what_is_written_to_a_folder_is_all_it_holds(tmp_path: Path) -> None:
    """Other mapping files are taken away; what is no mapping file stays."""
    (tmp_path / "old.yaml").write_text("rules: []\n")
    (tmp_path / "notes.txt").write_text("mine")
    assert ("old.yaml",) == write(tmp_path, TWO)
    here = local(tmp_path)
    assert (TWO, NEVER) == (here.files, here.seen)
    assert {"10-accounts.yaml", "20-rules.yaml", "notes.txt"} == {
        file.name for file in tmp_path.iterdir()
    }


def test_a_file_can_hold_one_only(tmp_path: Path) -> None:
    """BRIDGE_MAPPINGS may name a file: whatever the revision calls it."""
    path = tmp_path / "mapping.yaml"
    write(path, TWO[1:])
    assert TWO[1][1] == path.read_text()
    with pytest.raises(Misconfigured, match="set BRIDGE_MAPPINGS to a folder"):
        write(path, TWO)


def test_a_folder_is_made(tmp_path: Path) -> None:
    """Whoever pulls into a new place has nothing to prepare."""
    write(tmp_path / "mappings", TWO)
    assert TWO == local(tmp_path / "mappings").files


@pytest.mark.parametrize("name", ["", "mapping.yaml"])
def test_the_revision_last_seen_is_noted_beside_the_files(tmp_path: Path, name: str) -> None:
    """And is no mapping file itself. What cannot be read counts as never."""
    path = tmp_path / name
    write(path, TWO[1:])
    note(path, Seen(7, "abc"))
    assert Seen(7, "abc") == seen(path) == local(path).seen
    assert 1 == len(local(path).files)
    mark = tmp_path / (MARK if not name else f".{name}{MARK}")
    mark.write_text("nonsense")
    assert NEVER == seen(path)


def test_what_cannot_be_read_whole_has_no_digest(tmp_path: Path) -> None:
    """Nobody may take it for something that was published."""
    assert "" == local(tmp_path / "nowhere").digest
    write(tmp_path, TWO)
    (tmp_path / "30-more.yaml").write_bytes(b"\xff\xfe")
    assert "" == local(tmp_path).digest
