"""What the console shows of a conversation: one frozen type for each thing that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.model import Post


@dataclass(frozen=True, slots=True)
class Heading:
    """The conversation itself. `tickets` are all that it ever had, the oldest first."""

    id: int
    account: str
    external_id: str
    network: str
    person_id: str
    handle: str
    name: str
    profile_url: str
    ticket_id: str
    tickets: tuple[str, ...]
    opened_at: datetime
    last_word_at: datetime
    reply_by: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a post, and the delivery that brought it."""

    id: int
    post: Post
    received_at: datetime
    delivery_id: int | None


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post with everything that was ever heard of it. `state` is live or gone."""

    id: int
    network_id: str
    kind: str
    visibility: str
    by_us: bool
    state: str
    rule: str
    because: str
    mapping_revision: int
    comment_id: str
    created_at: datetime
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class SeenReply:
    """What an agent wrote; `text` is "" for a note that asked for something."""

    id: int
    ticket_id: str
    comment_id: str
    author: str
    text: str
    visibility: str
    because: str
    answers: int | None
    overruled: bool
    attempt: int
    outcome: str
    written_at: datetime
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A change made, or about to be made, outside."""

    id: int
    kind: str
    far_side: str
    reply_id: int | None
    ticket_id: str
    state: str
    tries: int
    made_at: datetime
    tried_at: datetime | None
    remote_id: str
    permalink: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Learnt:
    """One thing that was learnt about a call or a reply."""

    at: datetime
    intent_id: int | None
    reply_id: int | None
    outcome: str
    code: str
    because: str


@dataclass(frozen=True, slots=True)
class Trail:
    at: datetime
    what: str
    because: str
    delivery_id: int | None


@dataclass(frozen=True, slots=True)
class Queued:
    """A step of the conversation's lane."""

    id: int
    kind: str
    about: str
    state: str
    tries: int
    because: str
    made_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery that is about the conversation, without its body."""

    id: int
    source: str
    via: str
    state: str
    because: str
    received_at: datetime
    emptied_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reported:
    at: datetime
    state: str
    code: str
    because: str
    remote_id: str


@dataclass(frozen=True, slots=True)
class Hold:
    reply_id: int
    attempt: int
    findings: str
    needs_second: bool
    state: str
    held_at: datetime
    settled_at: datetime | None
    settled_by: str


@dataclass(frozen=True, slots=True)
class AskedAct:
    id: int
    post_id: int
    act: str
    reason: str
    state: str
    because: str
    asked_by: str
    asked_at: datetime
    approved_by: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rating:
    ticket_id: str
    asked_at: datetime | None
    answered_at: datetime | None
    score: int | None


@dataclass(frozen=True, slots=True)
class Whole:
    """`cut` names what there is more of than is shown."""

    heading: Heading
    posts: tuple[SeenPost, ...]
    replies: tuple[SeenReply, ...]
    calls: tuple[Call, ...]
    learnt: tuple[Learnt, ...]
    trail: tuple[Trail, ...]
    steps: tuple[Queued, ...]
    arrived: tuple[Arrived, ...]
    reports: tuple[Reported, ...]
    holds: tuple[Hold, ...]
    acts: tuple[AskedAct, ...]
    ratings: tuple[Rating, ...]
    cut: tuple[str, ...]
