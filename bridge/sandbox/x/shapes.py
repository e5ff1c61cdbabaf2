"""People, posts and pictures as X writes them, whole; who asked picks what they asked for.

Field names: https://docs.x.com/x-api/fundamentals/data-dictionary. In events every number comes a
second time as a string (`like_count_str`), in answers it does not: `twins` adds these.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bridge.sandbox.x import words
from bridge.sandbox.x.people import Person
from bridge.sandbox.x.posts import Link, Message, Post, Upload

if TYPE_CHECKING:
    from bridge.sandbox.x.town import Town

REFERENCES = (("replied_to", "in_reply_to"), ("quoted", "quotes"), ("retweeted", "reposts"))
COUNTED = ("retweet", "reply", "like", "quote", "bookmark", "impression")


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def user(town: Town, person: Person) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": person.id,
        "name": person.name,
        "username": person.username,
        "created_at": instant(person.created_at),
        "description": person.bio,
        "protected": person.protected,
        "verified": False,
        "verified_type": "none",
        "is_identity_verified": False,
        "affiliation": {"description": "", "badge_url": ""},
        "profile_image_url": f"{town.address}/avatars/{person.id}.svg",
        "profile_banner_url": "",
        "url": words.short_link(person.website).short if person.website else "",
        "public_metrics": _user_metrics(town, person),
    }
    if person.location:
        shown["location"] = person.location
    entities = _user_entities(person)
    if entities:
        shown["entities"] = entities
    return shown


def post(town: Town, one: Post) -> dict[str, Any]:
    """Everything there is to say; names are the `tweet` ones, see `names`."""
    shown: dict[str, Any] = {
        "id": one.id,
        "text": one.text,
        "edit_history_tweet_ids": _versions(town, one),
        "author_id": one.author,
        "conversation_id": one.conversation,
        "created_at": instant(one.created_at),
        "display_text_range": list(one.shown),
        "lang": one.language,
        "paid_partnership": False,
        "possibly_sensitive": False,
        "public_metrics": _post_metrics(town, one),
        "reply_settings": one.open_to,
    }
    if one.in_reply_to:
        shown["in_reply_to_tweet_id"] = one.in_reply_to
        shown["in_reply_to_user_id"] = one.in_reply_to_user
    references = [{"type": kind, "id": getattr(one, name)} for kind, name in REFERENCES]
    references = [each for each in references if each["id"]]
    if references:
        shown["referenced_tweets"] = references
    else:
        shown["edit_controls"] = _edit_controls(town, one)
    entities = _entities(town, one)
    if entities:
        shown["entities"] = entities
    if one.media:
        shown["attachments"] = {"media_keys": [_key(town, media) for media in one.media]}
    return shown


def media(town: Town, upload: Upload) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "media_key": upload.key,
        "type": upload.kind,
        "width": 640,
        "height": 480,
    }
    address = f"{town.address}/media/{upload.id}"
    if upload.kind == "photo":
        shown["url"] = address
    else:
        shown["preview_image_url"] = f"{address}/preview"
        shown["variants"] = [{"content_type": upload.content_type, "url": address}]
    if upload.alt:
        shown["alt_text"] = upload.alt
    return shown


def message(town: Town, one: Message) -> dict[str, Any]:
    """https://docs.x.com/x-api/direct-messages/lookup/integrate"""
    shown: dict[str, Any] = {
        "id": one.id,
        "event_type": "MessageCreate",
        "text": one.text,
        "sender_id": one.sender,
        "dm_conversation_id": one.conversation,
        "created_at": instant(one.created_at),
    }
    if one.media:
        shown["attachments"] = {"media_keys": [_key(town, one.media)]}
    urls = _urls(one.text, one.links)
    if urls:
        shown["entities"] = {"urls": urls}
    return shown


def twins(shown: Any) -> Any:
    """The same with a string beside every number."""
    if isinstance(shown, list):
        return [twins(one) for one in shown]
    if not isinstance(shown, dict):
        return shown
    doubled = {}
    for name, value in shown.items():
        doubled[name] = twins(value)
        if isinstance(value, int) and not isinstance(value, bool):
            doubled[f"{name}_str"] = str(value)
    return doubled


def _versions(town: Town, one: Post) -> list[str]:
    """Of an older version as well: https://docs.x.com/x-api/fundamentals/edit-posts"""
    known = [each.id for each in town.posts() if each.first_id == one.first_id]
    return known or list(one.history)


def _key(town: Town, upload_id: str) -> str:
    found = town.media(upload_id)
    return found.key if found else f"3_{upload_id}"


def _user_metrics(town: Town, person: Person) -> dict[str, int]:
    written = sum(one.author == person.id for one in town.latest())
    return {
        "followers_count": person.followers,
        "following_count": 1,
        "tweet_count": written,
        "listed_count": 0,
        "like_count": 0,
        "media_count": 0,
    }


def _post_metrics(town: Town, one: Post) -> dict[str, int]:
    answers = sum(other.in_reply_to == one.id for other in town.latest())
    return {f"{what}_count": answers if what == "reply" else 0 for what in COUNTED}


def _edit_controls(town: Town, one: Post) -> dict[str, Any]:
    first = town.at(one.first_id) or one
    until = first.created_at + town.rules.editable_for
    left = town.rules.edits - (len(one.history) - 1)
    return {
        "edits_remaining": left,
        "is_edit_eligible": left > 0 and until > town.clock(),
        "editable_until": instant(until),
    }


def _entities(town: Town, one: Post) -> dict[str, Any]:
    named = []
    for span in words.mentions(one.text):
        person = town.known(span.value)
        if person:
            place = {"start": span.start, "end": span.end}
            named.append({**place, "username": person.username, "id": person.id})
    tags = [
        {"start": span.start, "end": span.end, "tag": span.value}
        for span in words.hashtags(one.text)
    ]
    found = {"mentions": named, "hashtags": tags, "urls": _urls(one.text, one.links)}
    return {name: value for name, value in found.items() if value}


def _urls(text: str, links: tuple[Link, ...]) -> list[dict[str, Any]]:
    found = []
    for link in links:
        start = text.find(link.short)
        found.append(
            {
                "start": start,
                "end": start + len(link.short),
                "url": link.short,
                "expanded_url": link.expanded,
                "display_url": link.shown,
            }
        )
    return found


def _user_entities(person: Person) -> dict[str, Any]:
    entities: dict[str, Any] = {}
    if person.website:
        link = words.short_link(person.website)
        entities["url"] = {"urls": _urls(link.short, (link,))}
    named = [
        {"start": one.start, "end": one.end, "username": one.value}
        for one in words.mentions(person.bio)
    ]
    if named:
        entities["description"] = {"mentions": named}
    return entities
