"""The words everything else is said in: plain frozen types, no I/O.

A *post* is what one person said on a network, at one revision. A *reply* is what an agent wrote,
on its way out. A *receipt* is the network's proof that it arrived. Instants are timezone-aware,
in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The real clock. Everything that needs the time takes a `Clock`, so that tests own it."""
    return datetime.now(UTC)


class Visibility(StrEnum):
    """Who can read it. Belongs to each post and each reply, never to a conversation."""

    PUBLIC = "public"
    PRIVATE = "private"


class Kind(StrEnum):
    """What a post is on its network."""

    POST = "post"
    COMMENT = "comment"
    MENTION = "mention"
    REPLY = "reply"
    REPOST = "repost"
    QUOTE = "quote"
    DM = "dm"
    REVIEW = "review"


class Label(StrEnum):
    """What agents must know of a post besides its words."""

    AD = "ad"
    STORY_MENTION = "story_mention"
    STORY_REPLY = "story_reply"
    STANDBY = "standby"
    ENCRYPTED = "encrypted"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone on a network, as the network shows them.

    `id` is the network's own stable id, opaque: never parsed, never compared as a number.
    `handle` is without a leading @, as the account would mention them (`ada@example.social`).
    `links` are addresses on their profile of which the network has checked that they link back;
    they are not kept with what the person said.
    """

    network: str
    id: str
    handle: str
    name: str
    profile_url: str = ""
    avatar_url: str = ""
    followers: int | None = None
    language: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, film or file on the network, by link. `size` in bytes, None where not told.

    `keep` False: the network forbids copies, so it is shown by its link and never fetched.
    """

    url: str
    content_type: str = ""
    filename: str = ""
    description: str = ""
    size: int | None = None
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Post:
    """What one person said, at one revision.

    `id` is unique within the account. `revision` tells one version from another: empty for the
    post as first written, else the time of the edit; revisions sort as text in the order of edits.
    `thread_id` is the id of the thread's first post, `parent_id` of the one answered ("" for none).
    `text` is plain text. `language` is a BCP 47 tag, "" where unknown.
    `by_us` marks a post made by the account itself: it anchors threads and is never a ticket.
    `history` holds the thread above this post, oldest first, for context only.
    `unanswerable` names the sentence (a code of `bridge.text.words`) that says why the network lets
    nobody answer it in public through its API, "" if it does. `mark`, on a post of the account's
    own, is the key of the `Reply` that it is, as the network brought it back ("" where it brings
    none).
    """

    account: str
    network: str
    id: str
    kind: Kind
    visibility: Visibility
    author: Person
    text: str
    created_at: datetime
    thread_id: str
    parent_id: str = ""
    revision: str = ""
    permalink: str = ""
    language: str = ""
    subject: str = ""
    media: tuple[Media, ...] = ()
    by_us: bool = False
    history: tuple[Post, ...] = ()
    labels: tuple[Label, ...] = ()
    unanswerable: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """A post is gone from the network."""

    account: str
    post_id: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One item that could not be understood; it is set aside with its reason, the rest go on."""

    because: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """One item that is understood and none of our business, and why."""

    because: str


class Act(StrEnum):
    """What an agent may do to a post, or to the one who wrote it, besides answering."""

    LIKE = "like"
    UNLIKE = "unlike"
    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"
    BLOCK = "block"
    UNBLOCK = "unblock"


class What(StrEnum):
    """What may happen to a post that changes none of its words."""

    HIDDEN = "hidden"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something happened to a post: it was hidden from the public, or shown again."""

    account: str
    post_id: str
    at: datetime
    what: What


