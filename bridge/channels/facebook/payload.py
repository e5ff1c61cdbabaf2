"""What Meta tells of a Page's posts and comments, checked at the edge and frozen.

Meta documents these values as a table, no longer by examples:
https://developers.facebook.com/docs/graph-api/webhooks/reference/page/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load

from bridge.channels.meta.payload import (
    EachIfRight,
    Entity,
    IfRight,
    Instant,
    Link,
    OpaqueId,
    Truth,
    Words,
)


class _FromSchema(Entity):
    id = OpaqueId(required=True)
    name = IfRight(Words().deserialize)


class _AboutSchema(Entity):
    """The post beneath which a comment stands."""

    permalink_url = IfRight(Link().deserialize)
    is_published = IfRight(Truth().deserialize, True)
    promotion_status = IfRight(Words().deserialize)
    updated_time = IfRight(Instant().deserialize, None)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to a post, a comment or a mention; `item` and `verb` are Meta's
    words. `author_id` is "" where Meta does not say who it was; `at` None where it does not say
    when. `pictures` and `films` are links; `link` is what a post links to, `beneath` the address
    of the post that a comment is about."""

    item: str
    verb: str
    comment_id: str
    post_id: str
    parent_id: str
    author_id: str
    author_name: str
    text: str
    at: datetime | None
    edited_at: datetime | None
    pictures: tuple[str, ...]
    films: tuple[str, ...]
    link: str
    permalink: str
    beneath: str
    on_ad: bool

    @property
    def id(self) -> str:
        return self.comment_id if self.item == "comment" else self.post_id


class ToldSchema(Entity):
    item = Words(required=True)
    verb = Words(required=True)
    comment_id = OpaqueId(load_default="", allow_none=True)
    post_id = OpaqueId(load_default="", allow_none=True)
    parent_id = OpaqueId(load_default="", allow_none=True)
    author = IfRight(_FromSchema().load, None)
    sender_id = IfRight(OpaqueId().deserialize)
    sender_name = IfRight(Words().deserialize)
    message = Words(load_default="", allow_none=True)
    created_time = IfRight(Instant().deserialize, None)
    edited_time = IfRight(Instant().deserialize, None)
    photo = IfRight(Link().deserialize)
    photos = EachIfRight(Link().deserialize)
    video = IfRight(Link().deserialize)
    link = IfRight(Link().deserialize)
    permalink_url = IfRight(Link().deserialize)
    post = IfRight(_AboutSchema().load, None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Told:
        about = data["post"] or {}
        author = data["author"] or {"id": data["sender_id"], "name": data["sender_name"]}
        item, link = data["item"], data["link"]
        pictures = [data["photo"], *data["photos"], link if item == "photo" else ""]
        films = [data["video"], link if item == "video" else ""]
        return Told(
            item=item,
            verb=data["verb"],
            comment_id=data["comment_id"] or "",
            post_id=data["post_id"] or "",
            parent_id=data["parent_id"] or "",
            author_id=author["id"],
            author_name=author["name"],
            text=data["message"] or "",
            at=data["created_time"],
            edited_at=data["edited_time"] or about.get("updated_time"),
            pictures=_once(pictures),
            films=_once(films),
            link="" if item in ("photo", "video") else link,
            permalink=data["permalink_url"],
            beneath=about.get("permalink_url", ""),
            on_ad=_is_ad(about),
        )


def read(said: Any) -> Told:
    """Raises `ValidationError`."""
    if not isinstance(said, dict):
        raise ValidationError("is no event of a Page")
    # `from` is no name that a class can have.
    told: Told = ToldSchema().load({**said, "author": said.get("from")})
    return told


class CommentSchema(Entity):
    """A comment as a read answers it: https://developers.facebook.com/docs/graph-api/reference/comment/"""

    id = OpaqueId(required=True)
    author = fields.Raw(load_default=None, data_key="from")
    message = Words(load_default="", allow_none=True)
    created_time = Instant(required=True)
    attachment = fields.Raw(load_default=None, allow_none=True)


def _is_ad(about: dict[str, Any]) -> bool:
    """A post that was never published is an ad's; one that is being promoted is an ad as well."""
    return not about.get("is_published", True) or about.get("promotion_status") == "active"


def _once(links: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, links)))
