"""Personal data, unwanted words and words for the bridge in a text that is about to be public.
Pure.

It looks at what a reader would see, whatever stands between the digits: full-width and other
numerals, spaces, dots, dashes, signs without width, percent signs of a link. Better one hold too
many than a card number in public; but prices, dates, versions and parcels are no telephone
numbers, and `@user@server.example` is a mention, no e-mail address.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import regex

from bridge.mapping.guards import PATIENCE, Guard, PersonalData
from bridge.text import phrases
from bridge.text.cards import is_card
from bridge.text.commands import NOT_FOR_READERS
from bridge.text.ibans import LENGTHS, is_iban
from bridge.text.phones import phones

SHOWN_WORD = 60


@dataclass(frozen=True, slots=True)
class Found:
    """`code` names the sentence; `excerpt` is a mask that lets an agent find the place, never the
    whole datum. It may be kept and logged."""

    code: str
    excerpt: str = ""


Span = tuple[int, int]


def look_over(text: str, guard: Guard) -> tuple[Found, ...]:
    """Everything that holds a public reply back, each thing once. Never raises."""
    found: list[Found] = []
    if guard.personal_data is PersonalData.HOLD:
        found += _personal(text, guard)
    found += _commands(text, guard)
    found += [Found("held_tone", word[:SHOWN_WORD]) for word in phrases.said(guard.tone, text)]
    return tuple(dict.fromkeys(found))


def _personal(text: str, guard: Guard) -> list[Found]:
    own = _Own(guard.may_say)
    found: dict[tuple[str, str], Found] = {}
    for seen in dict.fromkeys((plain(text), plain(unquote(text)))):
        left = seen
        for look, code, mask in _LOOKS:
            for start, end in look(left):
                datum = seen[start:end]
                left = left[:start] + "\0" * (end - start) + left[end:]
                if datum not in own:
                    found.setdefault((code, _bare(datum)), Found(code, mask(datum)))
            if code == "held_card":
                left = _orders(left, guard, own, found)
    _orders(text, guard, own, found)  # the patterns may name signs that `plain` changes
    return list(found.values())


def _orders(left: str, guard: Guard, own: _Own, found: dict[tuple[str, str], Found]) -> str:
    """By the brand's own patterns; what they find is no telephone number any more."""
    for wanted in guard.order_numbers:
        try:
            for match in regex.finditer(wanted, left, timeout=PATIENCE):
                datum = match[0]
                if not datum.strip("\0 "):
                    continue
                if datum not in own:
                    key = ("held_order_number", _bare(datum))
                    found.setdefault(key, Found("held_order_number", _masked(datum)))
                start, end = match.span()
                left = left[:start] + "\0" * (end - start) + left[end:]
        except TimeoutError:
            # It may be there: nobody knows, so a person looks.
            found.setdefault(("held_unchecked", wanted), Found("held_unchecked"))
    return left


@dataclass(frozen=True, slots=True)
class _Own:
    """What is the brand's own: an address whatever its case, a number by its digits, with or
    without its country."""

    may_say: tuple[str, ...]

    def __contains__(self, datum: str) -> bool:
        return any(_same(datum, own) for own in self.may_say)


def _same(datum: str, own: str) -> bool:
    one, other = plain(datum).strip().casefold(), plain(own).strip().casefold()
    if any(map(str.isalpha, one + other)):
        return one == other or (_bare(one) == _bare(other) and "@" not in one + other)
    left, right = (_bare(each).removeprefix("00") for each in (one, other))
    if left == right:
        return True
    national, whole = sorted((left, right), key=len)
    # "030 123456" and "+49 30 123456" are the same; anything shorter says too little.
    return national[:1] == "0" and len(national) > 7 and whole.endswith(national[1:])


# ------------------------------------------------------------------ words for the bridge


# Latin letters and digits that touch it make it another word, and a slash makes it part of a link;
# other letters may touch it, for some scripts set no spaces.
_COMMAND = regex.compile(
    rf"(?<![\p{{Latin}}\d_/])# ?({'|'.join(sorted(NOT_FOR_READERS))})(?![\p{{Latin}}\d_])",
    regex.IGNORECASE,
)


def _commands(text: str, guard: Guard) -> list[Found]:
    """What counts only as the first word stands somewhere else, or is not set off: whoever wrote
    "#dm" there takes the answer for a private one."""
    own = _Own(guard.may_say)
    words = [f"#{match[1].lower()}" for match in _COMMAND.finditer(plain(text))]
    return [Found("held_command", word) for word in words if word not in own]


# ------------------------------------------------------------------ what a reader sees


