"""What a delivery says, in the words of the model. Pure: no call, and nothing is ever raised.

- Events: https://docs.x.com/x-api/activity/introduction
- Edits make a post with an id of its own: https://docs.x.com/x-api/fundamentals/edit-posts.
  A post is called by the id of its first version, its revision is the id of the version.
- Direct messages have ids out of the same numbers as posts, so theirs begin with `dm:` here; an
  encrypted message's begins with `chat:`. Their thread is the other person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from bridge.channels.fields import Instant, what_is_wrong
from bridge.channels.x import envelopes
from bridge.channels.x.envelopes import get, id_in, whose
from bridge.channels.x.messages import EventMessageSchema, Message, ReadMessageSchema, SealedSchema
from bridge.channels.x.payload import Post as XPost
from bridge.channels.x.payload import PostSchema
from bridge.channels.x.people import NETWORK, Included
from bridge.channels.x.texts import mentioned, plain, readable
from bridge.model import (
    Clock,
    Event,
    Ignored,
    Kind,
    Label,
    Post,
    Removal,
    Unreadable,
    Visibility,
)
from bridge.text.html import line, whole
from bridge.text.words import note

MESSAGE, CHAT = "dm:", "chat:"
UNANSWERABLE = "not_summoned"
_EXCERPT = 200
_REVISION = 20
_LANGUAGES = {"in": "id", "iw": "he", "ji": "yi"}
_NO_LANGUAGE = ("und", "zxx", "art")


@dataclass(frozen=True, slots=True)
class Me:
    """The account itself. `only_summoned`: X lets it answer in public only who calls for it;
    `replies_summon`: a direct reply to a post of ours is such a call."""

    account: str
    id: str
    handle: str
    only_summoned: bool = True
    replies_summon: bool = False


def unpack(me: Me, body: bytes, clock: Clock) -> tuple[Event, ...]:
    """Every event of a delivery, or of one item out of it."""
    try:
        found = envelopes.events_in(body)
    except (ValueError, RecursionError) as wrong:
        return (_set_aside(f"not JSON: {type(wrong).__name__}", body),)
    if envelopes.is_replay_news(body):
        return (Ignored("the news that X has repeated what was asked for"),)
    if not found:
        return (_set_aside("no event of X's Activity API", body),)
    return tuple(event for one in found for event in _unpacked(me, one, body, clock))


def _unpacked(me: Me, event: dict[str, Any], body: bytes, clock: Clock) -> tuple[Event, ...]:
    kind = event["event_type"]
    if not isinstance(kind, str):
        return (_set_aside("event_type: is no text", body),)
    if whose(event) not in (me.id, ""):
        return (Ignored("an event of another account"),)
    if kind in envelopes.POSTS:
        return _safely(lambda: _posts(me, kind, event), body)
    if kind in envelopes.MESSAGES or kind == envelopes.READ_MESSAGE:
        return _messages(me, kind, event, body)
    if kind in envelopes.SEALED:
        return _safely(lambda: _sealed(me, event), body)
    if kind in (envelopes.DELETED, envelopes.GONE):
        return _safely(lambda: _removal(me, kind, event, clock), body)
    if kind == envelopes.REVOKED:
        return (Ignored("the account has taken back our app's permission: sign in again"),)
    return (Ignored(f"{line(kind, 50)}: nothing that is answered from a ticket"),)


def _safely(make: Callable[[], tuple[Event, ...]], body: bytes) -> tuple[Event, ...]:
    try:
        return make()
    except ValidationError as wrong:
        return (_set_aside(what_is_wrong(wrong), body),)


def _set_aside(because: str, body: bytes) -> Unreadable:
    return Unreadable(because, whole(body[:_EXCERPT].decode("utf-8", "replace")))


# ------------------------------------------------------------------ posts


def _posts(me: Me, kind: str, event: dict[str, Any]) -> tuple[Event, ...]:
    if event.get("payload") == {}:
        return (Ignored("an event that brings nothing"),)
    said: XPost = PostSchema().load(get(event, "payload"))
    if said.reposts:
        return (Ignored("a repost has no words of its own"),)
    included = Included.of(event.get("includes"))
    above = included.post(said.answers)
    parent = (_as_post(me, above, included, Kind.POST, ()),) if above else ()
    return (_as_post(me, said, included, _kind(me, said, kind, included), parent, kind),)


def _as_post(
    me: Me,
    said: XPost,
    included: Included,
    kind: Kind,
    history: tuple[Post, ...],
    event: str = "",
) -> Post:
    first = said.versions[0] if said.versions else said.id
    by_us = said.author_id == me.id
    author, protected = included.person(said.author_id, _language(said.lang))
    own_thread = said.conversation_id in ("", said.id, *said.versions)
    return Post(
        account=me.account,
        network=NETWORK,
        id=first,
        kind=Kind.DM if protected else kind,
        visibility=Visibility.PRIVATE if protected else Visibility.PUBLIC,
        author=author,
        text=readable(said),
        created_at=said.created_at,
        thread_id=first if own_thread else included.first_of(said.conversation_id),
        parent_id=included.first_of(said.answers),
        revision="" if said.id == first else said.id.rjust(_REVISION, "0"),
        permalink=f"https://x.com/{author.handle if included.knows(author.id) else 'i'}"
        f"/status/{said.id}",
        language=_language(said.lang),
        media=included.media(said.media_keys),
        by_us=by_us,
        history=history,
        unanswerable="" if by_us or _summoned(me, said, event, included) else UNANSWERABLE,
    )


def _kind(me: Me, said: XPost, event: str, included: Included) -> Kind:
    if said.author_id == me.id:
        return Kind.REPLY if said.answers else Kind.POST
    if said.in_reply_to_user_id == me.id or event == "post.reply.create":
        return Kind.REPLY
    return Kind.QUOTE if _quotes_us(me, said, event, included) else Kind.MENTION


def _summoned(me: Me, said: XPost, event: str, included: Included) -> bool:
    """https://docs.x.com/x-api/posts/manage-tweets/integrate#post-creation-restrictions-self-serve
    The event of a mention is there for what the author typed only."""
    if not me.only_summoned or event == "post.mention.create":
        return True
    if me.replies_summon and said.in_reply_to_user_id == me.id:
        return True
    return mentioned(said, me.id, me.handle) or _quotes_us(me, said, event, included)


def _quotes_us(me: Me, said: XPost, event: str, included: Included) -> bool:
    if not said.quotes:
        return False
    quoted = included.post(said.quotes)
    if event == "post.quote.create" or (quoted is not None and quoted.author_id == me.id):
        return True
    ours = f"/{me.handle.casefold()}/status/{said.quotes}"
    return any(one.expanded_url.casefold().endswith(ours) for one in said.urls)


def _language(lang: str) -> str:
    """BCP 47, with three old codes and some of X's own for "no language"."""
    lang = _LANGUAGES.get(lang, lang)
    fits = 2 <= len(lang) <= 10 and lang.isascii() and lang.replace("-", "").isalpha()
    unknown = lang in _NO_LANGUAGE or (len(lang) == 3 and lang.startswith("q"))
    return lang if fits and not unknown else ""


