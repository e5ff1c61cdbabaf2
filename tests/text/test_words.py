"""The sentences for agents."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge import errors
from bridge.model import Kind, Outcome, Person, Post, Visibility
from bridge.text.words import (
    CODES,
    LANGUAGES,
    LONGEST_SUBJECT,
    edited,
    help_with_commands,
    network_name,
    note,
    redacted,
    removed,
    subject,
    table,
)

PROMISED = {
    "refused", "expired", "too_long", "needs_sign_in", "unknown", "gone", "misconfigured",
    "no_private_way", "attachment_refused", "notice_refused", "dm_failed_no_notice",
    "delivered_after_retry", "went_privately", "nothing_to_retry",
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_every_sentence(language: str) -> None:
    """The same codes everywhere, each with the same blanks to fill."""
    assert set(LANGUAGES[language]) == CODES
    blanks = {
        code: {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        for code, sentence in LANGUAGES[language].items()
    }
    assert blanks == {
        code: {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        for code, sentence in LANGUAGES["en"].items()
    }


def test_every_failure_and_outcome_has_a_sentence() -> None:
    """Whatever the flow can meet, there is something to say about it."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    codes = {each.code for each in kinds if issubclass(each, errors.PersonMustAct)}
    outcomes = {str(outcome) for outcome in Outcome} - {Outcome.DELIVERED}
    assert (codes | outcomes | PROMISED) - CODES == set()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("code", sorted(CODES - {"subject"}))
def test_sentences_are_whole(code: str, language: str) -> None:
    """With and without a detail, no blank is left, no space doubled, no full stop twice."""
    for detail in ("", "612 of 500.", "{braces} and\nlines"):
        text = note(code, network="mastodon", detail=detail, language=language)
        assert "  " not in text
        assert ".." not in text
        assert "\n" not in text
        assert "{said}" not in text
        assert "{network}" not in text


def test_the_detail_is_said_and_bounded() -> None:
    """The network's own words are quoted in one line of bounded length."""
    said = note("refused", network="mastodon", detail="Text can't be\nblank.")
    assert said.startswith("Mastodon refused this reply: Text can't be blank. Nothing was sent")
    assert "(612 of 500)" in note("too_long", network="mastodon", detail="612 of 500")
    assert len(note("refused", network="x", detail="y" * 9000)) < 600


def test_an_unknown_code_still_says_something() -> None:
    """With the code in it, so that it can be looked up."""
    assert "odd_thing" in note("odd_thing", network="mastodon")


def test_languages_are_found_by_their_tag() -> None:
    """`de-AT` reads German; a language we lack reads English."""
    assert table("de-AT") is LANGUAGES["de"]
    assert table("xx") is table("") is LANGUAGES["en"]
    assert "abgelehnt" in note("refused", network="mastodon", language="DE")


def test_networks_are_called_by_their_names() -> None:
    """As people write them; new ones are at least capitalised."""
    assert network_name("mastodon") == "Mastodon"
    assert network_name("app_store") == "App Store"
    assert network_name("new_net") == "New net"
    assert network_name("") == ""


MENTION = Post(
    account="acme",
    network="mastodon",
    id="1",
    kind=Kind.MENTION,
    visibility=Visibility.PUBLIC,
    author=Person("mastodon", "7", "ada@example.social", "Ada"),
    text="",
    created_at=datetime(2026, 11, 21, tzinfo=UTC),
    thread_id="1",
)


def post(text: str, **more: Any) -> Post:
    return replace(MENTION, text=text, **more)


def test_a_subject_says_what_where_who_and_how_it_begins() -> None:
    """In one line of bounded length; private is called private; a given subject comes first."""
    assert subject(post("My order\nis late")) == "Mastodon mention from Ada: My order is late"
    assert subject(post("")) == "Mastodon mention from Ada"
    private = post("psst", visibility=Visibility.PRIVATE)
    assert subject(private) == "Mastodon private message from Ada: psst"
    assert subject(private, "de") == "Mastodon: private Nachricht von Ada: psst"
    assert subject(post("x", subject="Refund")).endswith(": Refund")
    assert len(subject(post("x" * 500))) == LONGEST_SUBJECT
    nameless = post("x", author=Person("mastodon", "7", "", "{0}\n" * 50))
    assert len(subject(nameless)) <= LONGEST_SUBJECT


def test_edits_and_removals_have_their_words() -> None:
    """The new text stands below the sentence, untouched; a removal says why."""
    assert edited("new\n{text}", network="mastodon") == (
        "The post was edited on Mastodon. It now reads:\n\nnew\n{text}"
    )
    assert "(by its author)" in removed("by its author", network="mastodon")
    assert redacted(network="mastodon", language="de") == "[auf Mastodon entfernt]"
    for command in ("#dm", "#public", "#retry"):
        assert command in help_with_commands(network="mastodon")
