"""Both changes together, or nothing at all: a line is never lost on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.mapping.merge import merge, merge_files

BASE = "a\nb\nc\nd\ne\n"
texts = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=8).map("".join)


def test_changes_of_different_lines_go_together() -> None:
    """Whoever made which."""
    mine, theirs = BASE.replace("a\n", "x\na\n"), BASE.replace("d\n", "y\n")
    assert "x\na\nb\nc\ny\ne\n" == merge(BASE, mine, theirs) == merge(BASE, theirs, mine)


def test_what_touches_is_for_people() -> None:
    """The same line, or one beside it."""
    assert merge(BASE, BASE.replace("c", "x"), BASE.replace("c", "y")) is None
    assert merge(BASE, BASE.replace("c", "x"), BASE.replace("d", "y")) is None
    assert merge(BASE, BASE.replace("c", "x"), BASE.replace("c\n", "")) is None


@given(texts, texts)
def test_who_changed_nothing_gives_way(base: str, changed: str) -> None:
    """And two who made the same change agree."""
    assert changed == merge(base, base, changed) == merge(base, changed, base)
    assert changed == merge(base, changed, changed)


@given(texts, texts, texts)
def test_the_order_of_the_two_makes_no_difference(base: str, one: str, other: str) -> None:
    assert merge(base, one, other) == merge(base, other, one)


def test_files_come_and_go() -> None:
    """A file of theirs is taken, one that they took away is gone; unless it was changed here."""
    base = (("a", "1\n"), ("b", "2\n"))
    mine = (("a", "1\n"), ("b", "3\n"))
    assert (("a", "1\n"), ("b", "3\n"), ("c", "9\n")) == merge_files(
        base, mine, (*base, ("c", "9\n"))
    )
    assert (("b", "3\n"),) == merge_files(base, mine, (("b", "2\n"),))
    assert merge_files(base, mine, (("a", "1\n"),)) is None
    assert (("x", BASE.replace("a", "z")),) == merge_files(
        (("m", BASE),), (("x", BASE),), (("m", BASE.replace("a", "z")),)
    )
