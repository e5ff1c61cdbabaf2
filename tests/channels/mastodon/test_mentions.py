"""Who a text reaches."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bridge.channels.mastodon.mentions import (
    WORD_JOINER,
    gist,
    harmless,
    mention_of,
    private_text,
    public_text,
)
from bridge.model import Person

HOME = "acme.example"
ADA = Person("mastodon", "1", f"ada@{HOME}", "Ada")
BEN = Person("mastodon", "2", "ben@elsewhere.example", "Ben")

# How servers find mentions, in spirit: Mastodon (letters, marks, digits and connectors of any
# script may not stand before the @), and a server that takes any @ after which a name follows.
MASTODON = regex.compile(
    r"(?<![=/\p{L}\p{M}\p{Nd}\p{Pc}])@([A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
    r"(?:@[\p{L}\p{M}\p{Nd}\p{Pc}]+)?)"
)
CARELESS = regex.compile(r"(?<![A-Za-z0-9_])[@＠]([A-Za-z0-9_]+)")


def test_the_yardsticks_find_what_they_should() -> None:
    """A test that can find nothing proves nothing."""
    assert MASTODON.findall("to @eve and x@y") == ["eve"]
    assert CARELESS.findall("/@eve ①@eve") == ["eve", "eve"]


@pytest.mark.parametrize(
    "text",
    [
        "@eve",
        "cc @eve@evil.example!",
        "(@eve)",
        ".@eve",
        "①@eve",
        "é@eve",
        "@@eve",
        "＠eve",
        "@eve@eve@eve",
        "https://evil.example/@eve",
        "https://evil.example/?to=@eve&x=@adam",
        "HTTPS://evil.example/@eve",
        "@https://evil.example/@eve",
        "x/@eve",
        "=@eve",
        "\n@eve\n@adam",
        "@e.v-e_",
        "[@eve](https://evil.example/@eve)",
    ],
)
def test_nobody_else_is_mentioned_in_a_private_text(text: str) -> None:
    """However it is written, a name in a private reply is not an address."""
    sent = private_text(text, BEN, HOME)
    assert MASTODON.findall(sent) == ["ben@elsewhere"]
    assert CARELESS.findall(sent) == ["ben"]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["@", "＠", "eve", "https://", ".", "/", " ", "=", "_", "-", "é", "①"]),
            st.text(max_size=3),
        ),
        max_size=12,
    ).map("".join)
)
def test_no_text_at_all_mentions_somebody_once_it_is_harmless(text: str) -> None:
    """There is no way around it, and doing it twice changes nothing more."""
    safe = harmless(text)
    assert MASTODON.findall(safe) == []
    assert CARELESS.findall(safe) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to help@shop.example", "write to help@shop.example"),
        ("see https://shop.example/a?b=c", "see https://shop.example/a?b=c"),
        ("https://x.example/@eve/1", "https://x.example/%40eve/1"),
        ("ask @eve", f"ask @{WORD_JOINER}eve"),
    ],
)
def test_what_is_no_mention_stays_as_it_is(text: str, expected: str) -> None:
    """E-mail addresses and links still work for whoever reads them."""
    assert expected == harmless(text)


@pytest.mark.parametrize(
    ("text", "person", "expected"),
    [
        ("Hello", ADA, "@ada Hello"),
        ("Hello", BEN, "@ben@elsewhere.example Hello"),
        ("Hello @ada", ADA, "Hello @ada"),
        ("Hello @ADA@Acme.example!", ADA, "Hello @ADA@Acme.example!"),
        ("@ben@elsewhere.example Hello", BEN, "@ben@elsewhere.example Hello"),
        ("Hello @ben", BEN, "@ben@elsewhere.example Hello @ben"),
        ("mail ada@acme.example", ADA, "@ada mail ada@acme.example"),
        ("cc @eve", ADA, "@ada cc @eve"),
        ("", ADA, "@ada"),
        ("a\x00b\ud800c", ADA, "@ada ab\ufffdc"),
    ],
)
def test_a_public_text_mentions_the_person_once(text: str, person: Person, expected: str) -> None:
    """Before the words, unless the agent has done it; other mentions are the agent's choice."""
    assert expected == public_text(text, person, HOME)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "@ada Hello"),
        ("@ada Hello", "@ada Hello"),
        ("@ada@acme.example Hello", "@ada Hello"),
        ("@adam Hello", f"@ada @{WORD_JOINER}adam Hello"),
        ("Hello @ada", f"@ada Hello @{WORD_JOINER}ada"),
    ],
)
def test_a_private_text_begins_with_the_person(text: str, expected: str) -> None:
    """The first word is whom it goes to."""
    assert expected == private_text(text, ADA, HOME)


@pytest.mark.parametrize(
    "handle", ["", "ada eve", "ada @eve", "ada@", "@ada", "ada\n@eve", "ada@x@y", "a/b", "ada@x y"]
)
def test_a_name_that_would_be_read_as_something_else_is_not_written(handle: str) -> None:
    """Handles come from other people's servers."""
    assert mention_of(Person("mastodon", "9", handle, "?"), HOME) == ""


def test_a_server_on_a_port_of_its_own_can_be_mentioned() -> None:
    """Servers tried out on one machine differ by their ports."""
    person = Person("mastodon", "9", "ada@localhost:8080", "Ada")
    assert mention_of(person, HOME) == "@ada@localhost:8080"
    assert mention_of(person, "localhost:8080") == "@ada"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("@ada Hello there", "@ada@acme.example Hello  there"),
        ("@ada Hello there", "Hello there"),
        ("@ada See https://x.example/a", "@ada See https://X.example/a/"),
        (f"@ada cc @{WORD_JOINER}eve", "@ada cc @eve"),
        ("@ada one\n\ntwo", "@ada one two"),
        ("@ada cafe\u0301", "@ada caf\u00e9"),
    ],
)
def test_the_same_words_are_known_again(ours: str, theirs: str) -> None:
    """Servers rewrite mentions, links, spaces."""
    assert gist(ours) == gist(theirs)


def test_other_words_are_not_the_same() -> None:
    """Or every reply would be found at once."""
    assert gist("@ada Hello") != gist("@ada Goodbye")
    assert gist("@ada \U0001f44d") != gist("@ada \U0001f44e")