class Arrival(StrEnum):
    """How far a message of ours came, as the network tells later."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """The network's later word on a message of ours: `message_id` is its own id of it, `mark` the
    key of the `Reply` where it brought that back. `because` and `code` (a code of
    `bridge.text.words`, "" for the common one) say why it failed."""

    account: str
    message_id: str
    state: Arrival
    at: datetime
    mark: str = ""
    because: str = ""
    code: str = ""


Event = Post | Removal | Remark | Report | Unreadable | Ignored


@dataclass(frozen=True, slots=True)
class File:
    """Bytes on their way to a network or to the helpdesk."""

    filename: str
    content_type: str
    content: bytes
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent wrote, on its way to the network: one message, already within the limits.

    `key` is the intent's key: the same on every try of the same message, on no other.
    `to` is the person answered, `in_reply_to` the network's id of what is answered ("" for none),
    `thread_id` the thread it belongs to. `intended_at` is when the intent was recorded.
    `answers` is what kind of post `in_reply_to` names (None: nothing is answered, or a message of
    ours), `answered_at` when that was written, `heard_at` when the person last wrote privately in
    this conversation. `template`: the window has closed, and the network's way out of it is asked
    for; `text` is then what fills its blank. `automatic`: no agent wrote it.
    """

    key: str
    account: str
    visibility: Visibility
    text: str
    to: Person
    in_reply_to: str
    thread_id: str
    intended_at: datetime
    language: str = ""
    files: tuple[File, ...] = ()
    answers: Kind | None = None
    answered_at: datetime | None = None
    heard_at: datetime | None = None
    template: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's proof: the id it gave the message, and where it can be seen ("" if nowhere).

    `to` is the network's id of the person it reached, where the network says it.
    """

    id: str
    permalink: str = ""
    to: str = ""


class Outcome(StrEnum):
    """What became of a reply, as far as is known."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"
    NEEDS_SIGN_IN = "needs_sign_in"
    WILL_RETRY = "will_retry"
    UNKNOWN = "unknown"
    PENDING_MODERATION = "pending_moderation"
    REJECTED = "rejected"
    HELD = "held"
    WITHDRAWN = "withdrawn"


class Reached(StrEnum):
    """How much of a reply, which may be several messages, its network has for certain."""

    NOTHING = "nothing"
    PART = "part"
    UNKNOWN = "unknown"


class Urgency(StrEnum):
    """How bad a finding is: `doctor` exits non-zero on a problem, not on advice."""

    OK = "ok"
    ADVICE = "advice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what, how it stands, and what to do about it."""

    about: str
    urgency: Urgency
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket to be opened: where it goes and what it says about the post that opened it.

    `group`, `assignee`, `form` are names or ids as the mapping gives them. `fields` are the words
    of the mapping's `helpdesk.fields` (network, account, permalink ...) with their values; the
    helpdesk knows their ids. `external_id` names the conversation in our ledger.
    """

    subject: str
    external_id: str
    group: str = ""
    priority: str = ""
    assignee: str = ""
    form: str = ""
    tags: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    follow_up_of: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment to be written on a ticket. `author` None means the bridge itself.

    `mark` is this write's own mark: it travels in the helpdesk's metadata, and a write whose
    outcome is unknown is looked for by it. `uploads` are tokens of files already uploaded.
    """

    mark: str
    text: str
    public: bool
    author: Person | None = None
    uploads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What the helpdesk answered to a write: the ticket, and the comment's id ("" if none)."""

    ticket_id: str
    comment_id: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file an agent attached; fetched by the helpdesk adapter, which knows the credentials."""

    url: str
    filename: str
    content_type: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class AgentComment:
    """A comment found on a ticket, newest state.

    `mark` is the bridge's mark if the bridge wrote it, else "". `by_agent` is False for end users
    and for the bridge's own user. `reply_as` is the choice in the ticket's "reply as" field as it
    stood when this comment was written ("private", "public" or ""), and `chosen_here` tells that
    the agent set it after the reply before this one: an explicit act for this very reply.
    `merged_from` are the tickets whose merge into this one the comment tells of, "" for one that
    it does not name.
    """

    id: str
    ticket_id: str
    text: str
    public: bool
    by_agent: bool
    author_id: str
    author_name: str
    created_at: datetime
    mark: str = ""
    attachments: tuple[Attachment, ...] = ()
    reply_as: str = ""
    chosen_here: bool = False
    merged_from: tuple[str, ...] = ()


OURSELVES = "bridge"
"""The network of the bridge itself, as the requester of a ticket for an ops group."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
