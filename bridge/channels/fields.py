"""Fields that the payloads and options of channels are made of.

What a post cannot be without is checked strictly; what only adorns it is taken if it is right and
left out if it is not, because a customer's word must not be lost over an odd number of followers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, missing

from bridge.settings import Secret

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNFIT_FOR_LINKS = re.compile('[\\s\x00-\x1f\x7f-\x9f\ud800-\udfff<>"\\\\]')
_UNFIT_FOR_IDS = re.compile("[\x00-\x20\x7f\ud800-\udfff]")
_LONGEST_ID = 500
_LONGEST_LINK = 2_000
_LONGEST_REVISION = 100
_MOST_PEOPLE = 2**53
_MOST_OF_A_LIST = 100


class OpaqueId(fields.Field[str]):
    """A string without a meaning; a few servers write numbers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not text:
            raise ValidationError("is no id")
        if len(text) > _LONGEST_ID or _UNFIT_FOR_IDS.search(text):
            raise ValidationError("is no usable id")
        return text


class Words(fields.Field[str]):
    """Text, without what no database stores (NUL, half of a surrogate pair)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("is no text")
        return _UNSTORABLE.sub("\ufffd", value)


class Link(Words):
    """An http or https address; any other kind has no business on a ticket."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = super()._deserialize(value, attr, data)
        if not is_link(text):
            raise ValidationError("is no web address")
        return text


class Revision(Words):
    """The server's spelling of an instant: a part of a key, so no database may stumble over it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = super()._deserialize(value, attr, data)
        if len(text) > _LONGEST_REVISION:
            raise ValidationError("is no instant")
        return text


class Instant(fields.Field[datetime]):
    """RFC 3339; UTC where no zone is named (https://docs.joinmastodon.org/api/datetime-format/)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("is no instant")
        try:
            at = datetime.fromisoformat(value)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError) as wrong:
            raise ValidationError("is no instant") from wrong


class Count(fields.Field[int]):
    """A whole number, not negative, and not larger than a database takes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_PEOPLE:
            raise ValidationError("is no count")
        return value


Reader = Callable[[Any], Any]


class IfRight(fields.Field[Any]):
    """What `read` makes of it, else `otherwise`: for what adorns."""

    def __init__(self, read: Reader, otherwise: Any = "") -> None:
        super().__init__(load_default=otherwise)
        self._read = read
        self._otherwise = otherwise

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **_: Any) -> Any:
        if value is None or value is missing:
            return self._otherwise
        try:
            return self._read(value)
        except ValidationError:
            return self._otherwise


class EachIfRight(fields.Field[tuple[Any, ...]]):
    """Those of a list that `read` understands, at most a hundred."""

    def __init__(self, read: Reader, name: str | None = None) -> None:
        super().__init__(load_default=(), data_key=name)
        self._read = read

    def deserialize(
        self, value: Any, attr: str | None = None, data: Any = None, **_: Any
    ) -> tuple[Any, ...]:
        understood = []
        for one in value[:_MOST_OF_A_LIST] if isinstance(value, list) else ():
            try:
                understood.append(self._read(one))
            except ValidationError:
                continue
        return tuple(understood)


class Token(fields.Field[Secret]):
    """A secret, already resolved: a token written into the mapping itself is refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Secret:
        if not isinstance(value, Secret):
            raise ValidationError("must be a secret, not a token in plain text")
        if not re.fullmatch(r"[\x21-\x7e]+", value.reveal()):
            raise ValidationError("is empty, or holds spaces or signs that no token has")
        return value


class ServerUrl(fields.Field[str]):
    """`https://example.social`, without a slash at the end."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        wrong = ValidationError("must be the server's address, like https://example.social")
        if not isinstance(value, str):
            raise wrong
        url = value.strip().rstrip("/")
        try:
            parts = urlsplit(url)
            port_is_right = parts.port is None or parts.port > 0
        except ValueError as odd:
            raise wrong from odd
        if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right:
            raise wrong
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValidationError("must be the bare address, without a name, ? or #")
        return url


def is_link(text: str) -> bool:
    """Whether it can stand in a text: a line break in it would begin a line of somebody's own."""
    if len(text) > _LONGEST_LINK or _UNFIT_FOR_LINKS.search(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def what_is_wrong(error: ValidationError) -> str:
    """`account.id: is no id; created_at: is no instant`, for the audit."""
    return "; ".join(_lines("", error.messages))


def _lines(path: str, messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [
            line
            for name, inner in messages.items()
            for line in _lines(path if name == "_schema" else f"{path}.{name}".strip("."), inner)
        ]
    return [f"{path}: {message}" if path else str(message) for message in messages]
