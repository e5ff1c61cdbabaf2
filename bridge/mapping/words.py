"""The nearest valid word for a misspelt one, and lists as people say them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# What admins call things elsewhere, and what they are called here.
_ALSO_CALLED = {
    "direct": "dm",
    "message": "dm",
    "private_message": "dm",
    "tweet": "post",
    "toot": "post",
    "status": "post",
    "retweet": "repost",
    "boost": "repost",
    "reblog": "repost",
    "share": "repost",
    "answer": "reply",
    "medium": "normal",
    "critical": "urgent",
    "truncate": "split",
    "match": "when",
    "if": "when",
    "ignore": "skip",
    "drop": "skip",
    "channel": "network",
    "lang": "language",
    "keywords": "words",
    "timezone": "zone",
    "tz": "zone",
}

_MOST_LISTED = 12


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?`, or what there is to choose from, or "" where there is nothing."""
    words = sorted(set(known))
    folded = {known_word.casefold(): known_word for known_word in reversed(words)}
    wanted = word.casefold().strip()
    meant = folded.get(wanted, _ALSO_CALLED.get(wanted.replace("-", "_"), ""))
    if meant not in words:
        close = get_close_matches(wanted, folded, n=1, cutoff=0.6)
        meant = folded[close[0]] if close else ""
    if meant:
        return f'did you mean "{meant}"?'
    if words and len(words) <= _MOST_LISTED:
        return f"it can be {either(words)}"
    return ""


def unknown(word: str, known: Iterable[str], what: str = "") -> str:
    """The whole sentence: `"mentoin" is not known: did you mean "mention"?`"""
    hint = did_you_mean(word, known)
    about = f'unknown {what} "{shown(word)}"' if what else f'"{shown(word)}" is not known'
    return about + (f": {hint}" if hint else "")


def shown(word: str) -> str:
    """A word as a message can carry it: one line, not too long."""
    line = " ".join(word.split())
    return line if len(line) <= 60 else line[:57] + "..."


def either(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *most, last = list(words)
    return f"{', '.join(most)} or {last}" if most else last
