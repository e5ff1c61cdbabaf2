"""What differs between two mappings, and secrets that somebody is about to write down."""

from __future__ import annotations

import pytest

from bridge.mapping.compare import Sort, compare, unified
from bridge.mapping.unhidden import secrets_in

LONG = "".join(f"line {number}\n" for number in range(1, 21))


def test_lines_that_differ_stand_with_their_neighbours() -> None:
    """And the rest is counted, so that nothing goes missing without a word."""
    (found,) = compare((("a.yaml", LONG),), (("a.yaml", LONG.replace("line 10\n", "other\n")),))
    assert ("changed", 1, 1) == (found.what, found.added, found.removed)
    signs = [(line.sign, line.text) for line in found.lines]
    assert ("-", "line 10") in signs
    assert ("+", "other") in signs
    gaps = [line.text for line in found.lines if line.sort is Sort.GAP]
    assert ["6 lines the same", "7 lines the same"] == gaps
    assert [(10, 0), (0, 10)] == [
        (line.before, line.after) for line in found.lines if line.sign != " "
    ]


def test_files_that_came_and_went_are_told() -> None:
    """What is the same is not."""
    before = (("a.yaml", "1\n"), ("b.yaml", "2\n"))
    after = (("b.yaml", "2\n"), ("c.yaml", "3\n"))
    assert [("a.yaml", "removed"), ("c.yaml", "added")] == [
        (each.name, each.what) for each in compare(before, after)
    ]
    assert () == compare(before, before)
    assert "a.yaml (removed)\n- 1\nc.yaml (added)\n+ 3" == unified(compare(before, after))


def test_one_file_is_compared_whatever_it_is_called() -> None:
    """A single file may be called otherwise on another disk."""
    assert () == compare((("a.yaml", "1\n"),), (("b.yaml", "1\n"),))


@pytest.mark.parametrize(
    "line",
    [
        "token: abc123",
        "  access_token: 'abc'",
        '{url: https://x.example, token: "abc"}',
        "- secret: s3cr3t # for now",
        '"api_key": abc',
        "token: &again abc",
    ],
)
def test_a_secret_is_seen_also_where_nothing_else_can_be_read(line: str) -> None:
    """YAML or not."""
    (found,) = secrets_in((("a.yaml", f"x:\n{line}\n\t]"),))
    assert ("a.yaml", 2) == (found.file, found.line)
    assert "abc" not in found.message


@pytest.mark.parametrize(
    "line",
    [
        "token: env:NAME",
        "{token: env:NAME, url: https://x.example}",
        "token:",
        "token: &again env:NAME",
        "token_url: https://x.example",
        "words: [token, secret]",
        "name: The secret of success",
    ],
)
def test_a_reference_is_none(line: str) -> None:
    assert () == secrets_in((("a.yaml", line),))
