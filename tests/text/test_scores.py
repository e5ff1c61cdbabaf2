"""What counts as a rating, and what is only a message with a number in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text.scores import BEST, Score, score


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        (" 1 ", 1),
        ("4/5", 4),
        ("4 / 5", 4),
        ("3 von 5", 3),
        ("3 out of 5.", 3),
        ("5!", 5),
        ("2.", 2),
        ("5\ufe0f\u20e3", 5),  # the keycap
        ("\uff13", 3),  # full-width
        ("⭐⭐⭐⭐", 4),
        ("⭐️ ⭐️", 2),
        ("★★★☆☆", 3),
        ("@bridge 5", 5),
        ("@bridge@example.social, @acme 5/5", 5),
    ],
)
def test_a_message_that_is_a_rating(text: str, number: int) -> None:
    assert score(text) == Score(number, alone=True)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5! thank you so much", 5),
        ("2\nsorry", 2),
        ("1, and I want my money back", 1),
        ("4/5 but slow", 4),
    ],
)
def test_a_message_that_begins_with_one(text: str, number: int) -> None:
    assert score(text) == Score(number, alone=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "6",
        "10",
        "55",
        "5/10",
        "5:30 is fine",
        "3.50 was charged",
        "2nd time this happens",
        "4-digit code",
        "5% off?",
        "my order 5",
        "3 items are missing",
        "2 - 3 days, you said",
        "thank you",
        "☆☆☆",
        "⭐⭐⭐⭐⭐⭐",
        "½",
        "@bridge",
    ],
)
def test_what_is_no_rating(text: str) -> None:
    assert score(text) is None


@given(st.text(max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    found = score(text)
    assert found is None or 1 <= found.number <= BEST
