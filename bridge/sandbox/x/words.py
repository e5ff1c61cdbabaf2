"""What is in a text, what it weighs, and what X makes of its links.

- Weight: https://docs.x.com/fundamentals/counting-characters, by X's own algorithm
- Links become https://t.co/…, whatever their length: https://help.x.com/en/using-x/url-shortener
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from twitter_text import extract_urls_with_indices, parse_tweet

from bridge.sandbox.x.posts import Link

_MENTION = re.compile(r"(?<![\w@/])@(\w{1,15})(?!\w|@)")
_HASHTAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
_CASHTAG = re.compile(r"(?<!\S)\$([A-Za-z]{1,6})\b")
_SHOWN_OF_LINK = 26


@dataclass(frozen=True, slots=True)
class Span:
    """`value` is without its sign; offsets count code points."""

    value: str
    start: int
    end: int


def mentions(text: str) -> tuple[Span, ...]:
    return _spans(_MENTION, text)


def hashtags(text: str) -> tuple[Span, ...]:
    return _spans(_HASHTAG, text)


def cashtags(text: str) -> tuple[Span, ...]:
    return _spans(_CASHTAG, text)


def weight(text: str) -> int:
    weighed: int = parse_tweet(text).weightedLength
    return weighed


def has_link(text: str) -> bool:
    return bool(extract_urls_with_indices(text))


def shorten(text: str) -> tuple[str, tuple[Link, ...]]:
    """The text with every link replaced by X's own, and what each stands for."""
    parts, links, at = [], [], 0
    for found in extract_urls_with_indices(text):
        start, end = found["indices"]
        link = short_link(found["url"])
        parts += [text[at:start], link.short]
        links.append(link)
        at = end
    return "".join([*parts, text[at:]]), tuple(links)


def short_link(url: str, media: str = "") -> Link:
    expanded = url if "://" in url else f"http://{url}"
    code = hashlib.sha256(f"{expanded}{media}".encode()).hexdigest()[:10]
    bare = re.sub(r"^https?://(www\.)?", "", expanded)
    bare = re.sub(r"^twitter\.com/", "x.com/", bare)
    shown = bare if len(bare) <= _SHOWN_OF_LINK else bare[:_SHOWN_OF_LINK] + "…"
    return Link(f"https://t.co/{code}", expanded, shown, media)


def _spans(pattern: re.Pattern[str], text: str) -> tuple[Span, ...]:
    return tuple(Span(one[1], one.start(), one.end()) for one in pattern.finditer(text))