# ------------------------------------------------------------------ messages


def _messages(me: Me, kind: str, event: dict[str, Any], body: bytes) -> tuple[Event, ...]:
    """Each by itself: one that cannot be read does not keep the others from the ticket."""
    payload = get(event, "payload")
    if kind == envelopes.READ_MESSAGE:
        included = Included.of(event.get("includes"))
        return _safely(lambda: (_message(me, ReadMessageSchema().load(payload), included),), body)
    listed = get(payload, "direct_message_events")
    if not isinstance(listed, list) or not listed:
        return (_set_aside("direct_message_events: are missing", body),)
    users = get(payload, "users")
    included = Included.of({"users": list(users.values()) if isinstance(users, dict) else users})
    found: list[Event] = []
    for one in listed:
        found += _safely(lambda one=one: (_event_message(me, one, included),), body)  # type: ignore[misc]
    return tuple(found)


def _event_message(me: Me, one: Any, included: Included) -> Event:
    if get(one, "type") not in (None, "message_create"):
        return Ignored("something happened in a conversation, and nothing was said")
    return _message(me, EventMessageSchema().load(one), included)


def _message(me: Me, said: Message, included: Included) -> Event:
    other = _other(me, said.sender_id, said.recipient_id, said.conversation_id)
    if not other:
        return Ignored("a message in a conversation of several people, which is not answered here")
    author, _ = included.person(said.sender_id, "")
    pictures = (*said.pictures, *included.pictures(said.media_keys))
    return Post(
        account=me.account,
        network=NETWORK,
        id=MESSAGE + said.id,
        kind=Kind.DM,
        visibility=Visibility.PRIVATE,
        author=author,
        text=plain(said.text, said.urls, tuple(one.key or one.url for one in pictures)),
        created_at=said.created_at,
        thread_id=other,
        media=included.shown(pictures),
        by_us=said.sender_id == me.id,
    )


def _other(me: Me, sender: str, recipient: str, conversation: str) -> str:
    """Whom the account talks with, "" in a conversation of several. That of two is called by both
    ids: https://docs.x.com/x-api/direct-messages/lookup/integrate"""
    both = {sender, recipient} if recipient else set(conversation.replace(":", "-").split("-"))
    if sender not in both or me.id not in both or len(both) != 2:
        return ""
    return next(one for one in both if one != me.id)


def _sealed(me: Me, event: dict[str, Any]) -> tuple[Event, ...]:
    """Nobody but the two can read it (https://docs.x.com/xchat/introduction), but that it is there
    must be known: it waits for an answer."""
    said = SealedSchema().load(get(event, "payload"))
    by_us = said.sender_id == me.id
    other = _other(me, said.sender_id, "", said.conversation_id)
    if not other and by_us:
        return (Ignored("an encrypted message of ours to several people"),)
    author, _ = Included.of(event.get("includes")).person(said.sender_id, "")
    return (
        Post(
            account=me.account,
            network=NETWORK,
            id=CHAT + said.id,
            kind=Kind.DM,
            visibility=Visibility.PRIVATE,
            author=author,
            text=note("encrypted_sent" if by_us else "encrypted", network=NETWORK),
            created_at=said.created_at,
            thread_id=other or said.sender_id,
            permalink="https://x.com/messages",
            by_us=by_us,
            labels=(Label.ENCRYPTED,),
        ),
    )


# ------------------------------------------------------------------ removals


def _removal(me: Me, kind: str, event: dict[str, Any], clock: Clock) -> tuple[Event, ...]:
    post_id = id_in(event.get("payload"))
    if not post_id:
        raise ValidationError("says that something is gone, but not what")
    because = "deleted" if kind == envelopes.DELETED else "deleted, or no longer shown to us"
    return (Removal(me.account, post_id, _at(event) or clock(), because),)


def _at(event: dict[str, Any]) -> datetime | None:
    try:
        at: datetime | None = Instant().deserialize(event.get("at"))
    except ValidationError:
        return None
    return at
