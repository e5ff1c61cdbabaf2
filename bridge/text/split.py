"""One long answer as several messages, broken where a reader would pause."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import regex

from bridge.errors import TooLong
from bridge.text.links import links, mentions

Weigh = Callable[[str], int]

_PARAGRAPH, _SENTENCE, _WORD = 3, 2, 1
_PAUSE = regex.compile(r"\s+|(?<=[。！？])(?=\S)")
_SENTENCE_END = regex.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_GRAPHEME = regex.compile(r"\X")
_MOST_DIGITS = 3


def split(
    text: str,
    most: int,
    weigh: Weigh,
    first_prefix_weight: int = 0,
    next_prefix_weight: int = 0,
) -> tuple[str, ...]:
    """The text as messages of at most `most` each, numbered "(1/3)" if there are several.

    The prefix weights are what the caller will put before the first and before each further
    message (a mention, say). Breaks after paragraphs, else sentences, else words; inside a word
    only if the word alone is too long; never inside a link or a mention. Raises `TooLong` where
    that cannot be done.
    """
    text = text.strip()
    if weigh(text) + first_prefix_weight <= most:
        return (text,)
    for digits in range(1, _MOST_DIGITS + 1):
        nines = "9" * digits
        mark = f" ({nines}/{nines})"
        prefixes = (first_prefix_weight, next_prefix_weight)
        pieces = _pieces(text, mark, most, weigh, prefixes, 10**digits)
        if len(pieces) < 10**digits:
            return tuple(
                f"{piece} ({number}/{len(pieces)})" for number, piece in enumerate(pieces, 1)
            )
    raise TooLong("the text would make more than a thousand messages")


def _pieces(
    text: str, mark: str, most: int, weigh: Weigh, prefixes: tuple[int, int], enough: int
) -> list[str]:
    """All of them, or the first `enough`."""
    pieces: list[str] = []
    while text and len(pieces) < enough:
        room = most - prefixes[min(len(pieces), 1)]

        def fits(piece: str, room: int = room) -> bool:
            return weigh(piece + mark) <= room

        end = _cut(_reach(text, most, fits), fits)
        pieces.append(text[:end])
        text = text[end:].lstrip()
    return pieces


def _reach(text: str, most: int, fits: Callable[[str], bool]) -> str:
    """As much of the text as the next message may need: all of it every time would take minutes
    for a long one. Signs may weigh nothing (in a link, say), so it is more until it is too much."""
    size = 4 * most + 2_000
    while size < len(text):
        if not fits(text[:size]):
            return text[:size]
        size *= 2
    return text


def _cut(text: str, fits: Callable[[str], bool]) -> int:
    """Where the next message ends. Raises `TooLong` if not even one piece of it fits."""
    if fits(text):
        return len(text)
    pauses = _pauses(text)
    ends = [end for end, _ in pauses]
    fitting = _last_fitting(text, ends, fits)
    for kind in (_PARAGRAPH, _SENTENCE):
        good = [end for end, level in pauses[:fitting] if level >= kind]
        if good and good[-1] * 2 >= ends[fitting - 1]:
            return good[-1]  # at least half full: worth ending at the better place
    if fitting:
        return ends[fitting - 1]
    return _cut_word(text[: ends[0]] if ends else text, fits)


def _cut_word(word: str, fits: Callable[[str], bool]) -> int:
    whole = (*links(word), *mentions(word))
    ends: list[int] = [
        match.end()
        for match in _GRAPHEME.finditer(word)
        if not any(start < match.end() < end for start, end in whole)
    ]
    fitting = _last_fitting(word, ends, fits)
    if not fitting:
        raise TooLong("a link, a mention or a single character is longer than a whole message")
    return ends[fitting - 1]


def _last_fitting(text: str, ends: list[int], fits: Callable[[str], bool]) -> int:
    """How many of the ends fit: weights grow with the text, but for a link that is complete only
    at a later end, so the found place is walked back until it holds."""
    count = bisect_right(ends, False, key=lambda end: not fits(text[:end]))
    while count and not fits(text[: ends[count - 1]]):
        count -= 1
    return count


def _pauses(text: str) -> list[tuple[int, int]]:
    """Every place to break at: where the words before it end, and how good a place it is."""
    whole = links(text)
    found: list[tuple[int, int]] = []
    for match in _PAUSE.finditer(text):
        end = match.start()
        if end == 0 or any(start < end < stop for start, stop in whole):
            continue
        if match.group().count("\n") >= 2:
            level = _PARAGRAPH
        elif "\n" in match.group() or _SENTENCE_END.search(text, max(0, end - 8), end):
            level = _SENTENCE
        else:
            level = _WORD
        found.append((end, level))
    return found
