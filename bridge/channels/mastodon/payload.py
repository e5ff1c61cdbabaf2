"""Mastodon's entities as they come over the wire, checked at the edge and frozen.

What a post cannot be without is checked strictly; what only adorns it is taken if it is right and
left out if it is not, because a customer's word must not be lost over an odd number of followers.

- Status: https://docs.joinmastodon.org/entities/Status/
- Account: https://docs.joinmastodon.org/entities/Account/
- MediaAttachment: https://docs.joinmastodon.org/entities/MediaAttachment/
- Poll: https://docs.joinmastodon.org/entities/Poll/
- Quote: https://docs.joinmastodon.org/entities/Quote/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing, post_load

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


class _Entity(Schema):
    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    acct: str
    username: str
    display_name: str
    url: str
    avatar: str
    followers_count: int | None


class AccountSchema(_Entity):
    id = OpaqueId(required=True)
    acct = Words(required=True)
    username = IfRight(Words().deserialize)
    display_name = IfRight(Words().deserialize)
    url = IfRight(Link().deserialize)
    avatar = IfRight(Link().deserialize)
    followers_count = IfRight(Count().deserialize, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Account:
        return Account(**data)


@dataclass(frozen=True, slots=True)
class Attachment:
    type: str
    url: str
    remote_url: str
    description: str


class AttachmentSchema(_Entity):
    type = IfRight(Words().deserialize)
    url = IfRight(Link().deserialize)
    remote_url = IfRight(Link().deserialize)
    description = IfRight(Words().deserialize)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Attachment:
        return Attachment(**data)


@dataclass(frozen=True, slots=True)
class Mention:
    id: str
    acct: str


class MentionSchema(_Entity):
    id = OpaqueId(required=True)
    acct = IfRight(Words().deserialize)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Mention:
        return Mention(**data)


class _OptionSchema(_Entity):
    title = Words(required=True)


class _PollSchema(_Entity):
    options = EachIfRight(_OptionSchema().load)


class _QuotedSchema(_Entity):
    url = IfRight(Link().deserialize)
    uri = IfRight(Link().deserialize)
    account = IfRight(AccountSchema().load, None)


class _QuoteSchema(_Entity):
    quoted_status = IfRight(_QuotedSchema().load, None)


@dataclass(frozen=True, slots=True)
class Status:
    """One status. `visibility` is the server's word; `edited_at` its own spelling of the instant,
    which is the revision. `quoted_url` and `quoted_by` (an account's id) are "" for no quote."""

    id: str
    account: Account
    content: str
    created_at: datetime
    visibility: str
    in_reply_to_id: str
    in_reply_to_account_id: str
    edited_at: str
    spoiler_text: str
    language: str
    url: str
    uri: str
    attachments: tuple[Attachment, ...]
    mentions: tuple[Mention, ...]
    poll: tuple[str, ...]
    quoted_url: str
    quoted_by: str


class StatusSchema(_Entity):
    id = OpaqueId(required=True)
    account = fields.Nested(AccountSchema, required=True)
    content = Words(required=True)
    created_at = Instant(required=True)
    visibility = Words(required=True)
    in_reply_to_id = OpaqueId(load_default="", allow_none=True)
    in_reply_to_account_id = IfRight(OpaqueId().deserialize)
    edited_at = Revision(load_default="", allow_none=True)
    spoiler_text = IfRight(Words().deserialize)
    language = IfRight(Words().deserialize)
    url = IfRight(Link().deserialize)
    uri = IfRight(Link().deserialize)
    attachments = EachIfRight(AttachmentSchema().load, "media_attachments")
    mentions = EachIfRight(MentionSchema().load)
    poll = IfRight(_PollSchema().load, None)
    quote = IfRight(_QuoteSchema().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Status:
        poll, quote = data.pop("poll"), data.pop("quote")
        quoted = (quote or {}).get("quoted_status") or {}
        author = quoted.get("account")
        data["in_reply_to_id"] = data["in_reply_to_id"] or ""
        data["edited_at"] = data["edited_at"] or ""
        return Status(
            **data,
            poll=tuple(option["title"] for option in poll["options"]) if poll else (),
            quoted_url=quoted.get("url") or quoted.get("uri") or "",
            quoted_by=author.id if author else "",
        )


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
