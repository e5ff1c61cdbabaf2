"""What people say in the stand-in network, and the ids it gives things.

- Status: https://docs.joinmastodon.org/entities/Status/
- MediaAttachment: https://docs.joinmastodon.org/entities/MediaAttachment/
- Notification: https://docs.joinmastodon.org/entities/Notification/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.model import Clock


class Reach(StrEnum):
    """Mastodon's `visibility`."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    DIRECT = "direct"


OPEN = (Reach.PUBLIC, Reach.UNLISTED)


@dataclass(frozen=True, slots=True)
class Draft:
    """A status somebody wants to post. `key` is the Idempotency-Key, "" for none."""

    text: str
    reach: Reach = Reach.PUBLIC
    in_reply_to: str = ""
    language: str = ""
    media: tuple[str, ...] = ()
    spoiler: str = ""
    sensitive: bool = False
    key: str = ""
    application: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What a status said, from `written_at` on."""

    text: str
    spoiler: str
    sensitive: bool
    language: str
    media: tuple[str, ...]
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """One post. `mentions` are the ids of those it names, `reached` of those it was brought to:
    who has blocked the author is named and never told."""

    id: str
    author: str
    reach: Reach
    thread: str
    in_reply_to: str
    in_reply_to_author: str
    mentions: tuple[str, ...]
    reached: frozenset[str]
    versions: tuple[Version, ...]
    application: str = ""

    @property
    def now(self) -> Version:
        return self.versions[-1]

    @property
    def text(self) -> str:
        return self.now.text

    @property
    def visibility(self) -> str:
        return self.reach.value

    @property
    def created_at(self) -> datetime:
        return self.versions[0].written_at

    @property
    def edited_at(self) -> datetime | None:
        return self.now.written_at if len(self.versions) > 1 else None


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture, film or sound. Until `ready_at` it is being processed and cannot be attached."""

    id: str
    owner: str
    content: bytes
    content_type: str
    filename: str
    description: str
    ready_at: datetime
    status_id: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """`number` is a sequence of its own: it has nothing to do with the ids of statuses."""

    number: int
    to: str
    kind: str
    who: str
    status_id: str
    created_at: datetime
    filtered: bool


class Ids:
    """Time in milliseconds, shifted by 16 bits, and then some: growing, never the same twice.

    To clients they are strings without a meaning. They are too large for a double.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        milliseconds = int(self._clock().timestamp() * 1000)
        self._last = max(self._last + 1, milliseconds << 16)
        return str(self._last)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server allows. Sizes in bytes; `processing` is how long a film takes."""

    characters: int = 500
    media: int = 4
    image_size: int = 16 * 1024 * 1024
    video_size: int = 99 * 1024 * 1024
    processing: timedelta = timedelta(seconds=2)
    idempotency: timedelta = timedelta(hours=1)
    requests: int = 300
    requests_in: timedelta = timedelta(minutes=5)
    uploads: int = 30
    deletes: int = 30
    rare_in: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Leniency:
    """Where other servers are laxer than Mastodon."""

    any_length: bool = False
    missing_parent: bool = False
    forgets_keys: bool = False
    refuses_replies: bool = False


STRICT = Leniency()
