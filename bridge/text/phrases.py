"""Words and phrases that admins list, found as people write them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

# Scripts that set no spaces between words: there, a word is wherever its letters are.
_SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
# One keyboard's ' " - is another's ’ “ or no-break hyphen. NFKC takes ´ apart, so this comes first.
_SAME = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\uff07\u00b4\u0060\uff40\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
    | dict.fromkeys("\u2010\u2011", "-")
)
_UNSEEN = regex.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def said(phrases: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Which of the phrases stand in a text, in the order in which they are listed."""
    here = comparable(text)
    return tuple(phrase for phrase in phrases if pattern(phrase).search(here))


def comparable(text: str) -> str:
    """Text as it is compared: upper and lower case, full and half width, apostrophes, quotes and
    hyphens of any form alike, without what has no width (soft hyphens, joiners), as it comes along
    with what is pasted."""
    shown = _UNSEEN.sub("", unicodedata.normalize("NFKC", text.translate(_SAME)))
    return unicodedata.normalize("NFKC", shown.casefold())


@lru_cache(maxsize=1000)
def pattern(phrase: str) -> regex.Pattern[str]:
    """A whole word or phrase, to be looked for in what `comparable` made: no letter or digit may
    touch its ends, any gap fits a space."""
    letters = comparable(phrase).split()
    if not letters:
        # Words that normalise to nothing are refused on reading; they would fit everything.
        return regex.compile(r"(?!)")
    middle = r"\s+".join(regex.escape(part, special_only=True) for part in letters)
    first = letters[0][0]
    last = letters[-1][-1]
    before = "" if _is_spaceless(first) or not _is_word(first) else r"(?<!\w)"
    after = "" if _is_spaceless(last) or not _is_word(last) else r"(?!\w)"
    return regex.compile(f"{before}{middle}{after}")


def _is_spaceless(letter: str) -> bool:
    return regex.match(_SPACELESS, letter) is not None


def _is_word(letter: str) -> bool:
    return regex.match(r"\w", letter) is not None
