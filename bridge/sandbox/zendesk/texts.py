"""The three bodies of a comment: as typed, as HTML, and as plain text."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import nh3

_LINK = re.compile(r"https?://[^\s<>\"']+")
_REDACTED = re.compile(r"<redact>(.*?)</redact>", re.DOTALL)
_REDACTED_TAG = re.compile(r"<(\w+)\b[^>]*\sredact(?:=\"[^\"]*\")?(?=[\s>/])[^>]*>", re.DOTALL)
_ATTRIBUTES = {
    "div": {"class", "dir"},
    "p": {"dir"},
    "a": {"href", "target"},
    "img": {"src", "alt"},
}
BLOCK = "\N{LOWER SEVEN EIGHTHS BLOCK}"


def html_of(text: str) -> str:
    """Plain text as the helpdesk's editor would mark it up, with links made clickable."""
    paragraphs = [part for part in re.split(r"\n{2,}", text.strip("\n")) if part.strip()]
    marked = "".join(f'<p dir="auto">{_line_breaks(part)}</p>' for part in paragraphs)
    return f'<div class="zd-comment" dir="auto">{marked}</div>'


def clean(html: str) -> str:
    """What an API caller or an agent sent as HTML, without anything that could act."""
    return nh3.clean(html, attributes=_ATTRIBUTES, link_rel="noreferrer noopener")


def text_of(html: str) -> str:
    """The words of an HTML body, one line per block or break."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = [line.strip(" \t") for line in "".join(reader.words).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n ")


def plain_of(text: str) -> str:
    """`plain_body`, in which a no-break space may stand as `&nbsp;`."""
    return text.replace("\N{NO-BREAK SPACE}", "&nbsp;")


def redacted(html: str) -> str:
    """An HTML body in which what stands between redact tags is blacked out for good."""

    def black(match: re.Match[str]) -> str:
        return BLOCK * len(text_of(match.group(1)))

    return _REDACTED_TAG.sub("", _REDACTED.sub(black, html))


def blacked(body: str, text: str) -> str:
    """`body` with every occurrence of `text` blacked out."""
    return body.replace(text, BLOCK * len(text))


def _line_breaks(part: str) -> str:
    def linked(line: str) -> str:
        pieces: list[str] = []
        at = 0
        for match in _LINK.finditer(line):
            pieces.append(escape(line[at : match.start()], quote=False))
            url = escape(match.group(0))
            pieces.append(f'<a href="{url}" rel="noreferrer">{url}</a>')
            at = match.end()
        return "".join((*pieces, escape(line[at:], quote=False)))

    return "<br>".join(linked(line) for line in part.split("\n"))


class _Words(HTMLParser):
    """Collects the words; blocks and breaks become new lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" or (tag in ("p", "div", "li", "blockquote") and self.words):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        self.words.append(data)
