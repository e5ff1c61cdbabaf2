"""Who and what comes along with a post: its people, its pictures, the posts it speaks of.

https://docs.x.com/x-api/fundamentals/expansions. Some events bring nothing along; then a person is
known by their number only.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from marshmallow import Schema, ValidationError

from bridge.channels.x.payload import (
    Picture,
    PictureSchema,
    Post,
    PostSchema,
    User,
    UserSchema,
)
from bridge.model import Media, Person
from bridge.text.filename import safe_filename
from bridge.text.html import line

NETWORK = "x"
MOST = 200
_LONGEST_NAME, _LONGEST_DESCRIPTION = 200, 2_000
_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}


@dataclass(frozen=True, slots=True)
class Included:
    """What came along, by id."""

    _people: dict[str, User]
    _posts: dict[str, Post]
    _pictures: dict[str, Picture]

    @classmethod
    def of(cls, includes: Any) -> Included:
        """What cannot be read is left out: it only adorns."""
        told = includes if isinstance(includes, dict) else {}
        posts = [*_listed(told, "tweets"), *_listed(told, "posts")]
        return cls(
            {one.id: one for one in _readable(UserSchema(), _listed(told, "users"))},
            {one.id: one for one in _readable(PostSchema(), posts)},
            {one.key: one for one in _readable(PictureSchema(), _listed(told, "media"))},
        )

    def knows(self, user_id: str) -> bool:
        return user_id in self._people

    def person(self, user_id: str, language: str) -> tuple[Person, bool]:
        """Somebody, and whether only their followers may read what they post."""
        user = self._people.get(user_id)
        if user is None:
            shown = line(user_id, _LONGEST_NAME)
            profile = f"https://x.com/i/user/{quote(user_id, safe='')}"
            return Person(NETWORK, user_id, shown, "", profile, language=language), False
        handle = line(user.username, _LONGEST_NAME).lstrip("@") or line(user_id, _LONGEST_NAME)
        person = Person(
            network=NETWORK,
            id=user_id,
            handle=handle,
            name=line(user.name, _LONGEST_NAME) or handle,
            profile_url=f"https://x.com/{handle}",
            avatar_url=user.avatar,
            followers=user.followers,
            language=language,
        )
        return person, user.protected

    def post(self, post_id: str) -> Post | None:
        return self._posts.get(post_id)

    def first_of(self, post_id: str) -> str:
        """The id of a post's first version, as far as is known."""
        post = self._posts.get(post_id)
        return post.versions[0] if post and post.versions else post_id

    def pictures(self, keys: tuple[str, ...]) -> tuple[Picture, ...]:
        return tuple(self._pictures[one] for one in keys if one in self._pictures)

    def media(self, keys: tuple[str, ...]) -> tuple[Media, ...]:
        return self.shown(self.pictures(keys))

    @staticmethod
    def shown(pictures: tuple[Picture, ...]) -> tuple[Media, ...]:
        return tuple(_media(one) for one in pictures if one.url)


def _listed(told: dict[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found[:MOST] if isinstance(found, list) else []


def _readable(schema: Schema, listed: list[Any]) -> list[Any]:
    found = []
    for one in listed:
        try:
            found.append(schema.load(one))
        except ValidationError:
            continue
    return found


def _media(picture: Picture) -> Media:
    path = urlsplit(picture.url).path
    guessed = picture.content_type or mimetypes.guess_type(path)[0] or ""
    kind = _KINDS.get(picture.kind, "")
    return Media(
        url=picture.url,
        content_type=guessed if not kind or guessed.startswith(f"{kind}/") else "",
        filename=safe_filename(path.rsplit("/", 1)[-1]),
        description=line(picture.description, _LONGEST_DESCRIPTION),
    )
