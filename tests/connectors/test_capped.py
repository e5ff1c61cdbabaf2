"""What is cut, what is left out, and what is not quoted."""

from __future__ import annotations

from dataclasses import replace

from connectors.samples import HELLO

from bridge.connectors.capped import capped, fitting, units
from bridge.connectors.hushed import hushed

FAMILY = "👨‍👩‍👧"


def test_a_text_is_cut_between_characters_and_leads_to_the_whole() -> None:
    link = "https://b.example/1"
    cut = capped(FAMILY * 20, 50, link)
    assert f"{FAMILY * 3}… {link}" == cut
    assert 50 >= units(cut)
    assert "It rattles." == capped("It rattles.", 11, link)
    assert "It rattle…" == capped("It rattles.", 10, link)


def test_an_id_is_whole_or_left_out() -> None:
    assert ("ab", None, None) == (fitting("ab", 2), fitting("abc", 2), fitting("", 2))


def test_what_a_crm_says_is_told_without_what_customers_said() -> None:
    said = "post_1: 'It\n rattles.' of Ada is not a mention on mastodon"
    assert "post_1: '…' of Ada is not a … on mastodon" == hushed(said, HELLO)


def test_a_quote_that_was_cut_is_no_customers_either():
    long = replace(HELLO, text="my street is Unter den Linden 7 " * 20)
    said = f"data value too large: {long.text[:90]}… (max length=90, post_1, conversation_1)"
    shown = "data value too large:… (max length=90, post_1, conversation_1)"
    assert shown == hushed(said, long).replace("……", "…")
