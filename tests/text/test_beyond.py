"""A few words of one's own behind everybody's are seen."""

from __future__ import annotations

from random import Random

import pytest

from bench.storm_words import SUBJECTS
from bridge.text.beyond import says_more

SAID = SUBJECTS["payment"][0]


@pytest.mark.parametrize(
    "text",
    [
        SAID.upper(),
        f"Argh, {SAID}! Fix it please 😡",
        f"{SAID}, anyone else?",
        f"RT @user3@press.example: {SAID} https://t.example/Ab3",
        SAID.replace("fails", "failed").replace("shows", "showing"),
    ],
)
def test_a_groan_says_no_more(text: str) -> None:
    assert not says_more(text, SAID)


@pytest.mark.parametrize(
    "tail",
    [
        "and where is my parcel?",
        "also I want to cancel",
        "do you ship to Spain?",
        "und wo ist mein Paket",
        "et ma commande",
        "quiero cancelar mi pedido",
        "is the shop near the station open on Sunday",
    ],
)
def test_a_need_says_more(tail: str) -> None:
    assert says_more(f"{SAID}, {tail}", SAID)


def test_what_all_of_a_storm_say_of_themselves_and_ask_is_the_storms() -> None:
    asked = "Why can I not log in to my account, is it down?"
    assert not says_more(f"Hello? {asked.lower()}", asked)


def test_the_order_of_words_says_nothing() -> None:
    words = SAID.split()
    Random(1).shuffle(words)
    assert not says_more(" ".join(words), SAID)
