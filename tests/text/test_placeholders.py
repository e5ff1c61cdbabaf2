"""Saved replies are filled in from a closed list, and what people call themselves does no harm."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.text import moments
from bridge.text.links import links, mentions
from bridge.text.placeholders import (
    EMPTY,
    LONGEST_VALUE,
    UNKNOWN,
    Unfilled,
    Word,
    fill,
    first_name,
    harmless,
    placeholders,
    values,
)

ADA = values(
    name="Ada Lovelace",
    handle="@ada@far.example",
    agent="Ines Moreau",
    account="acme",
    opening="Monday 23 November, 09:00 (CET)",
)
NOBODY = values()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dear [[first_name]],", "Dear Ada,"),
        ("Dear [[ First_Name | there ]],", "Dear Ada,"),
        ("[[name]] ([[handle]])", "Ada Lovelace (ada)"),
        ("Yours, [[agent]] of [[account]]", "Yours, Ines of acme"),
        ("We open [[opening|soon]].", "We open Monday 23 November, 09:00 (CET)."),
        ("the matrix [[1, 2], [3, 4]] stays", "the matrix [[1, 2], [3, 4]] stays"),
        ("[not one] {nor: this} {{or.that}}", "[not one] {nor: this} {{or.that}}"),
        ("", ""),
    ],
)
def test_what_is_filled_in(text: str, filled: str) -> None:
    assert fill(text, ADA) == filled


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dear [[first_name|there]],", "Dear there,"),
        ("Dear customer[[name|]],", "Dear customer,"),
        ("[[opening|a | b]]", "a | b"),
    ],
)
def test_a_fallback_stands_where_there_is_no_value(text: str, filled: str) -> None:
    assert fill(text, NOBODY) == filled


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Dear [[frist_name]]", UNKNOWN),
        ("Dear [[customer|there]]", UNKNOWN),
        ("Dear [[name", UNKNOWN),
        ("Dear [[name]", UNKNOWN),
        ("Dear [[na\nme]]", UNKNOWN),
        ("Dear [[name|[[handle]]]]", UNKNOWN),
        ("Dear [[name]]", EMPTY),
        ("Yours, [[agent]]", EMPTY),
    ],
)
def test_what_cannot_be_filled_in_is_told_and_not_sent(text: str, code: str) -> None:
    with pytest.raises(Unfilled) as unfilled:
        fill(text, NOBODY)
    assert unfilled.value.why == code
    assert unfilled.value.found.whole in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Lovelace", "Ada"),
        ("  ada  ", "ada"),
        ("Zoë 🌻", "Zoë"),
        ("🌻 Zoë", "Zoë"),
        ("Jean-Luc Picard", "Jean-Luc"),
        ("O'Neil Ada", "O'Neil"),
        ("محمد علی", "محمد"),
        ("A. Lovelace", ""),
        ("🌻🌻", ""),
        ("4711", ""),
        ("https://evil.example/win", ""),
        ("evil.example", ""),
        ("WWW.evil.example Ada", "Ada"),
        ("@everyone", "everyone"),
        ("[[agent]]", "agent"),
        ("", ""),
    ],
)
def test_what_somebody_is_called(name: str, shown: str) -> None:
    assert first_name(name) == shown


def test_a_handle_makes_no_link() -> None:
    filled = fill("Hi [[handle]]", values(handle="nike.com"))
    assert "nike.com" not in filled
    assert filled.replace("\N{WORD JOINER}", "") == "Hi nike.com"
    assert fill("Hi [[handle|you]]", values(handle="a b<c>")) == "Hi you"


@given(st.text(max_size=300))
@example("[[agent]] @mallory https://evil.example \u202egnp.exe\x00\n\u2028")
@example("x" * 500)
@example("@@ada@evil.example[[name")
@example("e" + "\u0301" * 200)
@example("www.evil.example evil.example/x mailto:a@b.example t.me/evil")
@example("\uff20channel \uff03win")
def test_a_name_can_do_no_harm(name: str) -> None:
    """Whatever somebody calls themselves: one line, nobody mentioned, no link, not long, and
    nothing that would be filled in again."""
    for value in (harmless(name), first_name(name)):
        assert not links(value)
        assert not mentions(value)
        assert not placeholders(f"[[{value}"[2:])
        assert not regex.search(r"[\[\]@＠#\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", value)
        assert not regex.search(r"\w\.[a-z]{2,}", value)
        assert len(regex.findall(r"\X", value)) <= LONGEST_VALUE
        assert value == value.strip()
        assert harmless(value) == value


@given(st.text(alphabet="[]|a name_1\n", max_size=60))
def test_everything_else_stays_as_it_is(text: str) -> None:
    """What is no placeholder is not touched; one of an unknown word is never passed over."""
    found = placeholders(text)
    if all(each.known for each in found):
        expected = text
        for each in found:
            expected = expected.replace(each.whole, "x", 1)
        assert fill(text, dict.fromkeys(Word, "x")) == expected
    else:
        with pytest.raises(Unfilled):
            fill(text, dict.fromkeys(Word, "x"))


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        (("de-AT",), "Montag, 23. November, 09:00 Uhr (CET)"),
        (("en",), "Monday 23 November, 09:00 (CET)"),
        (("fr",), "lundi 23 novembre, 09:00 (CET)"),
        (("es",), "lunes 23 de noviembre, 09:00 (CET)"),
        (("pt-BR",), "segunda-feira, 23 de novembro, 09:00 (CET)"),
        (("pl", "it"), "lunedì 23 novembre, 09:00 (CET)"),
        (("", "nl"), "maandag 23 november, 09:00 (CET)"),
        (("pl", "cs"), "2026-11-23, 09:00 (CET)"),
    ],
)
def test_a_moment_in_the_customers_language(languages: tuple[str, ...], said: str) -> None:
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert moments.spoken(at, "Europe/Berlin", languages) == said


def test_a_moment_in_a_ticket_field() -> None:
    """Summer time included, and zones that have no letters of their own."""
    winter, summer = datetime(2026, 1, 5, 8, 0, tzinfo=UTC), datetime(2026, 7, 5, 8, 0, tzinfo=UTC)
    assert moments.field(winter, "Europe/Berlin") == "2026-01-05 09:00 CET"
    assert moments.field(summer, "Europe/Berlin") == "2026-07-05 10:00 CEST"
    assert moments.field(winter, "Asia/Kathmandu") == "2026-01-05 13:45 UTC+5:45"
    assert moments.field(winter, "America/Sao_Paulo") == "2026-01-05 05:00 UTC-3"
