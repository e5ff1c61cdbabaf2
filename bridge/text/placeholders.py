"""`[[first_name|there]]`: what saved replies and automatic texts leave to be filled in.

The words are a closed list, and nothing else is acted upon. Values come from outside, a display
name above all, so they are made harmless first: no placeholder of their own, nobody mentioned, no
link, one line, not long.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from collections.abc import Mapping as Table
from dataclasses import dataclass
from enum import StrEnum

import regex


class Word(StrEnum):
    """What may stand between the brackets."""

    FIRST_NAME = "first_name"
    NAME = "name"
    HANDLE = "handle"
    AGENT = "agent"
    ACCOUNT = "account"
    OPENING = "opening"


PEOPLES = (Word.FIRST_NAME, Word.NAME, Word.HANDLE)
"""Those that stand for what people call themselves, if they do."""

LONGEST_VALUE = 60
"""Characters, as readers see them."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`word` as it was written; `fallback` None where none was. `[[name|]]` falls back to
    nothing at all."""

    word: str
    fallback: str | None
    whole: str

    @property
    def known(self) -> Word | None:
        word = self.word.strip().casefold()
        return Word(word) if word in tuple(Word) else None


class Unfilled(Exception):
    """`why` is `UNKNOWN` or `EMPTY`, `found` the placeholder that is at fault."""

    def __init__(self, why: str, found: Placeholder) -> None:
        super().__init__(found.whole)
        self.why = why
        self.found = found


UNKNOWN, EMPTY = "unknown", "empty"

# Brackets that no letter follows ([[1, 2]]) are left as they are. One that is not closed is taken
# up to where it breaks off: nobody is sent "Dear [[name".
_PLACEHOLDER = regex.compile(
    r"\[\[(?P<word>\s*[^\W\d_][^\[\]|\n]*)(?:\|(?P<fallback>[^\[\]\n]*))?(?P<end>\]\])?"
)
_GRAPHEME = regex.compile(r"\X")
_LINKED = regex.compile(r"\w{2,}://|\bwww\.|\w\.[^\W\d_]{2,}|://", regex.IGNORECASE)
_NOT_SAID = regex.compile(r"[\[\]{}<>|@＠#＃$%`*~^=\\/:]")
_HANDLE = regex.compile(r"[\w.-]+")
_DOT = regex.compile(r"(?<=\w)\.(?=\w)")
_JOINERS = "\u200c\u200d"
_INITIAL = regex.compile(r"[^\W\d_]\.")


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """All that stand in a text, in order; one that is not closed has no word that is known."""
    return tuple(_found(match) for match in _PLACEHOLDER.finditer(text))


def values(
    *, name: str = "", handle: str = "", agent: str = "", account: str = "", opening: str = ""
) -> Table[Word, str]:
    """What the words stand for: names as people chose them, made harmless; `account` and
    `opening` are our own words. "" is no value."""
    return {
        Word.FIRST_NAME: first_name(name),
        Word.NAME: harmless(name),
        Word.HANDLE: _handle(handle),
        Word.AGENT: first_name(agent),
        Word.ACCOUNT: account,
        Word.OPENING: opening,
    }


def fill(text: str, values: Table[Word, str], leave: Collection[Word] = ()) -> str:
    """The text as it is sent; placeholders of the words in `leave` stay as they are. Raises
    `Unfilled` for a word that is not known, and for one that has neither a value nor a fallback.
    """

    def said(match: regex.Match[str]) -> str:
        found = _found(match)
        if found.known is None:
            raise Unfilled(UNKNOWN, found)
        if found.known in leave:
            return found.whole
        value = values.get(found.known, "")
        if value:
            return value
        if found.fallback is None:
            raise Unfilled(EMPTY, found)
        return found.fallback.strip()

    return str(_PLACEHOLDER.sub(said, text))


def harmless(value: str) -> str:
    """A value as it may stand in a message of ours, "" if nothing of it may."""
    words = []
    for word in _plain(value).split():
        if _LINKED.search(word) and not _INITIAL.fullmatch(word):
            continue
        word = " ".join(_NOT_SAID.sub(" ", word).split())
        if word:
            words.append(word)
    line = " ".join(words)
    if not any(letter.isalnum() for letter in line):
        return ""
    shown = _GRAPHEME.findall(line)
    if len(shown) > LONGEST_VALUE:
        line = "".join(shown[:LONGEST_VALUE]).rpartition(" ")[0] or "".join(shown[:LONGEST_VALUE])
    return line


def first_name(name: str) -> str:
    """What somebody is called, by a display name: its first word with letters. "" where there is
    none, or where it is one letter or shouts a link."""
    for word in harmless(name).split():
        plain = word.strip(".,;!?\"'()-–—•·")
        if sum(letter.isalpha() for letter in plain) > 1:
            return plain
        if _INITIAL.fullmatch(word):
            return ""  # "A. Lovelace": the initial is no name, and neither is the family's
    return ""


def _handle(handle: str) -> str:
    """Without its server, and so that no dot in it makes a link."""
    user = handle.strip().lstrip("@").partition("@")[0]
    if not _HANDLE.fullmatch(user) or len(user) > LONGEST_VALUE:
        return ""
    return str(_DOT.sub(".\N{WORD JOINER}", user))


def _found(match: regex.Match[str]) -> Placeholder:
    whole = match[0]
    word = match["word"] if match["end"] else whole
    return Placeholder(word.strip(), match["fallback"], whole)


def _plain(value: str) -> str:
    """Without what cannot be seen (control and format characters, the ways to turn lines round)
    and with no heap of marks on one letter."""
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", value):
        category = unicodedata.category(letter)
        if category in ("Cc", "Zl", "Zp", "Zs"):
            letter = " "
        elif letter not in _JOINERS and category in ("Cf", "Cs", "Co", "Cn"):
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= 3:
            kept.append(letter)
    return "".join(kept)
