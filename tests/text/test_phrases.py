"""Words that admins list are found however a keyboard writes them."""

from __future__ import annotations

import pytest

from bridge.text.phrases import comparable, said

APOSTROPHES = "'’‘‛ʼ＇´`′"


@pytest.mark.parametrize("listed", APOSTROPHES)
@pytest.mark.parametrize("typed", APOSTROPHES)
def test_any_apostrophe_is_one(listed: str, typed: str) -> None:
    """Telephones and text programs set ’ where a mapping is written with '."""
    phrase = f"can{listed}t refund"
    assert (phrase,) == said((phrase,), f"Sorry, we CAN{typed}T  refund that.")


def test_a_word_stays_a_word_beside_an_apostrophe() -> None:
    assert said(("cant", "can"), "we can’t") == ("can",)
    assert said(("refund",), "a ‘refund’, a `refund`, a ´refund´") == ("refund",)


@pytest.mark.parametrize(
    ("listed", "typed"),
    [('"free"', "all “free”"), ('"gratis"', "„gratis“"), ("e-mail", "by e\u2011mail")],
)
def test_quotes_and_hyphens_of_any_form_are_one(listed: str, typed: str) -> None:
    assert said((listed,), typed) == (listed,)


def test_what_is_comparable_stays_as_it_is() -> None:
    once = comparable("Can´t ‘do’ e‐mail ＇now＇")
    assert once == comparable(once) == "can't 'do' e-mail 'now'"
