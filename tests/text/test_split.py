"""Long answers as several messages."""

from __future__ import annotations

import re
import time
from functools import partial

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bridge.channels.contract import Length, Unit
from bridge.errors import TooLong
from bridge.text.links import links, mentions
from bridge.text.split import split
from bridge.text.weigh import weigh

FAMILY = "👨‍👩‍👧‍👦"
LINK = "https://example.com/a/path"
NAME = "@ada@social.example"
PIECES = [
    "one",
    "two,",
    "three.",
    "Really?",
    "漢字。漢字",
    FAMILY,
    LINK,
    NAME,
    "\n\n",
    "\n",
    "é" * 9,
]


def bare(message: str) -> str:
    return re.sub(r" \([0-9]+/[0-9]+\)$", "", message)


@pytest.mark.parametrize(
    ("text", "most"),
    [("x" * 20, 6), (f"see {LINK} there", 20), (f"hi {NAME}", 12), (FAMILY, 5), ("a b", 0)],
)
def test_what_cannot_be_split_is_refused(text: str, most: int) -> None:
    """A limit too small for numbers, a link, a mention or one character is `TooLong`."""
    with pytest.raises(TooLong):
        split(text, most, len)


def test_a_short_text_stays_as_it_is() -> None:
    """One message, without a number; an empty text is one empty message."""
    assert split("hello there", 11, len) == ("hello there",)
    assert split(" \n", 11, len) == ("",)


def test_breaks_are_where_a_reader_pauses() -> None:
    """After a paragraph, else a sentence, else a word, else between characters."""
    assert split("One two three.\n\nFour five six.", 22, len) == (
        "One two three. (1/2)",
        "Four five six. (2/2)",
    )
    assert split("One two. Three four five six", 26, len) == (
        "One two. Three four (1/2)",
        "five six (2/2)",
    )
    assert split("One two three. Four five six", 26, len) == (
        "One two three. (1/2)",
        "Four five six (2/2)",
    )
    assert split("alpha beta gamma delta", 17, len) == ("alpha beta (1/2)", "gamma delta (2/2)")
    assert split("x" * 20, 16, len) == ("x" * 10 + " (1/2)", "x" * 10 + " (2/2)")


def test_numbers_count_in_the_budget_when_there_are_many() -> None:
    """Ten and more messages need room for longer numbers."""
    messages = split(" ".join(["word"] * 60), 30, len)
    assert messages[-1].endswith(f"({len(messages)}/{len(messages)})")
    assert len(messages) > 9
    assert max(map(len, messages)) <= 30


def test_the_prefixes_have_their_room() -> None:
    """What the caller puts before each message is left free, more before the first if so."""
    messages = split("word " * 30, 40, len, first_prefix_weight=20, next_prefix_weight=5)
    assert len(messages[0]) <= 20
    assert 20 < max(map(len, messages[1:])) <= 35


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=60),
    st.integers(40, 120),
    st.sampled_from(
        [
            Length(0, Unit.CHARACTERS),
            Length(0, Unit.GRAPHEMES, url_weight=23, short_mentions=True),
            Length(0, Unit.UTF8_BYTES),
        ]
    ),
)
def test_splitting_loses_nothing(pieces: list[str], most: int, length: Length) -> None:
    """Every message fits; no character is lost or moved; links, mentions, emoji stay whole."""
    text = " ".join(pieces)
    messages = split(text, most, partial(weigh, length=length))
    assert all(weigh(message, length) <= most for message in messages)
    together = [bare(message) for message in messages] if len(messages) > 1 else list(messages)
    assert "".join(text.split()) == "".join("".join(together).split())
    for find in (links, mentions):
        whole = [text[start:end] for start, end in find(text)]
        assert whole == [m[start:end] for m in together for start, end in find(m)]
    assert text.count(FAMILY) == sum(message.count(FAMILY) for message in together)
    numbers = [regex.search(r"\((\d+)/(\d+)\)$", message) for message in messages]
    if len(messages) > 1:
        assert [(n + 1, len(messages)) for n in range(len(messages))] == [
            (int(found[1]), int(found[2])) for found in numbers if found
        ]


@given(st.text(min_size=1, max_size=300), st.integers(30, 60))
def test_any_text_is_split_or_refused(text: str, most: int) -> None:
    """No character but white space is lost from any text whatever."""
    try:
        messages = split(text, most, len)
    except TooLong:
        return
    together = "".join(map(bare, messages)) if len(messages) > 1 else messages[0]
    assert "".join(text.split()) == "".join(together.split())
    assert all(len(message) <= most for message in messages)


def test_long_words_are_cut_quickly() -> None:
    """What a comment can hold at most is split in seconds (it took minutes), and stays whole."""
    began = time.process_time()
    parts = split(")" * 64_000, 500, len)

    assert 64_000 == sum(part.count(")") - 1 for part in parts)
    assert 30 > time.process_time() - began
