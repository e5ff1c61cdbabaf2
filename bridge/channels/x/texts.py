"""What a reader of X sees of a text, and how our own words are told from others.

X puts the people a reply is for before its text, shortens every link to t.co, puts links to
pictures and quoted posts behind the text, and writes three signs as HTML does.

- Visible part (`display_text_range`): https://docs.x.com/x-api/fundamentals/data-dictionary
- Links: https://help.x.com/en/using-x/url-shortener
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bridge.channels.x.payload import Post, Url

_LEADING = re.compile(r"(?:@\w{1,15}\s+)+")
_SHORT = re.compile(r"https?://t\.co/\w+")
_OWN_PICTURE = re.compile(r"/(?:status/\d+/(?:photo|video)|messages/media)/\d+/?$")
_SIGNS = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def readable(post: Post) -> str:
    """The whole text, links as they were written, without what X puts around it."""
    text = _LEADING.sub("", post.long_text, 1) if post.answers else post.long_text
    return plain(text or post.text[_hidden(post) :], post.urls, post.media_keys)


def plain(text: str, urls: tuple[Url, ...], media_keys: tuple[str, ...] = ()) -> str:
    """Links as they were written, and none to a picture that comes with the text anyway."""
    for one in urls:
        own = one.media_key or (media_keys and _OWN_PICTURE.search(one.expanded_url))
        text = text.replace(one.url, "" if own else one.expanded_url or one.url)
    return unescaped(text).strip()


def unescaped(text: str) -> str:
    for escaped, sign in _SIGNS:
        text = text.replace(escaped, sign)
    return text


def mentioned(post: Post, user_id: str, handle: str) -> bool:
    """Whether the author typed our name: the one that X itself puts before a reply is none."""
    start = _hidden(post)
    if any(
        at >= start and (one == user_id or name.casefold() == handle.casefold())
        for one, name, at in post.mentions
    ):
        return True
    typed = _LEADING.sub("", post.long_text, 1) if post.answers else post.long_text
    name = re.compile(rf"(?<![\w@/])@{re.escape(handle)}(?!\w)", re.IGNORECASE)
    return bool(name.search(typed) or name.search(post.text, start))


def _hidden(post: Post) -> int:
    """How much before the text is not the author's. Where X does not say, it is every name at the
    start of a reply."""
    leading = _LEADING.match(post.text)
    if leading is None:
        return 0
    if post.shown is not None:
        return min(post.shown[0], leading.end())
    return leading.end() if post.answers else 0


def without_name(text: str, handle: str) -> str:
    """A reply without the name of whom it answers at its start: X puts that there itself, where
    it counts for nothing. https://docs.x.com/fundamentals/counting-characters"""
    return re.sub(rf"^\s*@{re.escape(handle)}(?!\w)[\s,:]*", "", text, count=1, flags=re.IGNORECASE)


def gist(text: str) -> str:
    """What is left when all is taken away that X changes: links, names at the start, spaces, signs
    nobody sees. For comparing only."""
    text = unicodedata.normalize("NFC", unescaped(text))
    for found in reversed(_links(text)):
        start, end = found["indices"]
        text = text[:start] + text[end:]
    text = _LEADING.sub("", f"{_SHORT.sub('', text)} ", 1)
    return "".join(
        sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cf"
    ).casefold()


def has_link(text: str) -> bool:
    return bool(_links(text))


def _links(text: str) -> list[dict[str, Any]]:
    # As in bridge/text/weigh.py: loaded by whom X is served.
    from twitter_text import extract_urls_with_indices

    return list(extract_urls_with_indices(text))
