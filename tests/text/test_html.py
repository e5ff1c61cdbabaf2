"""Strangers' HTML as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text.html import LONGEST_INPUT, MOST_TAGS, to_text

SHORTENED = (
    '<a href="https://www.example.com/a/long/path?x=1&amp;y=2" rel="nofollow" target="_blank">'
    '<span class="invisible">https://www.</span><span class="ellipsis">example.com/a/lo</span>'
    '<span class="invisible">ng/path?x=1&amp;y=2</span></a>'
)
MENTION = (
    '<span class="h-card"><a href="https://m.example/@bob" class="u-url mention">'
    "@<span>bob</span></a></span>"
)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("<p></p><p>&nbsp;</p>", ""),
        ("<script>alert(1)</script><style>p{}</style>ok", "ok"),
        ("a &lt;b&gt; &amp;amp; c&nbsp;d &eacute; &#128512;", "a <b> &amp; c d é 😀"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<p>one\n  two</p><p>three<br>four<br/><br>five</p>", "one two\n\nthree\nfour\n\nfive"),
        (f"<p>{MENTION} look: {SHORTENED}.</p>",
         "@bob look: https://www.example.com/a/long/path?x=1&y=2."),
        ('<a href="https://m.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>',
         "#x"),
        ('<a href="https://e.example/">this page</a>', "this page (https://e.example/)"),
        ('<a href="https://www.e.example/">E.example</a>', "https://www.e.example/"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ('<a href="https://evil.example/">https://bank.example</a>',
         "https://bank.example (https://evil.example/)"),
        ('<a class="mention" href="https://evil.example/">https://bank.example</a>',
         "https://bank.example (https://evil.example/)"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<a href="https://e.example/"></a>', "https://e.example/"),
        ("<ul><li>a</li><li>b<ol start=3><li>c</li><li>d</li></ol></li></ul>e",
         "- a\n- b\n  3. c\n  4. d\n\ne"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
        ("<blockquote>a<blockquote>b</blockquote>c</blockquote>", "> a\n>\n> > b\n>\n> c"),
        ("<pre>def f():\n    return  1</pre>", "def f():\n    return  1"),
        ('<img alt="😀" src="x"><img alt="a cat" src="x"><img alt=":blobcat:"><img src="x">',
         "😀[a cat]:blobcat:"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>",
         "a | b\nc | d"),
        ("a\x00b\u202ec\ud800", "abc\ufffd"),
        ('<div class="zd-comment" dir="auto">Hello,<br>&nbsp;<br><div dir="auto">bye</div></div>',
         "Hello,\n\nbye"),
    ],
)  # fmt: skip
def test_html_reads_as_text(html: str, expected: str) -> None:
    """Paragraphs, lists, quotes, entities; links as they really lead; nothing dangerous."""
    assert expected == to_text(html)


def test_text_is_bounded() -> None:
    """The cap holds, and says by its ellipsis that there was more."""
    assert to_text("x" * 50, most=10) == "x" * 9 + "…"
    assert to_text("x" * 10, most=10) == "x" * 10
    assert len(to_text("x" * (LONGEST_INPUT + 5), most=10**9)) == LONGEST_INPUT


@pytest.mark.parametrize("bomb", ["<div>", "<blockquote><ul><li>", "<", "<a ", "&", "<pre>\n"])
def test_markup_bombs_are_read_quickly(bomb: str) -> None:
    """Markup made to take seconds is taken out instead (the suite's time limit is the proof)."""
    for repeats in (MOST_TAGS // 4, LONGEST_INPUT):
        assert len(to_text(bomb * repeats + "end")) <= 60_000


@given(st.text(alphabet="<>/&;#=\"' abpreulioq\n\u00a0\ud800x0123456789!-"))
def test_no_html_makes_it_fail(html: str) -> None:
    """Anything at all becomes text that can be stored and sent."""
    text = to_text(html)
    assert "\x00" not in text
    text.encode("utf-8")


@given(st.lists(st.text("abcdé漢", min_size=1), min_size=1))
def test_no_word_is_lost(words: list[str]) -> None:
    """Every visible word is in the text, in order, however it was marked up."""
    marks = [
        "<p>{}</p>",
        "<li>{}</li>",
        "{}<br>",
        "<b>{}</b> ",
        "<blockquote>{}</blockquote>",
        "{} ",
    ]
    html = "".join(marks[i % len(marks)].format(word) for i, word in enumerate(words))
    read = [word for word in to_text(html).split() if word not in (">", "-")]
    assert words == read
