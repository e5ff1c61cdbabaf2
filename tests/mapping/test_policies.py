"""What holds for an account: its own word, the word for all, the default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from bridge.mapping import (
    AfterClosing,
    ErasedAt,
    Mapping,
    MediaPolicy,
    Per,
    Removed,
    ThreadPolicy,
    WhenTooLong,
)
from bridge.mapping.values import WORDING_MOST, wording
from bridge.mapping.wording import built_in
from bridge.model import Kind, Visibility
from bridge.settings import Secret

Load = Callable[[str], Mapping]

TWO = """\
accounts:
  acme:
    network: pigeon
    options: {url: env:PIGEON_URL, token: env:PIGEON_TOKEN, poll_seconds: 20}
  shop:
    network: instagram
    language: pt-BR
    options: {url: https://loft.example, token: env:PIGEON_TOKEN}
    threads: {default: {reopen_within: 30m}, dm: {after_closing: new}}
    handover: {notice: false, wording: {de: Hallo}}
    replies: {too_long: {public: split}}
    media: {copy: false}
rules:
  - {name: All, route: {group: Support}}
"""
TOP = """\
threads: {default: {per: thread, reopen_within: always}, comment: {reopen_within: 2h}}
handover: {notice: true, wording: {en: Hi, de-AT: Servus, xx: First}}
replies: {too_long: split}
media: {copy: true}
"""


def test_defaults(load_text: Load) -> None:
    """Unsaid: public, each author of a thread; private, each person; and nothing is split in
    public."""
    mapping = load_text(TWO)
    days = timedelta(days=14)
    public = ThreadPolicy(Per.AUTHOR, days, AfterClosing.FOLLOW_UP)
    for kind in set(Kind) - {Kind.DM}:
        assert mapping.threads("acme", kind) == public
    private = ThreadPolicy(Per.PERSON, days, AfterClosing.FOLLOW_UP)
    assert mapping.threads("acme", Kind.DM) == private
    assert mapping.too_long("acme", Visibility.PUBLIC) is WhenTooLong.REFUSE
    assert mapping.too_long("acme", Visibility.PRIVATE) is WhenTooLong.SPLIT
    assert mapping.media("acme") == MediaPolicy(copy=True)
    assert mapping.handover("acme").notice
    assert mapping.accounts["acme"].language == "en"


def test_the_account_before_all(load_text: Load) -> None:
    """Each single word of an account goes before the one at the top, the others stay."""
    mapping = load_text(TWO + TOP)
    always = ThreadPolicy(Per.THREAD, None, AfterClosing.FOLLOW_UP)
    assert mapping.threads("acme", Kind.MENTION) == always
    assert mapping.threads("acme", Kind.COMMENT) == replace(
        always, reopen_within=timedelta(hours=2)
    )
    half_an_hour = timedelta(minutes=30)
    assert mapping.threads("shop", Kind.COMMENT) == replace(always, reopen_within=half_an_hour)
    assert mapping.threads("shop", Kind.DM).after_closing is AfterClosing.NEW
    assert mapping.too_long("acme", Visibility.PUBLIC) is WhenTooLong.SPLIT
    assert mapping.media("shop") == MediaPolicy(copy=False)
    assert (mapping.handover("acme").notice, mapping.handover("shop").notice) == (True, False)


def test_no_default_shares_private_messages(load_text: Load) -> None:
    """`per` of `default` leaves private messages alone; only `dm` itself changes them."""
    assert load_text(TWO + TOP).threads("acme", Kind.DM).per is Per.PERSON
    asked = load_text(TWO + "threads: {default: {per: author}, dm: {per: thread}}\n")
    assert asked.threads("acme", Kind.DM).per is Per.THREAD


def test_what_becomes_of_removed_words(load_text: Load) -> None:
    """Redacted unless said otherwise; an account's own word goes before the one at the top."""
    assert load_text(TWO).removed("acme") is Removed.REDACT
    own = TWO.replace("media: {copy: false}", "removed: redact")
    mapping = load_text(own + "removed: note\n")
    assert [mapping.removed(name) for name in ("acme", "shop", "gone")] == [
        Removed.NOTE,
        Removed.REDACT,
        Removed.NOTE,
    ]


def test_what_erasing_does_at_the_helpdesk(load_text: Load) -> None:
    """Redacted unless said otherwise."""
    assert load_text(TWO).erased_at is ErasedAt.REDACT
    assert load_text(TWO + "erasure: {helpdesk: delete_user}\n").erased_at is ErasedAt.DELETE_USER


WORDINGS = [
    ("acme", "de-AT", "Servus"),
    ("acme", "de_at", "Servus"),
    ("acme", "de-CH", dict(built_in(""))["de"]),
    ("shop", "de-CH", "Hallo"),
    ("acme", "en-GB", "Hi"),
    ("acme", "", "Hi"),
    ("acme", "zh", "Hi"),
    ("shop", "zh", dict(built_in("instagram"))["pt"]),
    ("gone", "fr", dict(built_in(""))["fr"]),
    ("gone", "zh", "Hi"),
]


@pytest.mark.parametrize(("account", "language", "expected"), WORDINGS)
def test_wording(load_text: Load, account: str, language: str, expected: str) -> None:
    """The exact tag, the language alone, the account's language, in this order."""
    assert load_text(TWO + TOP).wording(account, language) == expected


def test_the_first_wording_at_last(load_text: Load) -> None:
    """Where not even the account's language has words, the first there is is taken."""
    mapping = load_text(
        TWO.replace("language: pt-BR", "language: zh") + "handover: {wording: {xx: First}}\n"
    )
    assert mapping.wording("shop", "yy") == "First"


def test_built_in_wording() -> None:
    """Every built-in sentence obeys the rules for wording; requests are named on Instagram only."""
    for network in ("", "mastodon", "instagram"):
        for tag, text in built_in(network):
            assert wording(text) == text, tag
            assert len(text) <= WORDING_MOST
    assert "requests" in dict(built_in("instagram"))["en"]
    assert "requests" not in dict(built_in("mastodon"))["en"]


def test_an_account_that_is_gone(load_text: Load) -> None:
    """A conversation whose account left the mapping still gets an answer to every question."""
    mapping = load_text(TWO + TOP)
    assert mapping.threads("gone", Kind.DM).per is Per.PERSON
    assert mapping.too_long("gone", Visibility.PUBLIC) is WhenTooLong.SPLIT
    assert mapping.media("gone") == MediaPolicy(copy=True)


def test_options(load_text: Load) -> None:
    """Secrets arrive as `Secret`, other options as their schema makes them; none can be seen."""
    account = load_text(TWO).accounts["acme"]
    expected: dict[str, Any] = {
        "url": "https://loft.example",
        "token": Secret("coo-coo-7731"),
        "poll_seconds": 20,
    }
    assert account.options == expected
    assert "coo" not in repr(load_text(TWO))


def test_the_digest(load_text: Load) -> None:
    """The digest is that of the text, and line ends do not count."""
    mapping = load_text(TWO)
    assert mapping.text == TWO
    assert mapping.digest == sha256(TWO.encode()).hexdigest()
    assert load_text(TWO.replace("\n", "\r\n")).digest == mapping.digest
    assert load_text("\ufeff" + TWO).digest == mapping.digest
    assert replace(mapping, number=3).number == 3
