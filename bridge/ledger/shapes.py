"""Posts and replies as JSON in the ledger's rows, and back: marshmallow at this edge too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load

from bridge.mapping.model import Route
from bridge.model import Attachment, Kind, Label, Media, Person, Post, Visibility


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply's frozen body: everything a send needs but the bytes of its files. Its words are
    those of `bridge.model.Reply`."""

    account: str
    visibility: Visibility
    text: str
    to: Person
    in_reply_to: str
    thread_id: str
    language: str
    attachments: tuple[Attachment, ...]
    answers: Kind | None = None
    answered_at: datetime | None = None
    heard_at: datetime | None = None
    template: bool = False
    automatic: bool = False


class Shape(Schema):
    """`Meta.unknown` is lenient so that a row written by a newer release can still be read."""

    makes: type[Any]

    class Meta:
        unknown = EXCLUDE

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.makes(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})


class _PersonShape(Shape):
    makes = Person
    network = fields.String()
    id = fields.String()
    handle = fields.String()
    name = fields.String()
    profile_url = fields.String()
    avatar_url = fields.String()
    followers = fields.Integer(allow_none=True)
    language = fields.String()


class _MediaShape(Shape):
    makes = Media
    url = fields.String()
    content_type = fields.String()
    filename = fields.String()
    description = fields.String()
    size = fields.Integer(allow_none=True)
    keep = fields.Boolean()


class _AttachmentShape(Shape):
    makes = Attachment
    url = fields.String()
    filename = fields.String()
    content_type = fields.String()
    size = fields.Integer(allow_none=True)


class _PostShape(Shape):
    makes = Post
    account = fields.String()
    network = fields.String()
    id = fields.String()
    kind = fields.Enum(Kind, by_value=True)
    visibility = fields.Enum(Visibility, by_value=True)
    author = fields.Nested(_PersonShape)
    text = fields.String()
    created_at = fields.AwareDateTime(format="iso")
    thread_id = fields.String()
    parent_id = fields.String()
    revision = fields.String()
    permalink = fields.String()
    language = fields.String()
    subject = fields.String()
    media = fields.List(fields.Nested(_MediaShape))
    by_us = fields.Boolean()
    history = fields.List(fields.Nested(lambda: _PostShape()))
    labels = fields.List(fields.Enum(Label, by_value=True))
    unanswerable = fields.String()
    mark = fields.String()


class _DraftShape(Shape):
    makes = Draft
    account = fields.String()
    visibility = fields.Enum(Visibility, by_value=True)
    text = fields.String()
    to = fields.Nested(_PersonShape)
    in_reply_to = fields.String()
    thread_id = fields.String()
    language = fields.String()
    attachments = fields.List(fields.Nested(_AttachmentShape))
    answers = fields.Enum(Kind, by_value=True, allow_none=True)
    answered_at = fields.AwareDateTime(format="iso", allow_none=True)
    heard_at = fields.AwareDateTime(format="iso", allow_none=True)
    template = fields.Boolean()
    automatic = fields.Boolean()


class _RouteShape(Shape):
    makes = Route
    rule = fields.String()
    because = fields.String()
    group = fields.String()
    priority = fields.String()
    assignee = fields.String()
    form = fields.String()
    tags = fields.List(fields.String())
    # The word `fields` is marshmallow's own on a schema, so it goes by another one here.
    ticket_fields = fields.List(
        fields.Tuple((fields.String(), fields.String())), data_key="fields", attribute="fields"
    )


_post, _draft, _route = _PostShape(), _DraftShape(), _RouteShape()


def post_to_json(post: Post) -> str:
    return str(_post.dumps(post))


def post_from_json(text: str) -> Post:
    loaded: Post = _post.loads(text)
    return loaded


def draft_to_json(draft: Draft) -> str:
    return str(_draft.dumps(draft))


def draft_from_json(text: str) -> Draft:
    loaded: Draft = _draft.loads(text)
    return loaded


def route_to_json(route: Route) -> str:
    return str(_route.dumps(route))


def route_from_json(text: str) -> Route:
    loaded: Route = _route.loads(text)
    return loaded
