"""Whom a text would reach: on Mastodon, an @ decides who receives a private post.

A `direct` status is delivered to whoever its text mentions, and to nobody else
(https://docs.joinmastodon.org/entities/Status/#visibility). So a private reply mentions the person
answered, and every other @ that an agent typed is made harmless before it is sent.

Mastodon takes `@name` or `@name@server` for a mention unless a letter, digit, `_`, `/` or `=`
stands before it (`MENTION_RE` in
https://github.com/mastodon/mastodon/blob/main/app/models/account.rb). Other servers have rules of
their own, so ours is the stricter one: only what looks like an e-mail address is left alone.
"""

from __future__ import annotations

import re
import unicodedata

import regex

from bridge.model import Person
from bridge.text.html import whole

WORD_JOINER = "\u2060"
"""Invisible, no space, belongs to no name: behind an @ it makes a plain sign of it."""

_HANDLE = regex.compile(r"[A-Za-z0-9_](?:[\w.-]*\w)?(?:@[\w.-]*\w(?::[0-9]{1,5})?)?")
_MENTION = regex.compile(
    r"(?<![\w/=])@([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)"
    r"(?:@([\w.-]*\w(?::[0-9]{1,5})?))?"
)
_LEADING = regex.compile(r"\s*(?:@[\w.-]+(?:@[\w.:-]+)?[\s,:]*)+")
_URL = re.compile(r"(https?://\S+)", re.IGNORECASE)
_AT_IN_URL = re.compile(r"(?<![A-Za-z0-9_])[@＠]")
_AT_IN_WORDS = re.compile(r"(?<![A-Za-z0-9_])[@＠]\S*")


def mention_of(person: Person, local: str) -> str:
    """`@ada@example.social`, `@ada` for those who live on `local`; "" for a handle that would be
    read as something else, which is then not to be written."""
    if not _HANDLE.fullmatch(person.handle):
        return ""
    name, _, domain = person.handle.partition("@")
    if domain.casefold() == local.casefold():
        return f"@{name}"
    return f"@{person.handle}"


def public_text(text: str, person: Person, local: str) -> str:
    """What the agent wrote, behind a mention of the person unless they are mentioned already."""
    text = whole(text).strip()
    mention = mention_of(person, local)
    if not mention or any(_same(mention, found[0], local) for found in _MENTION.finditer(text)):
        return text
    return f"{mention} {text}".strip()


def private_text(text: str, person: Person, local: str) -> str:
    """What the agent wrote, behind a mention of the person; no other @ in it mentions anybody."""
    text = whole(text).strip()
    mention = mention_of(person, local)
    first = _MENTION.match(text)
    if first and _same(mention, first[0], local):
        text = text[first.end() :].lstrip()
    return f"{mention} {harmless(text)}".strip()


def harmless(text: str) -> str:
    """The same to the eye, mentioning nobody: links keep leading where they led."""
    pieces = _URL.split(text)
    return "".join(
        _AT_IN_URL.sub("%40", piece) if at % 2 else _AT_IN_WORDS.sub(_joined, piece)
        for at, piece in enumerate(pieces)
    )


def _joined(found: re.Match[str]) -> str:
    return re.sub("[@＠]", rf"\g<0>{WORD_JOINER}", found[0])


def _same(mention: str, other: str, local: str) -> bool:
    return _full(mention, local) == _full(other, local)


def _full(mention: str, local: str) -> str:
    name, _, domain = mention.removeprefix("@").partition("@")
    return f"{name}@{domain or local}".casefold()


def gist(text: str) -> str:
    """What is left of a text when everything is taken away that servers change: links, spaces,
    invisible signs, the server part of mentions, mentions at the start. For comparing only."""
    text = _URL.sub("", unicodedata.normalize("NFC", text))
    text = _MENTION.sub(r"@\1", text)
    leading = _LEADING.match(text)
    text = text[leading.end() :] if leading else text
    return "".join(
        sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cf"
    ).casefold()
