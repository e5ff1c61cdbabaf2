"""The town's things as Mastodon's JSON. `base` is the address the request came to.

- https://docs.joinmastodon.org/entities/Account/, …/Status/, …/StatusEdit/, …/Notification/,
  …/MediaAttachment/, …/Conversation/, …/NotificationPolicy/
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from mimetypes import guess_extension
from typing import Any

from bridge.sandbox.mastodon import words
from bridge.sandbox.mastodon.people import POLICY_RULES, Person
from bridge.sandbox.mastodon.posts import Notification, Reach, Status, Upload, Version
from bridge.sandbox.mastodon.town import Town

Json = dict[str, Any]


def instant(at: datetime) -> str:
    """`2026-11-21T10:00:00.000Z`"""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def address_of(person: Person, base: str) -> str:
    return f"{base}/@{person.acct}"


def permalink(town: Town, status: Status, base: str) -> str:
    author = town.by_id(status.author)
    return f"{base}/@{author.acct}/{status.id}" if author else ""


def file_address(upload: Upload, base: str, size: str = "original") -> str:
    """Not the name it was uploaded with: Mastodon gives files names of its own."""
    suffix = guess_extension(upload.content_type) or ".bin"
    return f"{base}/system/media_attachments/files/{upload.id}/{size}/{upload.id}{suffix}"


def content(town: Town, status: Status, version: Version, base: str) -> str:
    """The HTML of one version."""
    author = town.by_id(status.author)
    home = author.domain if author else ""

    def link(handle: str) -> words.Link | None:
        person = town.known(handle, home)
        return words.Link(address_of(person, base), person.username) if person else None

    return words.html(version.text, base, link)


def account(town: Town, person: Person, base: str) -> Json:
    mine = [one for one in town.statuses() if one.author == person.id]
    avatar = f"{base}/avatars/{person.id}.svg"
    return {
        "id": person.id,
        "username": person.username,
        "acct": person.acct,
        "display_name": person.name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": False,
        "group": False,
        "created_at": instant(person.created_at.replace(hour=0, minute=0, second=0, microsecond=0)),
        "note": "",
        "url": address_of(person, base),
        "uri": f"{base}/users/{person.username}",
        "avatar": avatar,
        "avatar_static": avatar,
        "header": avatar,
        "header_static": avatar,
        "followers_count": person.followers,
        "following_count": 0,
        "statuses_count": len(mine),
        "last_status_at": mine[-1].created_at.date().isoformat() if mine else None,
        "hide_collections": None,
        "noindex": False,
        "emojis": [],
        "roles": [],
        "fields": [
            {
                "name": "Elsewhere",
                "value": f'<a href="{escape(one)}" rel="me nofollow noopener">{escape(one)}</a>',
                "verified_at": instant(person.created_at),
            }
            for one in person.verified
        ],
    }


def status(town: Town, one: Status, base: str, viewer: str, *, direct_as: str = "direct") -> Json:
    """`viewer` is "" for strangers; `direct_as` is what some servers call a direct status."""
    author = town.by_id(one.author)
    named = [person for person in map(town.by_id, one.mentions) if person]
    uploads = [upload for upload in map(town.media, one.now.media) if upload]
    answer: Json = {
        "id": one.id,
        "created_at": instant(one.created_at),
        "in_reply_to_id": one.in_reply_to or None,
        "in_reply_to_account_id": one.in_reply_to_author or None,
        "sensitive": one.now.sensitive,
        "spoiler_text": one.now.spoiler,
        "visibility": direct_as if one.reach is Reach.DIRECT else one.visibility,
        "language": one.now.language or None,
        "uri": f"{base}/users/{author.username if author else ''}/statuses/{one.id}",
        "url": permalink(town, one, base),
        "replies_count": sum(1 for other in town.statuses() if other.in_reply_to == one.id),
        "reblogs_count": 0,
        "favourites_count": len(town.favourited_by(one.id)),
        "edited_at": instant(one.edited_at) if one.edited_at else None,
        "content": content(town, one, one.now, base),
        "reblog": None,
        "application": {"name": one.application, "website": None} if one.application else None,
        "account": account(town, author, base) if author else None,
        "media_attachments": [media(upload, base) for upload in uploads],
        "mentions": [
            {
                "id": person.id,
                "username": person.username,
                "url": address_of(person, base),
                "acct": person.acct,
            }
            for person in named
        ],
        "tags": [
            {"name": entity.value.lower(), "url": f"{base}/tags/{entity.value.lower()}"}
            for entity in words.entities(one.text)
            if entity.kind is words.Kind.HASHTAG
        ],
        "emojis": [],
        "card": None,
        "poll": None,
    }
    if viewer:
        liked = viewer in town.favourited_by(one.id)
        answer |= {"favourited": liked, "reblogged": False, "muted": False, "bookmarked": False}
        answer["filtered"] = []
    if viewer == one.author:
        answer["pinned"] = False
    return answer


def edit(town: Town, one: Status, version: Version, base: str) -> Json:
    author = town.by_id(one.author)
    uploads = [upload for upload in map(town.media, version.media) if upload]
    return {
        "content": content(town, one, version, base),
        "spoiler_text": version.spoiler,
        "sensitive": version.sensitive,
        "created_at": instant(version.written_at),
        "account": account(town, author, base) if author else None,
        "media_attachments": [media(upload, base) for upload in uploads],
        "emojis": [],
    }


def media(upload: Upload, base: str, *, processing: bool = False) -> Json:
    """While it is being processed, `url` is null."""
    kind = upload.content_type.split("/", 1)[0]
    return {
        "id": upload.id,
        "type": kind if kind in ("image", "video", "audio") else "unknown",
        "url": None if processing else file_address(upload, base),
        "preview_url": file_address(upload, base, "small"),
        "remote_url": None,
        "text_url": None,
        "meta": {},
        "description": upload.description or None,
        "blurhash": None,
    }


def notification(town: Town, one: Notification, base: str, viewer: str, direct_as: str) -> Json:
    """`filtered` is only there when it is true."""
    who = town.by_id(one.who)
    about = town.status(one.status_id)
    answer: Json = {
        "id": str(one.number),
        "type": one.kind,
        "created_at": instant(one.created_at),
        "group_key": f"ungrouped-{one.number}",
        "account": account(town, who, base) if who else None,
    }
    if about is not None:
        answer["status"] = status(town, about, base, viewer, direct_as=direct_as)
    if one.filtered:
        answer["filtered"] = True
    return answer


def policy(town: Town, person: Person) -> Json:
    stands = town.policy(person.acct)
    held = [one for one in town.notifications(person.acct) if one.filtered]
    return {rule: getattr(stands, rule).value for rule in POLICY_RULES} | {
        "summary": {
            "pending_requests_count": len({one.who for one in held}),
            "pending_notifications_count": len(held),
        }
    }
