"""Mentions in other people's posts: told without their words, which are read by the account itself.

- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/mentioned_comment
- https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/mentioned_media
- Answering: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/mentions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from bridge.channels.instagram.payload import Seen, SeenSchema
from bridge.channels.meta.calls import Answer, Body, Calls, part
from bridge.errors import Refused

_PREFIX = "mention:"
_OF_A_COMMENT = "text,username,timestamp,media{id,permalink}"
_OF_A_MEDIUM = "caption,username,timestamp,permalink"


@dataclass(frozen=True, slots=True)
class Mention:
    """Where it is: in a comment beneath a medium, or in the medium's caption. Both ids are needed
    to read and to answer it, so `id` holds them both."""

    media_id: str
    comment_id: str = ""

    @property
    def id(self) -> str:
        return f"{_PREFIX}{self.media_id}:{self.comment_id}"

    @property
    def where(self) -> Body:
        """As Meta names it."""
        within = {"comment_id": self.comment_id} if self.comment_id else {}
        return {"media_id": self.media_id, **within}


def mention_of(post_id: str) -> Mention | None:
    """The mention whose id this is, None for the id of anything else."""
    if not post_id.startswith(_PREFIX):
        return None
    media_id, _, comment_id = post_id.removeprefix(_PREFIX).partition(":")
    return Mention(media_id, comment_id)


def look(calls: Calls, node: str, mention: Mention) -> Any:
    """What is there, as Meta tells it. Raises as a read does, `Gone` where it is gone, `Refused`
    where nothing is shown."""
    if mention.comment_id:
        name, asked = "mentioned_comment", f"comment_id({mention.comment_id})"
        richest, plainest = _OF_A_COMMENT, "text,timestamp"
    else:
        name, asked = "mentioned_media", f"media_id({mention.media_id})"
        richest, plainest = _OF_A_MEDIUM, "caption,timestamp"
    fields = (f"{name}.{asked}{{{wanted}}}" for wanted in (richest, plainest))
    told = calls.read(f"/{part(node)}", *fields).data
    found = told.get(name) if isinstance(told, dict) else None
    if not isinstance(found, dict):
        raise Refused("Instagram does not show what we were mentioned in")
    return found


def author(calls: Calls, node: str, mention: Mention) -> str:
    """The user name of whoever it was, "" where it is not told. Raises as `look` does."""
    return seen(look(calls, node, mention)).username


def seen(told: Any) -> Seen:
    """Raises `ValidationError` for what is no object."""
    if not isinstance(told, dict):
        raise ValidationError("is no mention")
    read: Seen = SeenSchema().load(told)
    return read


def answer(calls: Calls, node: str, mention: Mention, text: str) -> Answer:
    """Beneath the comment, or beneath the medium. Raises as a write does."""
    return calls.write(f"/{part(node)}/mentions", {**mention.where, "message": text})
