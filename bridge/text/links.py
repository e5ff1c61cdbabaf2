"""Links and mentions in plain text: what must stay in one piece, and what networks count anew."""

from __future__ import annotations

from collections import Counter

import regex

Span = tuple[int, int]

# Not after a letter or one of @ $ # / - : there Mastodon (and X before it) sees no link either.
# https://github.com/mastodon/mastodon/blob/main/config/initializers/twitter_regex.rb
_URL = regex.compile(r"(?<![\w@$#/-])https?://[^\s<>\"“”]+", regex.IGNORECASE)
_HOST = regex.compile(r"https?://[^\s/?#]+\.[^\s/?#.]", regex.IGNORECASE)
_MENTION = regex.compile(r"(?<![\w/@])@(\w+(?:[.-]+\w+)*)(?:@(\w+(?:[.-]+\w+)*))?")
_AFTER = ".,:;!?'\"’»…*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def links(text: str) -> tuple[Span, ...]:
    """Where the http and https links are, without the punctuation of the sentence around them."""
    found = []
    for match in _URL.finditer(text):
        start, end = match.span()
        left = Counter(match[0])
        while end > start:
            last = text[end - 1]
            opener = _PAIRS.get(last)
            unpaired = opener and left[last] > left[opener]
            if last not in _AFTER and not unpaired:
                break
            left[last] -= 1
            end -= 1
        if _HOST.match(text, start, end):
            found.append((start, end))
    return tuple(found)


def mentions(text: str) -> tuple[Span, ...]:
    """Where someone is mentioned as @user or @user@server, outside of links."""
    return tuple(span for span, _ in _named(text))


def short_form(text: str) -> str:
    """The text with every @user@server shortened to @user."""
    return _replaced(text, [(span, "@" + user) for span, user in _named(text)])


def replace_links(text: str, by: str) -> str:
    """The text with every link replaced by the same words."""
    return _replaced(text, [(span, by) for span in links(text)])


def _named(text: str) -> list[tuple[Span, str]]:
    taken = links(text)
    return [
        (match.span(), match.group(1))
        for match in _MENTION.finditer(text)
        if not any(start <= match.start() < end for start, end in taken)
    ]


def _replaced(text: str, changes: list[tuple[Span, str]]) -> str:
    pieces, at = [], 0
    for (start, end), words in changes:
        pieces += [text[at:start], words]
        at = end
    return "".join([*pieces, text[at:]])
