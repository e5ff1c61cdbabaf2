"""A number from 1 to 5, in the ways in which people write it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

BEST = 5

_MENTIONS = regex.compile(r"^(?:\s*[@＠][\w.@-]+[:,]?)+\s+")
_SHOWN_AS = regex.compile("[\\ufe00-\\ufe0f\\u20e3\\u200b\\u2060\\u200e\\u200f]")
"""Variation selectors, the keycap, and what cannot be seen."""
_ALONE = regex.compile(r"([1-5])(?:\s*(?:/|von|of|out of|sur|de|di|van)\s*5)?\s*[.!)]*", regex.I)
_LEADS = regex.compile(r"([1-5])(?:\s*/\s*5(?![\w/:%⁄-]|[.,]\d)|\s*(?:[,;!.…](?!\d)|[–—]|\n))")
"""What follows is set off from it: "3 items are missing" says how many, not how good."""
_STARS = regex.compile(r"((?:[⭐★🌟✭]\s*){1,5})(?:[☆✩]\s*)*[.!]*")


@dataclass(frozen=True, slots=True)
class Score:
    """`alone`: the message is nothing but the number."""

    number: int
    alone: bool


def score(text: str) -> Score | None:
    """The number that a message is, or begins with set off from the rest; else None."""
    plain = _SHOWN_AS.sub("", unicodedata.normalize("NFKC", _MENTIONS.sub("", text))).strip()
    stars = _STARS.fullmatch(plain)
    if stars and len(regex.findall(r"[⭐★🌟✭☆✩]", plain)) <= BEST:
        return Score(len(regex.findall(r"\S", stars[1])), alone=True)
    alone = _ALONE.fullmatch(plain)
    if alone:
        return Score(int(alone[1]), alone=True)
    leads = _LEADS.match(plain)
    return Score(int(leads[1]), alone=False) if leads else None
