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

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load

from bridge.channels.fields import (
    Count,
    EachIfRight,
    IfRight,
    Instant,
    Link,
    OpaqueId,
    Revision,
    Words,
)


class _Entity(Schema):
    class Meta:
        unknown = EXCLUDE


class _FieldSchema(_Entity):
    """One line of a profile. Its value is HTML; `verified_at` is set where the server has found
    that the linked page links back: https://docs.joinmastodon.org/entities/Account/#Field"""

    value = Words(required=True)
    verified_at = Instant(required=True)


@dataclass(frozen=True, slots=True)
class Account:
    """`verified` are the values, as HTML, of the profile's checked lines."""

    id: str
    acct: str
    username: str
    display_name: str
    url: str
    avatar: str
    followers_count: int | None
    verified: tuple[str, ...]


class AccountSchema(_Entity):
    id = OpaqueId(required=True)
    acct = Words(required=True)
    username = IfRight(Words().deserialize)
    display_name = IfRight(Words().deserialize)
    url = IfRight(Link().deserialize)
    avatar = IfRight(Link().deserialize)
    followers_count = IfRight(Count().deserialize, None)
    # The entity's own word, `fields`, is marshmallow's on a schema.
    verified = EachIfRight(_FieldSchema().load, "fields")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Account:
        lines = tuple(line["value"] for line in data.pop("verified"))
        return Account(**data, verified=lines)


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
