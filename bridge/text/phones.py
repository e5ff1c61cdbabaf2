"""Telephone numbers in plain text, as people write them in several countries.

Forms: international with + or 00 (https://www.itu.int/rec/T-REC-E.164, at most fifteen digits),
national with a leading zero (most of Europe, Japan, Australia), North American in threes and four
(https://www.nanpa.com/numbering), and any that a word or a link says is one. Dates, times and
prices are taken out first; what has more digits than a telephone number has is a parcel.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

Span = tuple[int, int]

MOST = 15

_YEAR = r"(?:19|20)\d\d"
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_NO_PHONES = regex.compile(
    # from one day to another as in "24.12.-06.01.2027", months as in "01/2026 - 12/2026"
    rf"(?<![\d./\-]){_DAY}\.(?:{_MONTH}\.(?:{_YEAR}|\d\d)?)? ?[\-/] ?"
    rf"{_DAY}\.{_MONTH}\.(?:{_YEAR}|\d\d)?(?![./\-]?\d)"
    rf"|(?<![\d./\-]){_MONTH}/{_YEAR}(?: ?- ?{_MONTH}/{_YEAR})?(?![./\- ]?\d)"
    # days, in the orders of the world, and times
    rf"|(?<![\d./\-]){_DAY}([./\-]) ?{_DAY}\1 ?(?:{_YEAR}|\d\d)"
    r"(?![./\-]?\d)"
    rf"|(?<![\d./\-]){_YEAR}([./\-]){_MONTH}\2{_DAY}(?!\d)"
    r"|(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)"
    rf"|(?<!\d){_YEAR} ?[/\-] ?{_YEAR}(?!\d)"
    # money, and whatever has decimals or thousands
    r"|(?:[$€£¥]|\b(?:EUR|USD|GBP|CHF|JPY)) ?\d[\d.,' ]{0,20}"
    r"|(?<![\d.,+])\d{1,3}(?:[.,' ]\d{3}){0,6}[.,]\d{1,2}(?![\d.,])"
    r"|(?<![\d.,+(])\d{1,3}(?:[.,']\d{3}){1,6}(?![.,]?\d)"
    r"|(?<![\d+])\d[\d.,' ]{0,20}(?:[€£%]|\$|\b(?:EUR|USD|GBP|CHF|Euro|Franken|dollars)\b)",
    regex.IGNORECASE,
)

_GAP = r"[ .\-/()]{0,3}"
_INTERNATIONAL = regex.compile(
    rf"(?<![\d+])(?:\+{_GAP}|(?<!\w)00{_GAP})([1-9](?:{_GAP}\d){{0,30}})"
)
_NATIONAL = regex.compile(rf"(?<![\w.,/\-+#:=])\(?(0 ?[1-9](?:{_GAP}\d){{0,30}})")
_NORTH_AMERICAN = regex.compile(
    r"(?<![\w.,/\-+#:=])(?:1[ .\-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .\-])[2-9]\d\d[ .\-]\d{4}"
    r"(?![.,\-/]?\d)(?!\w)"
)
_SAID = regex.compile(
    r"(?:\b(?:tel(?:efon(?:nummer)?|ephone|\.)?|phone(?: number)?|fon|mobile?|mobil(?:nummer)?|"
    r"handy(?:nummer)?|rufnummer|whatsapp|hotline|fax|call(?: me| us)?(?: at| on)?)\b|☎|📞)"
    rf"[.:]{{0,2}} ?(?:is |ist |unter )?(\(?\d(?:{_GAP}\d){{5,30}})"
    r"|(?:\btel:|\bsms:|wa\.me/|[?&]phone=)\+?(\d(?:[\-.]?\d){5,30})",
    regex.IGNORECASE,
)


def phones(text: str) -> Iterator[Span]:
    """Where they are, in text as `guard.plain` makes it."""
    left = _NO_PHONES.sub(lambda match: "\0" * len(match[0]), text)
    found = [match.span() for match in _INTERNATIONAL.finditer(left) if _is_whole(match[1])]
    for match in _NATIONAL.finditer(left):
        end = _national_end(left, match)
        if end:
            found.append((match.start(), end))
    found += [match.span() for match in _NORTH_AMERICAN.finditer(left)]
    for match in _SAID.finditer(text):
        group = 1 if match[1] else 2
        if 6 <= len(_digits(match[group])) <= MOST and not _NO_PHONES.search(match[group]):
            found.append(match.span(group))
    reached = 0
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= reached:
            yield start, end
            reached = end


def _is_whole(number: str) -> bool:
    digits = _digits(number)
    return 8 <= len(digits) <= MOST and not digits.endswith("000000")


def _national_end(text: str, match: regex.Match[str]) -> int:
    """Nine to twelve digits in all, whole groups; 0 where it is none. What follows it may be
    something else (opening hours, say), but of a longer number it is no part."""
    if len(_digits(match[1])) > MOST or _follows_sign(text, match.end()):
        return 0
    end = 0
    for group in regex.finditer(r"\d+", text, pos=match.start(), endpos=match.end()):
        digits = len(_digits(text[match.start() : group.end()]))
        if 9 <= digits <= 12:
            end = group.end()
    return end


def _follows_sign(text: str, end: int) -> bool:
    return end < len(text) and (text[end].isalnum() or text[end] in "_%")


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
