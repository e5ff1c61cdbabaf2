"""Names of strangers' files."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text.filename import LONGEST, content_type_of, filename_of, safe_filename


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\windows\\evil.exe", "evil.exe"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("a\x00b\r\nc.png", "ab c.png"),
        ("gnp.\u202etxt", "gnp.txt"),
        ("a\u00a0b.png", "a b.png"),
        ('a"<b>.png', "a__b_.png"),
        ("é.png", "é.png"),
        ("x" * 300 + ".jpeg", "x" * 95 + ".jpeg"),
        ("x" * 300, "x" * 100),
    ],
)
def test_names_are_made_safe(name: str, expected: str) -> None:
    """No path, no controls, no direction marks, a bounded length, the extension kept."""
    assert expected == safe_filename(name)


@given(st.text())
def test_any_name_is_made_safe(name: str) -> None:
    """Whatever came, the result can be shown, stored and sent in a header."""
    safe = safe_filename(name)
    assert 0 < len(safe) <= LONGEST
    assert not set(safe) & set('/\\<>:"|?*\r\n\0')
    assert not any(unicodedata.category(c).startswith("C") for c in safe)
    assert safe == safe_filename(safe)


def test_a_nameless_file_takes_its_type() -> None:
    """So that it opens."""
    assert safe_filename("", "image/png") == "file.png"


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ("", "tail.png"),
        ("inline", "tail.png"),
        ("attachment; filename=", "tail.png"),
        ('attachment; filename="../x.pdf"', "x.pdf"),
        ("attachment; filename=x.pdf", "x.pdf"),
        ("attachment; filename*=UTF-8''na%C3%AFve.pdf", "naïve.pdf"),
        ("attachment; filename*=nonsense''%FF.pdf", "ÿ.pdf"),
        ("attachment; filename=na\u00c3\u00afve.pdf", "naïve.pdf"),
    ],
)
def test_the_server_names_the_file(disposition: str, expected: str) -> None:
    """As Content-Disposition says, in any of its spellings, else as the address ends."""
    assert expected == filename_of(disposition, "https://x.example/a/tail.png?b=/c", "image/png")


@given(st.text(st.characters(max_codepoint=255)))
def test_no_disposition_makes_it_fail(value: str) -> None:
    """A name comes out of any header."""
    for header in (value, "attachment; filename=" + value, "attachment; filename*=" + value):
        assert filename_of(header, "https://x.example/", "image/png")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("image/png\r\nX: y", "application/octet-stream"),
        ("Image/SVG+XML; charset=utf-8", "image/svg+xml"),
    ],
)
def test_content_types_are_checked(header: str, expected: str) -> None:
    """Only what looks like a type is passed on."""
    assert expected == content_type_of(header)
