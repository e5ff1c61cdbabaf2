"""What is said in the stand-in for X: posts, messages, pictures, and the ids they get."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bridge.model import Clock

EPOCH_MS = 1_288_834_974_657


@dataclass(frozen=True, slots=True)
class Link:
    """A link as X shortens it: `short` stands in the text."""

    short: str
    expanded: str
    shown: str
    media: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One version of a post; an edit is a new one with an id of its own. `history` names all
    versions up to this one, oldest first. `text[shown[0]:shown[1]]` is what readers see: the
    mentions that X puts before a reply come before it, links to a quote or a picture after it.
    `open_to` is X's `reply_settings`: "everyone", or "mentionedUsers" for those it names."""

    id: str
    author: str
    text: str
    created_at: datetime
    conversation: str
    shown: tuple[int, int]
    history: tuple[str, ...]
    in_reply_to: str = ""
    in_reply_to_user: str = ""
    quotes: str = ""
    reposts: str = ""
    links: tuple[Link, ...] = ()
    media: tuple[str, ...] = ()
    language: str = "en"
    open_to: str = "everyone"

    @property
    def first_id(self) -> str:
        return self.history[0]

    @property
    def visible(self) -> str:
        """What the author typed."""
        return self.text[self.shown[0] : self.shown[1]]


@dataclass(frozen=True, slots=True)
class Message:
    """A direct message between two. `sealed`: an encrypted chat, whose words X does not know."""

    id: str
    sender: str
    recipient: str
    text: str
    created_at: datetime
    links: tuple[Link, ...] = ()
    media: str = ""
    sealed: bool = False

    @property
    def conversation(self) -> str:
        """https://docs.x.com/x-api/direct-messages/lookup/integrate#conversation-types"""
        small, large = sorted((self.sender, self.recipient), key=int)
        return f"{small}-{large}"

    def between(self, one: str, other: str) -> bool:
        return {self.sender, self.recipient} == {one, other}


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture or film. `category` is X's `media_category`; direct messages take only `dm_…`."""

    id: str
    owner: str
    content: bytes
    content_type: str
    category: str
    until: datetime
    alt: str = ""

    @property
    def kind(self) -> str:
        if self.category.endswith("_gif"):
            return "animated_gif"
        return "video" if self.category.endswith("_video") else "photo"

    @property
    def key(self) -> str:
        return f"{ {'photo': 3, 'video': 13, 'animated_gif': 16}[self.kind] }_{self.id}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds here. `summoned`: replies only to who mentions or quotes us, as for self-serve
    customers (https://docs.x.com/x-api/posts/manage-tweets/integrate#post-creation-restrictions-self-serve);
    whether the mention X itself puts before a reply counts is not documented, others saw it not
    count. The time during which an identical text is refused is not documented either."""

    summoned: bool = True
    implicit_mention_summons: bool = False
    duplicates_within: timedelta = timedelta(hours=24)
    weight: int = 280
    message_length: int = 10_000
    editable_for: timedelta = timedelta(minutes=60)
    edits: int = 5
    pictures: int = 4
    subscriptions: int = 1_500
    webhooks: int = 5
    token_seconds: int = 7200
    names: str = "tweet"


@dataclass(slots=True)
class Ids:
    """Ids that grow with the time, as X makes them (19 digits nowadays)."""

    clock: Clock
    _last: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> str:
        with self._guard:
            at = (int(self.clock().timestamp() * 1000) - EPOCH_MS) << 22
            self._last = max(at, self._last + 1)
            return str(self._last)


def made_at(post_id: str) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp(((int(post_id) >> 22) + EPOCH_MS) / 1000, UTC)
