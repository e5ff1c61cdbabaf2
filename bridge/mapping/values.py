"""Single values as admins write them. Each function returns the value or raises
`ValidationError` with a sentence that says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from marshmallow import ValidationError

from bridge.mapping.rules import plain_handle
from bridge.mapping.words import shown, unknown

WORDING_MOST = 300
"""Characters of a notice: short enough to fit every network beside the mention."""

_Word = TypeVar("_Word", bound=StrEnum)

_LINE_MOST = 255
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]")
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)
_LANGUAGE_NAMES = {
    "english": "en",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "dutch": "nl",
    "portuguese": "pt",
}
_DURATION = re.compile(r"([0-9]{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PLACEHOLDER = re.compile(r"[{}]|%\w*[(s]|\$\w|<\w|\[\[")


def line(value: Any) -> str:
    """A text of one line that is not empty."""
    if not isinstance(value, str):
        raise ValidationError(f"must be text{_as_found(value)}")
    text = value.strip()
    if not text:
        raise ValidationError("is empty")
    if len(text) > _LINE_MOST:
        raise ValidationError(f"is {len(text)} characters long, at most {_LINE_MOST} fit")
    if _CONTROL.search(text):
        raise ValidationError("must be one line without control characters")
    return text


def name_or_id(value: Any) -> str:
    """A name, or the helpdesk's id of it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return line(value)


def number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(f"must be a whole number{_as_found(value)}")
    if value < 0:
        raise ValidationError("must not be less than 0")
    return value


def flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    if isinstance(value, str) and value.lower() in meant:
        raise ValidationError(f'must be true or false: did you mean "{meant[value.lower()]}"?')
    raise ValidationError(f"must be true or false{_as_found(value)}")


def one_of(words: type[_Word]) -> Callable[[Any], _Word]:
    """One word of a closed list."""

    def parse(value: Any) -> _Word:
        known = [word.value for word in words]
        if value in known:
            return words(value)
        raise ValidationError(unknown(line(value), known))

    return parse


def language(value: Any) -> str:
    """A BCP 47 tag: `de`, `pt-BR` (https://www.rfc-editor.org/info/bcp47)."""
    tag = line(value)
    if _LANGUAGE.fullmatch(tag):
        return tag
    meant = _LANGUAGE_NAMES.get(tag.lower(), tag.replace("_", "-"))
    hint = f'did you mean "{meant}"?' if _LANGUAGE.fullmatch(meant) else 'write "en" or "pt-BR"'
    raise ValidationError(f'"{shown(tag)}" is not a language tag: {hint}')


def duration(value: Any) -> timedelta:
    """`30m`, `2h`, `14d`."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValidationError("must be a time such as 30m, 2h or 14d (minutes, hours, days)")
    if int(match[1]) == 0:
        raise ValidationError("must be more than nothing; it can be 30m, 2h or 14d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def account_name(value: Any) -> str:
    """A name that can stand in an address: `/hooks/<network>/<account>`."""
    name = line(value)
    if not _ACCOUNT.fullmatch(name):
        raise ValidationError(
            "an account's name has small letters, digits, - and _ (at most 64), "
            "because it stands in an address"
        )
    return name


def is_account_name(name: str) -> bool:
    return bool(_ACCOUNT.fullmatch(name))


def field_word(value: Any) -> str:
    """A word of `helpdesk.fields`."""
    word = line(value)
    if not _WORD.fullmatch(word):
        raise ValidationError("a field's word has small letters, digits and _ (at most 64)")
    return word


def field_value(value: Any) -> str:
    """What a rule writes into a ticket field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return name_or_id(value)


def tag(value: Any) -> str:
    """A ticket's tag: one word."""
    word = line(value)
    if re.search(r"[\s,]", word):
        raise ValidationError(f'a tag has no spaces or commas: "{shown(word)}"')
    return word.lower()


def handle(value: Any) -> str:
    """A person's handle; the @ may be written or left out."""
    plain = plain_handle(line(value))
    if not plain or re.search(r"\s", plain):
        raise ValidationError("must be a handle such as ada or ada@example.social")
    return plain


def searched(value: Any) -> str:
    """A word or phrase that is looked for."""
    text = line(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise ValidationError("holds nothing that can be looked for")
    return text


def wording(value: Any) -> str:
    """The public notice: short, mentions nobody, fills in nothing.

    The channel adds the mention itself, and a placeholder could carry a private word out.
    """
    if not isinstance(value, str):
        raise ValidationError(f"must be text{_as_found(value)}")
    text = value.strip()
    if not text:
        raise ValidationError("is empty")
    if len(text) > WORDING_MOST:
        raise ValidationError(f"is {len(text)} characters long, at most {WORDING_MOST} fit")
    if "@" in text or "\uff20" in text:
        raise ValidationError("must not hold an @: the person is mentioned by itself")
    if placeholder := _PLACEHOLDER.search(text):
        raise ValidationError(
            f'must not hold a placeholder ("{placeholder[0]}"): the notice is public, '
            "so it says the same to everyone"
        )
    if _CONTROL.search(text.replace("\n", " ")):
        raise ValidationError("must not hold control characters")
    return text


def _as_found(value: Any) -> str:
    found = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "keys",
        type(None): "nothing",
    }
    what = found.get(type(value), "something else")
    return f", and here is {what}"
