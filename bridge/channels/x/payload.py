"""X's objects as they come over the wire, checked at the edge and frozen.

X is renaming its fields from `tweet` to `post`: its samples and its guide still have the old
names, its description of the API the new ones, so both are read.

- Post, user, media: https://docs.x.com/x-api/fundamentals/data-dictionary
- Names: https://docs.x.com/x-api/fundamentals/fields and https://api.x.com/2/openapi.json
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load

from bridge.channels.fields import (
    Count,
    EachIfRight,
    IfRight,
    Instant,
    Link,
    OpaqueId,
    Words,
)

_SAME = {
    "edit_history_tweet_ids": "versions",
    "edit_history_post_ids": "versions",
    "referenced_tweets": "references",
    "referenced_posts": "references",
    "in_reply_to_tweet_id": "answers",
    "in_reply_to_post_id": "answers",
    "note_tweet": "note",
    "note_post": "note",
}


class Entity(Schema):
    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _one_name_each(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if isinstance(data.get("data"), dict):
            data = data["data"]  # some events wrap a user in this way
        return {_SAME.get(name, name): value for name, value in data.items()}


class _Place(fields.Field[tuple[int, int]]):
    """Where the visible text begins and ends."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[int, int]:
        if not isinstance(value, list) or len(value) != 2:
            raise ValidationError("is no range")
        start, end = (Count().deserialize(one) or 0 for one in value)
        return start, end


@dataclass(frozen=True, slots=True)
class Url:
    """A link in a text: X's own short one, and what it stands for."""

    url: str
    expanded_url: str
    media_key: str


class _UrlSchema(Entity):
    url = Words(required=True)
    expanded_url = IfRight(Link().deserialize)
    media_key = IfRight(Words().deserialize)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Url:
        return Url(**data)


class _MentionSchema(Entity):
    id = IfRight(OpaqueId().deserialize)
    username = IfRight(Words().deserialize)
    start = IfRight(Count().deserialize, 0)


class EntitiesSchema(Entity):
    urls = EachIfRight(_UrlSchema().load)
    mentions = EachIfRight(_MentionSchema().load)


class _NoteSchema(Entity):
    text = Words(required=True)
    entities = IfRight(EntitiesSchema().load, None)


class _ReferenceSchema(Entity):
    type = Words(required=True)
    id = OpaqueId(required=True)


class AttachmentsSchema(Entity):
    media_keys = EachIfRight(Words().deserialize)


@dataclass(frozen=True, slots=True)
class Post:
    """One version of a post. `versions` are the ids of all versions, the oldest first. `shown` is
    where the visible text lies in `text`: the people whom X puts before a reply come before it.
    `long_text` is all of a post that is longer than 280 signs, "" for the others."""

    id: str
    author_id: str
    text: str
    created_at: datetime
    conversation_id: str
    versions: tuple[str, ...]
    answers: str
    in_reply_to_user_id: str
    quotes: str
    reposts: str
    shown: tuple[int, int] | None
    long_text: str
    mentions: tuple[tuple[str, str, int], ...]
    urls: tuple[Url, ...]
    media_keys: tuple[str, ...]
    lang: str


class PostSchema(Entity):
    id = OpaqueId(required=True)
    author_id = OpaqueId(required=True)
    text = Words(required=True)
    created_at = Instant(required=True)
    conversation_id = IfRight(OpaqueId().deserialize)
    versions = EachIfRight(OpaqueId().deserialize)
    answers = IfRight(OpaqueId().deserialize)
    in_reply_to_user_id = IfRight(OpaqueId().deserialize)
    references = EachIfRight(_ReferenceSchema().load)
    display_text_range = IfRight(_Place().deserialize, None)
    note = IfRight(_NoteSchema().load, None)
    entities = IfRight(EntitiesSchema().load, None)
    attachments = IfRight(AttachmentsSchema().load, None)
    lang = IfRight(Words().deserialize)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Post:
        named = {one["type"]: one["id"] for one in reversed(data.pop("references"))}
        note, entities = data.pop("note") or {}, data.pop("entities") or {}
        of_note = note.get("entities") or {}
        mentions = (*entities.get("mentions", ()), *of_note.get("mentions", ()))
        data["answers"] = data["answers"] or named.get("replied_to", "")
        return Post(
            **{name: value for name, value in data.items() if name not in _MADE},
            shown=data["display_text_range"],
            quotes=named.get("quoted", ""),
            reposts=named.get("retweeted", ""),
            long_text=note.get("text", ""),
            mentions=tuple((one["id"], one["username"], one["start"]) for one in mentions),
            urls=(*entities.get("urls", ()), *of_note.get("urls", ())),
            media_keys=(data["attachments"] or {}).get("media_keys", ()),
        )


_MADE = ("display_text_range", "attachments")


@dataclass(frozen=True, slots=True)
class User:
    id: str
    username: str
    name: str
    avatar: str
    followers: int | None
    protected: bool


class _UserMetrics(Entity):
    followers_count = IfRight(Count().deserialize, None)


class UserSchema(Entity):
    id = OpaqueId(required=True)
    username = Words(required=True)
    name = IfRight(Words().deserialize)
    profile_image_url = IfRight(Link().deserialize)
    public_metrics = IfRight(_UserMetrics().load, None)
    protected = IfRight(lambda value: value is True, False)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> User:
        return User(
            id=data["id"],
            username=data["username"],
            name=data["name"],
            avatar=data["profile_image_url"],
            followers=(data["public_metrics"] or {}).get("followers_count"),
            protected=data["protected"],
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or film: where it lies, what kind it is ("photo", "video", "animated_gif")."""

    key: str
    kind: str
    url: str
    content_type: str
    description: str


class _VariantSchema(Entity):
    url = Link(required=True)
    content_type = IfRight(Words().deserialize)
    bit_rate = IfRight(Count().deserialize, 0)
    bitrate = IfRight(Count().deserialize, 0)


class _FilmSchema(Entity):
    variants = EachIfRight(_VariantSchema().load)


class PictureSchema(Entity):
    """As API v2 has it, and, in messages of events, as v1.1 has it."""

    media_key = IfRight(Words().deserialize)
    id_str = IfRight(Words().deserialize)
    type = IfRight(Words().deserialize)
    url = IfRight(Link().deserialize)
    media_url_https = IfRight(Link().deserialize)
    preview_image_url = IfRight(Link().deserialize)
    alt_text = IfRight(Words().deserialize)
    variants = EachIfRight(_VariantSchema().load)
    video_info = IfRight(_FilmSchema().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Picture:
        films = [
            one
            for one in (*data["variants"], *(data["video_info"] or {}).get("variants", ()))
            if one["content_type"].startswith("video/")
        ]
        best = max(films, key=lambda one: one["bit_rate"] or one["bitrate"], default=None)
        own = data["media_url_https"] or ("" if data["id_str"] else data["url"])
        return Picture(
            key=data["media_key"] or data["id_str"],
            kind=data["type"],
            url=best["url"] if best else own or data["preview_image_url"],
            content_type=best["content_type"] if best else "",
            description=data["alt_text"],
        )
