"""Lengths as networks count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.channels.contract import Length, Unit
from bridge.text.links import links, mentions
from bridge.text.weigh import weigh

FAMILY = "👨‍👩‍👧‍👦"
MASTODON = Length(500, Unit.GRAPHEMES, url_weight=23, short_mentions=True)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [(Unit.CHARACTERS, 7 + 2), (Unit.GRAPHEMES, 1 + 1), (Unit.UTF8_BYTES, 25 + 3)],
)
def test_units_differ(unit: Unit, expected: int) -> None:
    """A family emoji and a combining accent are one grapheme, several characters, many bytes."""
    assert expected == weigh(FAMILY + "e\u0301", Length(1, unit))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://example.com/" + "x" * 400, 4 + 23),
        ("https://a.example", 23),
        ("(https://a.example/x_(y))", 25),
        ("https://a.example.", 24),
        ("https://localhost/" + "x" * 40, 58),
        ("http://", 7),
        ("@bob@long.server.example hi", 4 + 3),
        ("@bob hi", 7),
        ("bob@mail.example", 16),
        ("https://m.example/@bob@long.server.example", 23),
        ("xhttps://a.example/123456789012345", 34),
    ],
)
def test_mastodon_counts_links_and_mentions_anew(text: str, expected: int) -> None:
    """23 for any link, only the user's part of a mention, everything else as it is written."""
    assert expected == weigh(text, MASTODON)


def test_links_end_before_the_sentence_does() -> None:
    """Punctuation after a link is not the link's, a pair of brackets inside it is."""
    text = "See https://a.example/b_(c), “https://d.example/e”! [https://f.example]"
    found = [text[start:end] for start, end in links(text)]
    assert found == ["https://a.example/b_(c)", "https://d.example/e", "https://f.example"]


def test_mentions_are_found_outside_links_and_addresses() -> None:
    """An e-mail address is no mention, and neither is a part of a link."""
    text = "@a, (@b.c@d.example.) x@y.example https://m.example/@z"
    assert [text[start:end] for start, end in mentions(text)] == ["@a", "@b.c@d.example"]


@given(st.text())
def test_anything_can_be_weighed(text: str) -> None:
    """Graphemes are never more than characters, characters never more than bytes."""
    counts = [weigh(text, Length(1, unit)) for unit in (Unit.GRAPHEMES, Unit.CHARACTERS)]
    assert counts[0] <= counts[1] <= weigh(text, Length(1, Unit.UTF8_BYTES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", 5),
        ("日本語", 6),
        ("see https://example.com/" + "x" * 400, 4 + 23),
        ("see example.com now", 4 + 23 + 4),
        ("\U0001f468‍\U0001f469‍\U0001f467", 2),
    ],
)
def test_x_weighs_scripts_links_and_emoji(text: str, expected: int) -> None:
    """Latin letters weigh one, most other signs and any emoji two, any link 23.
    https://docs.x.com/fundamentals/counting-characters"""
    assert expected == weigh(text, Length(280, Unit.WEIGHTED))


@given(st.text())
def test_x_weighs_anything(text: str) -> None:
    """Whatever an agent writes has some weight, and no text weighs nothing."""
    assert (weigh(text, Length(280, Unit.WEIGHTED)) > 0) == bool(text)
