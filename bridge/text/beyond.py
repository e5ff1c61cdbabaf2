"""Whether a post says more than another that it is alike to: a need of somebody's own may be a few
words behind everybody's. Pure.

Words count, and of those only how they begin: who writes `log-ins` for `login` says nothing more.
In scripts without gaps a sentence is one word, so that only question marks tell there.
"""

from __future__ import annotations

from bridge.text.alike import bare

MOST = 5
"""So many new words are an opener, a slip, a groan."""
ASKED = 2
"""So many with a new question mark: "anyone else?", "any update?"."""

_BEGINS = 4
_ASKS = "?？؟"
_OWN = frozenset(
    (
        *("i", "me", "my", "mine", "we", "us", "our", "ours"),
        *("ich", "mir", "mich", "mein", "meine", "meinen", "meinem", "meiner", "meines"),
        *("wir", "uns", "unser", "unsere", "unseren", "unserem"),
        *("je", "j", "moi", "mon", "ma", "mes", "nous", "notre", "nos"),
        *("yo", "mi", "mis", "nuestro", "nuestra"),
        *("io", "mio", "mia", "miei", "mie", "nostro", "nostra"),
        *("eu", "meu", "minha", "ik", "mij", "mijn", "wij", "onze"),
    )
)
"""Whoever speaks of themselves, where the other does not: English, German, French, Spanish,
Italian, Portuguese, Dutch."""


def says_more(text: str, other: str) -> bool:
    """Whether a text may have a need in it that the other has not."""
    return len(_new(text, other)) > MOST or is_own(text, other)


def is_own(text: str, other: str) -> bool:
    """Whether somebody speaks of themselves, or asks, where the other does not: however many do,
    each means something of their own."""
    if not _OWN.isdisjoint({*bare(text).split()} - {*bare(other).split()}):
        return True
    return _questions(text) > _questions(other) and len(_new(text, other)) > ASKED


def _new(text: str, other: str) -> list[str]:
    begin = {word[:_BEGINS] for word in bare(other).split()}
    return [word for word in {*bare(text).split()} if word[:_BEGINS] not in begin]


def _questions(text: str) -> int:
    return sum(map(text.count, _ASKS))
