"""Where a link ends in a sentence, however the sentence goes on."""

from __future__ import annotations

import time

import pytest

from bridge.text.links import links


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://a.example/x).", "https://a.example/x"),
        ("(https://a.example/x_(y))", "https://a.example/x_(y)"),
        ("https://a.example/)]}", "https://a.example/"),
        ("https://a.example/((x))", "https://a.example/((x))"),
    ],
)
def test_brackets(text: str, link: str) -> None:
    """A bracket belongs to the link only if it was opened in it."""
    assert [link] == [text[start:end] for start, end in links(text)]


def test_many_brackets() -> None:
    """Brackets without an end take no longer than any other signs do, give or take."""
    began = time.process_time()
    assert 1 == len(links("https://a.example/" + ")" * 400_000))

    assert 10 > time.process_time() - began  # it took minutes when each was counted anew
