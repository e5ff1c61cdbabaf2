"""Lengths and HTML are Mastodon's."""

from __future__ import annotations

import pytest

from bridge.sandbox.mastodon import words

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("hello", 5),
        ("https://example.com/" + "a" * 200, 23),
        ("see http://a.example, then", 4 + 23 + 6),
        ("@ben@elsewhere.example hi", 4 + 3),
        ("@ben hi", 7),
        ("mail@example.com", 16),
        (FAMILY + "e\u0301", 2),
    ],
)
def test_length(text: str, expected: int) -> None:
    """Links count 23, servers in mentions nothing, everything else its graphemes."""
    assert expected == words.length(text)


def _known(handle: str) -> words.Link | None:
    return words.Link("http://x/@ben", "ben") if handle == "ben@elsewhere.example" else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a\nb\n\nc", "<p>a<br />b</p><p>c</p>"),
        ("a\r\n\r\nb", "<p>a</p><p>b</p>"),
        (
            '<b onclick="x">&\'',
            "<p>&lt;b onclick=&quot;x&quot;&gt;&amp;&#x27;</p>",
        ),
        (
            "hi @ben@elsewhere.example!",
            (
                '<p>hi <span class="h-card" translate="no"><a href="http://x/@ben" '
                'class="u-url mention">@<span>ben</span></a></span>!</p>'
            ),
        ),
        ("hi @nobody", "<p>hi @nobody</p>"),
        (
            "#Help",
            (
                '<p><a href="http://t/tags/Help" class="mention hashtag" rel="tag">'
                "#<span>Help</span></a></p>"
            ),
        ),
        (
            "(https://a.example/x?a=1&b=2).",
            (
                '<p>(<a href="https://a.example/x?a=1&amp;b=2" target="_blank" '
                'rel="nofollow noopener noreferrer" translate="no">'
                '<span class="invisible">https://</span>'
                '<span class="">a.example/x?a=1&amp;b=2</span>'
                '<span class="invisible"></span></a>).</p>'
            ),
        ),
    ],
)
def test_html(text: str, expected: str) -> None:
    """Everything that is not an entity is escaped; unknown people stay plain text."""
    assert expected == words.html(text, "http://t", _known)


def test_long_links_are_cut_for_the_eye_only() -> None:
    """Thirty characters are shown, the rest is there but invisible."""
    html = words.html("https://www.shop.example/" + "a" * 40, "http://t", _known)
    assert '<span class="invisible">https://www.</span><span class="ellipsis">shop.example/' in html
    assert f'<span class="invisible">{"a" * 23}</span>' in html