def plain(text: str) -> str:
    """Digits of any script as 0 to 9, any dash as "-", any gap in a line as " ", and nothing that
    has no width."""
    signs = []
    for sign in unicodedata.normalize("NFKC", text.replace("\r\n", "\n")):
        kind = unicodedata.category(sign)
        if kind == "Nd":
            signs.append(str(unicodedata.decimal(sign)))
        elif kind == "Pd" or sign == "\N{MINUS SIGN}":
            signs.append("-")
        elif kind == "Zs" or sign == "\t":
            signs.append(" ")
        elif sign == "\0":
            signs.append(" ")  # it marks what has been found
        elif kind not in ("Cf", "Mn", "Me"):
            signs.append(sign)
    return "".join(signs)


# ------------------------------------------------------------------ cards


# Whatever stands between the digits, emphasis and brackets too, but for what makes sums and links.
_RUN = regex.compile(r"\d(?:(?:[^\w\n\0+=%$€£?&]|_){0,5}\n?\d){12,400}")
_GROUP = regex.compile(r"\d+")


def _cards(text: str) -> Iterator[Span]:
    """Whole groups of digits that together are a card's number, whatever stands around them."""
    for run in _RUN.finditer(text):
        if _touches_digit(text, run.span()):
            continue
        groups = [each.span() for each in _GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            span = _card_from(text, groups[first:])
            if span is not None:
                yield span
            first += 1
            while span is not None and first < len(groups) and groups[first][0] < span[1]:
                first += 1


def _card_from(text: str, groups: list[Span]) -> Span | None:
    digits = ""
    for start, end in groups:
        digits += text[start:end]
        if len(digits) > 19:
            return None
        if len(digits) >= 13 and is_card(digits):
            return groups[0][0], end
    return None


def _touches_digit(text: str, span: Span) -> bool:
    """The run was cut off at its greatest length: it is a column of figures, no card."""
    return span[1] < len(text) and text[span[1]].isdigit()


# ------------------------------------------------------------------ accounts


_IBAN = regex.compile(r"(?<![^\W_])[A-Za-z]{2}[ .\-]?\d[ .\-]?\d(?=[ .\-/_]{0,2}[0-9A-Za-z])")
_SIGN = regex.compile(r"[ .\-/_\n]{0,2}([0-9A-Za-z])")


def _ibans(text: str) -> Iterator[Span]:
    for begins in _IBAN.finditer(text):
        signs = "".join(filter(str.isalnum, begins[0])).upper()
        wanted, end = LENGTHS.get(signs[:2], 0), begins.end()
        while len(signs) < wanted and (match := _SIGN.match(text, end)):
            signs, end = signs + match[1].upper(), match.end()
        touches = end < len(text) and text[end].isalnum()
        if wanted and not touches and is_iban(signs):
            yield begins.start(), end


# ------------------------------------------------------------------ e-mail


_AT = r"(?:@| ?[(\[{] ?(?:at|ät) ?[)\]}] ?)"
_DOT = r"(?:[.。]| ?[(\[{] ?(?:dot|punkt|point) ?[)\]}] ?)"
# A mention of the Fediverse begins with an @ of its own, and so does a handle.
_EMAIL = regex.compile(
    rf"(?<![\w.%+\-@])[\w%+'\-]{{1,64}}(?:{_DOT}[\w%+'\-]{{1,64}}){{0,8}}{_AT}"
    rf"(?:[^\W_][\w\-]{{0,62}}{_DOT}){{1,8}}[^\W\d_]{{2,24}}(?![\w@])",
    regex.IGNORECASE,
)


def emails(text: str) -> Iterator[Span]:
    for match in _EMAIL.finditer(text):
        yield match.span()


# ------------------------------------------------------------------ masks


def _bare(datum: str) -> str:
    return "".join(filter(str.isalnum, datum)).casefold()


def _last_four(datum: str) -> str:
    return f"…{_bare(datum)[-4:].upper()}"


def _last_two(datum: str) -> str:
    return f"…{_bare(datum)[-2:]}"


def _address(datum: str) -> str:
    name, _, host = datum.partition("@") if "@" in datum else (datum, "", "")
    return f"{name[:1]}…@{host[:1]}…" if host else f"{name[:1]}…"


def _masked(datum: str) -> str:
    """The first two signs of a number of any kind; less where that would be most of it."""
    signs = datum.strip("\0 ")
    return f"{signs[: min(2, len(signs) // 3)]}…"


_LOOKS: tuple[tuple[Callable[[str], Iterator[Span]], str, Callable[[str], str]], ...] = (
    (emails, "held_email", _address),
    (_ibans, "held_iban", _last_four),
    (_cards, "held_card", _last_four),
    (phones, "held_phone", _last_two),
)
