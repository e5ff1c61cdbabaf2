"""What strangers wrote as HTML, as plain text that loses nothing a reader needs.

nh3 makes it harmless and well-formed first; what is left is read line by line. Mastodon's markup
(shortened links in spans "invisible" and "ellipsis", mentions and hashtags by class):
https://docs.joinmastodon.org/spec/activitypub/#sanitization.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

LONGEST_INPUT = 200_000
"""Characters of HTML that are read at all; no network and no helpdesk sends more in one message."""
MOST_TAGS = 5_000
"""Beyond that it is no message but an attack: thousands of nested tags take nh3 seconds (its time
grows with the square of the depth), so the tags are simply taken out."""

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1"),
    *("h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s", "span"),
    *("strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {"a": {"href", "class"}, "span": {"class"}, "img": {"alt"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_PARAGRAPHS = {"p", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "dl"}
_LINES = {"div", "li", "tr", "dt", "dd", "ul", "ol"}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e]")
# What turns the direction of what follows it: in a name, it would turn the words beside it.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DEEPEST = 12
"""Quotes within quotes, lists within lists: deeper ones are still read, but not indented more."""


def to_text(html: str, most: int = 60_000) -> str:
    """Plain text of at most `most` characters. Never raises, whatever it is given."""
    html = whole(html[:LONGEST_INPUT])
    if html.count("<") > MOST_TAGS:
        html = re.sub(r"<[^<>]*>", " ", html)
    harmless = nh3.clean(
        html.replace("<", "&lt;") if html.count("<") > MOST_TAGS else html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    page = _Page()
    page.feed(harmless)
    page.close()
    text = whole(page.text())  # once more: entities are characters only now
    return text if len(text) <= most else text[: max(most - 1, 0)].rstrip() + "…"


def whole(text: str) -> str:
    """Without what no database, no JSON and no reader takes: half characters and controls."""
    return _CONTROLS.sub("", re.sub("[\ud800-\udfff]", "\ufffd", text))


def line(text: str, most: int) -> str:
    """One line of at most `most` characters: for names and whatever stands beside other words.

    No line break, control or direction mark gets through, so that it cannot pass for something
    that the bridge said. Joiners stay: emoji and Persian need them.
    """
    said = " ".join(_TURNS.sub("", whole(text[: most * 4])).split())
    return said if len(said) <= most else said[: max(most - 1, 0)].rstrip() + "…"


@dataclass
class _Link:
    """A link being read: where it goes, and what it shows."""

    href: str
    shown: list[str] = field(default_factory=list)
    shortened: bool = False
    named: bool = False


@dataclass
class _List:
    """A list being read; `number` is None for bullets."""

    number: int | None


class _Page(HTMLParser):
    """Reads harmless HTML into lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._indents: list[str] = []
        self._marker = ""
        self._lists: list[_List] = []
        self._link: _Link | None = None
        self._pre = 0

    def text(self) -> str:
        """Everything read so far."""
        self._end_line()
        lines = [line.replace("\u00a0", " ").rstrip() for line in self._lines]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _PARAGRAPHS:
            self._gap()
        elif tag in _LINES:
            self._end_line()
        if tag == "br":
            self._end_line(even_empty=True)
        elif tag == "hr":
            self._gap()
            self._write("---")
            self._gap()
        elif tag == "pre":
            self._pre += 1
        elif tag == "blockquote":
            self._indents.append("> ")
        elif tag in ("ul", "ol"):
            start = given.get("start", "1")
            number = int(start) if re.fullmatch("[0-9]{1,6}", start) else 1
            self._lists.append(_List(number if tag == "ol" else None))
        elif tag == "li":
            self._begin_item()
        elif tag in ("td", "th") and "".join(self._line).strip():
            self._write(" | ")
        elif tag == "img":
            self._picture(given.get("alt", "").strip())
        elif tag == "a":
            classes = given.get("class", "").split()
            self._link = _Link(given.get("href", ""), named="mention" in classes)
        elif tag == "span" and self._link is not None:
            classes = given.get("class", "").split()
            if "invisible" in classes or "ellipsis" in classes:
                self._link.shortened = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            link, self._link = self._link, None
            self._write(_in_words(link))
        elif tag == "blockquote":
            self._end_line()
            self._indents = self._indents[:-1]
            self._gap()
        elif tag in _PARAGRAPHS:
            self._gap()
        elif tag in _LINES:
            self._end_line()
        if tag == "pre":
            self._pre -= 1
        elif tag == "li":
            self._indents = self._indents[:-1]
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            if not self._lists:
                self._gap()

    def handle_data(self, data: str) -> None:
        if not self._pre:
            self._write(re.sub(r"[ \t\n\r\f]+", " ", data))
            return
        first, *rest = data.replace("\r\n", "\n").split("\n")
        self._write(first)
        for line in rest:
            self._end_line(even_empty=True)
            self._write(line)

    def _write(self, text: str) -> None:
        (self._line if self._link is None else self._link.shown).append(text)

    def _picture(self, alt: str) -> None:
        """An emoji is itself; anything else is said to be a picture by its brackets."""
        if alt:
            self._write(f"[{alt}]" if re.search(r"\w", alt) and not alt.startswith(":") else alt)

    def _begin_item(self) -> None:
        own = self._lists[-1] if self._lists else _List(None)
        self._marker = "- " if own.number is None else f"{own.number}. "
        if own.number is not None:
            own.number += 1
        self._indents.append(" " * len(self._marker))

    def _end_line(self, even_empty: bool = False) -> None:
        text = "".join(self._line)
        text = text.rstrip(" ") if self._pre else re.sub(" +", " ", text).strip(" ")
        self._line.clear()
        if text or even_empty:
            self._lines.append(self._indent() + text)

    def _indent(self) -> str:
        indents = self._indents[:_DEEPEST]
        if self._marker and indents:
            indents[-1] = self._marker
        self._marker = ""
        return "".join(indents)

    def _gap(self) -> None:
        """An empty line, as deep as what follows it; not after a list marker, not two of them."""
        self._end_line()
        if self._marker or not self._lines:
            return
        if not self._lines[-1].strip("> "):
            self._lines.pop()
        self._lines.append("".join(self._indents[:_DEEPEST]))


def _in_words(link: _Link) -> str:
    shown = re.sub(r"\s+", " ", "".join(link.shown))
    text = shown.strip()
    if not link.href or (link.named and re.fullmatch(r"[@#＃]\S+", text)):
        return shown
    if not text or link.shortened or _bare(text) == _bare(link.href):
        # a web link is written as it leads; an address or number as it reads
        said = text if text and re.match("(mailto|tel):", link.href) else link.href
        return shown.replace(text, said, 1) if text else said
    return shown.replace(text, f"{text} ({link.href})", 1)


def _bare(address: str) -> str:
    """What two ways of writing the same address have in common."""
    plain = re.sub(r"^(https?://(www\.)?|www\.|mailto:|tel:)", "", address.strip().lower())
    return plain.rstrip("/")
