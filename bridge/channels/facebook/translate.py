"""What happens on a Page, in the words of the model. Pure, and nothing is called.

- https://developers.facebook.com/docs/graph-api/webhooks/reference/page/#feed
- https://developers.facebook.com/docs/graph-api/webhooks/reference/page/#mention
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marshmallow import ValidationError

from bridge.channels.facebook import payload
from bridge.channels.facebook.payload import Told
from bridge.channels.meta import shown
from bridge.channels.meta.calls import part
from bridge.channels.meta.envelope import Item
from bridge.channels.meta.payload import Instant
from bridge.model import (
    Event,
    Ignored,
    Kind,
    Label,
    Person,
    Post,
    Remark,
    Removal,
    Visibility,
    What,
)
from bridge.text.html import line, whole

NETWORK = "facebook"
FIELDS = ("feed", "mention")
SOMEBODY = "Somebody on Facebook"
"""What an author is called whom Meta does not name."""

NAMELESS = ("comment:", "post:")
"""What the ids of people begin with whom Meta does not name."""

_POSTS = frozenset({"post", "status", "photo", "video", "share", "link", "note", "album"})
_WRITTEN, _EDITED = frozenset({"add"}), frozenset({"edited", "edit", "update"})
_GONE = frozenset({"remove", "delete"})
_REMARKS = {"hide": What.HIDDEN, "unhide": What.SHOWN}
_SITE = "https://www.facebook.com"
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Here:
    """Whose Page it is."""

    account: str
    page_id: str
    page_name: str = "our Page"


def events(item: Item, here: Here) -> tuple[Event, ...]:
    """Raises `ValidationError` for what cannot be read."""
    if item.field not in FIELDS:
        return (Ignored(f"a Page's {item.field[:50]!r}, which is nothing to answer"),)
    told = payload.read(item.said)
    if told.item != "comment" and told.item not in _POSTS:
        return (Ignored(f"a Page's {told.item[:50]!r}, which is nothing to answer"),)
    if not told.id:
        raise ValidationError({"comment_id": ["is missing"]})
    sent_at = _sent_at(item)
    if told.verb in _GONE:
        at = told.at or sent_at
        return (Removal(here.account, told.id, at, "deleted, or no longer shown to us"),)
    if told.verb in _REMARKS:
        return (Remark(here.account, told.id, sent_at, _REMARKS[told.verb]),)
    if told.verb not in _WRITTEN | _EDITED:
        return (Ignored(f"{told.verb[:50]!r} of a {told.item}"),)
    because = _none_of_ours(told, here)
    if because:
        return (Ignored(because),)
    return (_post(told, here, sent_at, mention=item.field == "mention"),)


def _none_of_ours(told: Told, here: Here) -> str:
    if told.item == "comment":
        return ""
    if told.author_id == here.page_id:
        return "the Page's own post"
    if told.item == "share" and not told.post_id.startswith(f"{here.page_id}_"):
        return "a post was shared elsewhere"
    return ""


def _sent_at(item: Item) -> datetime:
    at: datetime = Instant().deserialize(item.sent_at)
    return at


def _post(told: Told, here: Here, sent_at: datetime, *, mention: bool) -> Post:
    edited = told.verb in _EDITED
    thread_id, parent_id = _places(told)
    pictures = tuple(shown.media(one, "image") for one in told.pictures)
    films = tuple(shown.media(one, "video") for one in told.films)
    link = "" if told.link in told.text else told.link
    return Post(
        account=here.account,
        network=NETWORK,
        id=told.id,
        kind=_kind(told, mention=mention),
        visibility=Visibility.PUBLIC,
        author=_person(told, here),
        text=whole("\n\n".join(filter(None, (told.text, link)))).strip(),
        created_at=told.at or sent_at,
        thread_id=thread_id,
        parent_id=parent_id,
        revision=(told.edited_at or sent_at).isoformat(timespec="seconds") if edited else "",
        permalink=_permalink(told),
        media=(*pictures, *films),
        by_us=told.author_id == here.page_id,
        labels=(Label.AD,) if told.on_ad else (),
    )


def _kind(told: Told, *, mention: bool) -> Kind:
    if mention:
        return Kind.MENTION
    return Kind.COMMENT if told.item == "comment" else Kind.POST


def _places(told: Told) -> tuple[str, str]:
    """The thread, and what is answered. Directly beneath a post, a comment begins a thread of its
    own: who comments on the same post has nothing to do with one another. Beneath a visitor's post
    it belongs to that, which its parent tells."""
    if told.item != "comment":
        return told.post_id, ""
    parent = told.parent_id or told.post_id
    return (told.comment_id if parent == told.post_id else parent), parent


def _person(told: Told, here: Here) -> Person:
    """Whom Meta does not name, because of their settings or of our permissions, is somebody all
    the same: the comment can be answered."""
    if told.author_id == here.page_id:
        return Person(NETWORK, here.page_id, here.page_id, here.page_name)
    person_id = told.author_id or f"{NAMELESS[told.item != 'comment']}{told.id}"
    name = line(told.author_name, _LONGEST_NAME) or SOMEBODY
    handle = line(person_id, _LONGEST_NAME)
    return Person(network=NETWORK, id=person_id, handle=handle, name=name)


def address_of(post_id: str) -> str:
    """Where Facebook shows a post or a comment: it leads on to the real address."""
    return f"{_SITE}/{part(post_id)}"


def _permalink(told: Told) -> str:
    """Its own address where Meta tells one, else the post's with the comment marked."""
    if told.permalink:
        return told.permalink
    if not told.beneath or told.item != "comment":
        return address_of(told.id)
    own = part(told.comment_id.rpartition("_")[2])
    above = part(told.parent_id.rpartition("_")[2])
    reply = told.parent_id not in ("", told.post_id)
    marked = f"comment_id={above}&reply_comment_id={own}" if reply else f"comment_id={own}"
    return f"{told.beneath}{'&' if '?' in told.beneath else '?'}{marked}"
