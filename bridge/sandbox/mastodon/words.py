"""What is in a text, how long Mastodon says it is, and the HTML it makes of it.

- Length: links count 23, the server part of `@user@server` is free, everything else is counted in
  graphemes: https://docs.joinmastodon.org/user/posting/#text
- HTML: https://docs.joinmastodon.org/spec/activitypub/#sanitization and the `content` of
  https://docs.joinmastodon.org/entities/Status/#content
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from html import escape

import regex

URL_WEIGHT = 23
SHOWN_OF_URL = 30

_TOKEN = regex.compile(
    r"""(?P<url>https?://[^\s<>"]+)
      | (?<![\w/=&])@(?P<mention>\w+(?:[\w.-]*\w)?(?:@\w+(?:[.-]+\w+)*)?)
      | (?<![\w/&])\#(?P<hashtag>\w*\p{L}\w*)""",
    regex.VERBOSE,
)
_PREFIX = regex.compile(r"https?://(www\.)?")


class Kind(StrEnum):
    URL = "url"
    MENTION = "mention"
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something in a text that becomes a link; `value` is without the leading @ or #."""

    kind: Kind
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """Where a mention leads, and the short name it is shown with."""

    href: str
    shown: str


def entities(text: str) -> tuple[Entity, ...]:
    """Links, mentions and hashtags, in order, never overlapping."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = Kind(match.lastgroup or "")
        value, end = match[kind.value], match.end()
        if kind is Kind.URL:
            value = value.rstrip(".,;:!?'\"")
            if value.endswith(")") and "(" not in value:
                value = value.rstrip(").,;:!?'\"")
            end = match.start() + len(value)
        found.append(Entity(kind, value, match.start(), end))
    return tuple(found)


def length(text: str) -> int:
    """In Mastodon's characters."""
    return len(regex.findall(r"\X", _rewrite(text, _counted)))


def html(text: str, base: str, link: Callable[[str], Link | None]) -> str:
    """The `content` of a status. `link` knows the people; who is not known stays plain text."""

    def marked(entity: Entity) -> str:
        if entity.kind is Kind.URL:
            return _url(entity.value)
        if entity.kind is Kind.HASHTAG:
            href = f"{base}/tags/{entity.value}"
            return (
                f'<a href="{escape(href)}" class="mention hashtag" rel="tag">'
                f"#<span>{escape(entity.value)}</span></a>"
            )
        to = link(entity.value)
        if to is None:
            return f"@{escape(entity.value)}"
        return (
            f'<span class="h-card" translate="no"><a href="{escape(to.href)}" '
            f'class="u-url mention">@<span>{escape(to.shown)}</span></a></span>'
        )

    body = _rewrite(text.replace("\r\n", "\n").strip("\n"), marked, escape)
    if not body.strip():
        return ""
    paragraphs = regex.split(r"\n{2,}", body)
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in paragraphs)


def _rewrite(
    text: str, entity: Callable[[Entity], str], between: Callable[[str], str] = str
) -> str:
    parts, at = [], 0
    for one in entities(text):
        parts += [between(text[at : one.start]), entity(one)]
        at = one.end
    return "".join([*parts, between(text[at:])])


def _counted(entity: Entity) -> str:
    if entity.kind is Kind.URL:
        return "x" * URL_WEIGHT
    if entity.kind is Kind.MENTION:
        return "@" + entity.value.split("@", 1)[0]
    return "#" + entity.value


def _url(url: str) -> str:
    """The scheme is hidden, thirty characters are shown, the rest is hidden as well."""
    match = _PREFIX.match(url)
    prefix = match[0] if match else ""
    rest = url[len(prefix) :]
    shown, hidden = rest[:SHOWN_OF_URL], rest[SHOWN_OF_URL:]
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener noreferrer" '
        f'translate="no"><span class="invisible">{escape(prefix)}</span>'
        f'<span class="{"ellipsis" if hidden else ""}">{escape(shown)}</span>'
        f'<span class="invisible">{escape(hidden)}</span></a>'
    )
