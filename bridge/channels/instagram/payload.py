"""What Meta tells of comments and mentions, checked at the edge and frozen.

- https://developers.facebook.com/docs/instagram-platform/webhooks/examples
- Reads: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load

from bridge.channels.meta.payload import Entity, IfRight, Instant, Link, OpaqueId, Words

_PLAIN = re.compile(r"[0-9A-Za-z_]+")


class _FromSchema(Entity):
    id = IfRight(OpaqueId().deserialize)
    username = IfRight(Words().deserialize)
    self_ig_scoped_id = IfRight(OpaqueId().deserialize)


class _MediaSchema(Entity):
    media_product_type = IfRight(Words().deserialize)
    ad_id = IfRight(OpaqueId().deserialize)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. `top_id` is the top-level comment that it answers, "" for one of those;
    `author_id` and `username` are "" where Meta does not say; `at` is told by reads alone.
    `own`: the account itself wrote it."""

    id: str
    top_id: str
    author_id: str
    username: str
    own: bool
    text: str
    at: datetime | None
    on_ad: bool


class _CommentSchema(Entity):
    comment_id = OpaqueId(load_default="", allow_none=True)
    id = OpaqueId(load_default="", allow_none=True)
    parent_id = OpaqueId(load_default="", allow_none=True)
    author = IfRight(_FromSchema().load, None)
    username = IfRight(Words().deserialize)
    text = Words(load_default="", allow_none=True)
    timestamp = IfRight(Instant().deserialize, None)
    media = IfRight(_MediaSchema().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Comment:
        author = data["author"] or {"id": "", "username": "", "self_ig_scoped_id": ""}
        media = data["media"] or {"media_product_type": "", "ad_id": ""}
        comment_id = data["comment_id"] or data["id"]
        if not comment_id:
            raise ValidationError({"id": ["is missing"]})
        return Comment(
            id=comment_id,
            top_id=data["parent_id"] or "",
            author_id=author["id"],
            username=author["username"] or data["username"],
            own=bool(author["self_ig_scoped_id"]),
            text=data["text"] or "",
            at=data["timestamp"],
            on_ad=bool(media["ad_id"]) or media["media_product_type"] == "AD",
        )


def comment(said: Any) -> Comment:
    """Raises `ValidationError`."""
    if not isinstance(said, dict):
        raise ValidationError("is no comment")
    # `from` is no name that a class can have.
    told: Comment = _CommentSchema().load({**said, "author": said.get("from")})
    return told


class ReplySchema(Entity):
    """A comment as it is read back beneath another."""

    id = OpaqueId(required=True)
    text = Words(load_default="", allow_none=True)
    username = IfRight(Words().deserialize)
    timestamp = Instant(required=True)


class _PlainId(OpaqueId):
    """One that stands in an expression of fields, where brackets mean something."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = super()._deserialize(value, attr, data)
        if not _PLAIN.fullmatch(text):
            raise ValidationError("is no usable id")
        return text


class MentionSchema(Entity):
    """A mention as it is told: where it is, and nothing else."""

    media_id = _PlainId(required=True)
    comment_id = _PlainId(load_default="", allow_none=True)
    seen = fields.Raw(load_default=None)


class _WhereSchema(Entity):
    permalink = IfRight(Link().deserialize)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a mention says, as it was read later."""

    text: str
    username: str
    at: datetime | None
    permalink: str


class SeenSchema(Entity):
    """A comment, or a medium with its caption."""

    text = IfRight(Words().deserialize)
    caption = IfRight(Words().deserialize)
    username = IfRight(Words().deserialize)
    timestamp = IfRight(Instant().deserialize, None)
    permalink = IfRight(Link().deserialize)
    media = IfRight(_WhereSchema().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Seen:
        return Seen(
            text=data["text"] or data["caption"],
            username=data["username"],
            at=data["timestamp"],
            permalink=data["permalink"] or (data["media"] or {"permalink": ""})["permalink"],
        )
