"""Comments and mentions, in the words of the model. Pure, and nothing is called.

Comments cannot be edited, and nobody is told of one that is deleted:
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from marshmallow import ValidationError

from bridge.channels.instagram import mentions, payload
from bridge.channels.instagram.mentions import Mention
from bridge.channels.instagram.payload import Comment, MentionSchema
from bridge.channels.meta.envelope import Item
from bridge.channels.meta.payload import Instant, OpaqueId
from bridge.model import Event, Ignored, Kind, Label, Person, Post, Removal, Visibility
from bridge.text.html import line, whole

NETWORK = "instagram"
COMMENTS, LIVE, MENTIONS = "comments", "live_comments", "mentions"
GONE = "bridge:gone"
"""Not Meta's: what looking again at a comment found."""

SOMEBODY = "Somebody on Instagram"
"""What an author is called whom Meta does not name."""

_US = "our account"
_LIVE_ENDS = "live_video"
_SITE = "https://www.instagram.com"
_LONGEST_NAME = 200
_AS_READ = "1"
"""The revision of a mention whose words were read after it had been told."""


@dataclass(frozen=True, slots=True)
class Here:
    """Whose account it is."""

    account: str
    instagram_id: str


def events(item: Item, here: Here) -> tuple[Event, ...]:
    """Raises `ValidationError` for what cannot be read."""
    if item.field in (COMMENTS, LIVE):
        return (_comment(payload.comment(item.said), item, here),)
    if item.field == MENTIONS:
        return (_mention(item, here),)
    if item.field == GONE:
        gone: str = OpaqueId().deserialize(item.said)
        return (Removal(here.account, gone, _sent_at(item), "deleted, or no longer shown to us"),)
    return (Ignored(f"an Instagram account's {item.field[:50]!r}, which is nothing to answer"),)


def somebody(person_id: str, username: str, name: str = "") -> Person:
    """Comments tell the user name, messages not even that; neither comes with a name."""
    handle = line(username, _LONGEST_NAME)
    return Person(
        network=NETWORK,
        id=person_id,
        handle=handle or line(person_id, _LONGEST_NAME),
        name=line(name, _LONGEST_NAME),
        profile_url=profile_of(handle),
    )


def profile_of(username: str) -> str:
    return f"{_SITE}/{quote(username, safe='')}/" if username else ""


def _sent_at(item: Item) -> datetime:
    at: datetime = Instant().deserialize(item.sent_at)
    return at


def _comment(told: Comment, item: Item, here: Here) -> Post:
    ours = told.own or told.author_id == here.instagram_id
    text = whole(told.text).strip()
    labels = ((Label.AD, told.on_ad), (Label.UNSUPPORTED, not text))
    return Post(
        account=here.account,
        network=NETWORK,
        id=told.id,
        kind=Kind.COMMENT,
        visibility=Visibility.PUBLIC,
        author=_author(told, here, ours=ours),
        text=text,
        created_at=told.at or _sent_at(item),
        thread_id=told.top_id or told.id,
        parent_id=told.top_id,
        by_us=ours,
        labels=tuple(label for label, holds in labels if holds),
        unanswerable=_LIVE_ENDS if item.field == LIVE else "",
    )


def _author(told: Comment, here: Here, *, ours: bool) -> Person:
    """Whom Meta does not name is somebody all the same: the comment can be answered."""
    if ours:
        username = line(told.username, _LONGEST_NAME)
        return Person(NETWORK, here.instagram_id, username or here.instagram_id, username or _US)
    if told.author_id:
        return somebody(told.author_id, told.username)
    return somebody(f"comment:{told.id}", told.username, told.username or SOMEBODY)


def _mention(item: Item, here: Here) -> Post:
    """Told is only where it is; the words come by looking again, as a later revision."""
    if not isinstance(item.said, dict):
        raise ValidationError("is no mention")
    told = MentionSchema().load(item.said)
    mention = Mention(told["media_id"], told["comment_id"] or "")
    read = mentions.seen(told["seen"]) if told["seen"] is not None else None
    text = whole(read.text).strip() if read else _where(mention)
    return Post(
        account=here.account,
        network=NETWORK,
        id=mention.id,
        kind=Kind.MENTION,
        visibility=Visibility.PUBLIC,
        author=somebody(mention.id, read.username if read else ""),
        text=text,
        created_at=(read.at if read else None) or _sent_at(item),
        thread_id=mention.id,
        revision=_AS_READ if read else "",
        permalink=read.permalink if read else "",
        labels=() if read and text else (Label.UNSUPPORTED,),
    )


def _where(mention: Mention) -> str:
    """All that is known: which medium, and which comment beneath it."""
    known = (("media", mention.media_id), ("comment", mention.comment_id))
    return f"[mention: {', '.join(f'{what} {which}' for what, which in known if which)}]"
