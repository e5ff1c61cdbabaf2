"""What a channel is: limits as data, a way out, and abilities recognised by `isinstance`.

A channel is bound to one account and keeps nothing between calls. It never retries, never sleeps,
never decides: it translates, and it sorts every failure into one of the kinds in `bridge.errors`.
After a request that writes, anything but a clear refusal is `NobodyKnows`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Headers
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from marshmallow import Schema

from bridge.model import (
    Act,
    Clock,
    Event,
    File,
    Finding,
    Media,
    Person,
    Post,
    Receipt,
    Reply,
    Visibility,
)
from bridge.tokens import TokenStore


class Unit(StrEnum):
    """What a network counts when it measures a text."""

    CHARACTERS = "characters"
    GRAPHEMES = "graphemes"
    UTF8_BYTES = "bytes"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True)
class Length:
    """How long one message may be.

    `url_weight` is what any link counts for (None: as it is written). `short_mentions` means that
    the server part of `@user@server` is free.
    """

    most: int
    unit: Unit = Unit.CHARACTERS
    url_weight: int | None = None
    short_mentions: bool = False


class Once(StrEnum):
    """How a send is made safe to repeat."""

    DETERMINISTIC_ID = "deterministic_id"
    SERVER_KEY = "server_key"
    UPSERT = "upsert"
    MARK_IN_ECHO = "mark_in_echo"
    SECOND_REFUSED = "second_refused"
    RECEIVER_DEDUPES = "receiver_dedupes"
    NOTHING = "nothing"


class Told(StrEnum):
    """How edits and deletions reach us."""

    PUSHED = "pushed"
    POLLED = "polled"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the network allows, as data: it drives splitting, guards, warnings and docs.

    `files` is how many media one message may carry, `file_bytes` how large one may be,
    `file_types` which content types (empty: any). `reply_window` is how long after a private
    message one may answer it (None: always). `shows_own_notice` means the network itself tells
    the public thread that an answer was given privately, so ours would be noise.

    `privately` is what holds for private messages where that differs. `text_or_file`: one message
    carries either. `private_answer_window` is how long after a public post its author may be
    written to (None: always), `private_answers_once` that this works once until they answer.
    `one_private_thread`: private messages with a person are one thread, and answers name nothing.
    `no_links_in_notices`: a link in what the bridge says by itself is forbidden or dear, so the
    wording of a notice holds none. `pace` is the least time between two messages that its rate of
    posting allows in the long run (None: nobody says); only answers to many are held to it, all
    others are sent and the network's own refusals obeyed.
    """

    length: Length
    files: int = 0
    file_bytes: int = 0
    file_types: frozenset[str] = frozenset()
    reply_window: timedelta | None = None
    shows_own_notice: bool = False
    replies_publicly: bool = True
    replies_privately: bool = True
    edits: Told = Told.NEVER
    deletes: Told = Told.NEVER
    once: Once = Once.NOTHING
    once_for: timedelta | None = None
    text_or_file: bool = False
    private_answer_window: timedelta | None = None
    private_answers_once: bool = False
    one_private_thread: bool = False
    no_links_in_notices: bool = False
    pace: timedelta | None = None
    privately: Limits | None = None

    def of(self, visibility: Visibility) -> Limits:
        """What holds for a message that these may read."""
        return self.privately or self if visibility is Visibility.PRIVATE else self


@dataclass(frozen=True, slots=True)
class Raw:
    """One item exactly as it arrived. `key` is its identity: the same item always has the same."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one read brought, oldest first, and where to go on. `more`: read again at once."""

    items: tuple[Raw, ...]
    cursor: str
    more: bool = False


class Meter(Protocol):
    """Counts what an account costs, in millionths of a dollar, for all processes and machines."""

    def spend(self, account: str, what: str, each: int, times: int = 1) -> None: ...

    def spent(self, account: str, since: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a channel is given besides its own options.

    `trusted_hosts` may be called even when they resolve to private addresses (a server in the
    same house, the sandbox); every other host that someone else chose may not. `tokens` keeps
    sign-ins that are renewed, `meter` counts what calls cost; None where nothing is kept.
    """

    clock: Clock
    public_url: str = ""
    timeout: tuple[float, float] = (5.0, 20.0)
    trusted_hosts: frozenset[str] = field(default_factory=frozenset)
    tokens: TokenStore | None = None
    meter: Meter | None = None


class Channel(Protocol):
    """Bound to one account. `Options` is the schema of the account's own settings in the mapping.

    The class is built as `Cls(account, options, surroundings)`, `options` being what its
    `Options` schema loaded (secrets already resolved). Building it makes no call.
    """

    network: ClassVar[str]
    Options: ClassVar[type[Schema]]
    account: str

    def __init__(
        self, account: str, options: dict[str, Any], surroundings: Surroundings
    ) -> None: ...

    def limits(self) -> Limits:
        """May ask the server once and remember: limits are the server's own where it tells them."""
        ...

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        """Pure translation of one `Raw.body`. Never raises: what is odd becomes `Unreadable`."""
        ...

    def shape(self, reply: Reply) -> str:
        """The text exactly as it will be sent (with the mention the network needs, say)."""
        ...

    def send(self, reply: Reply) -> Receipt:
        """Send one message. Raises the kinds of `bridge.errors`; `NobodyKnows` after a lost answer.

        A private reply reaches `reply.to` and nobody else, or it is refused.
        """
        ...


@runtime_checkable
class Reads(Protocol):
    """Is polled."""

    every: timedelta

    def read(self, cursor: str) -> Batch:
        """What is new since `cursor` ("" on the first connect: then only the place, no items)."""
        ...


@dataclass(frozen=True, slots=True)
class Past:
    """What was said before: how many items, and each of them, oldest first, asked for as it is
    taken."""

    count: int
    items: Iterator[Raw]


@runtime_checkable
class ReadsBack(Protocol):
    """Can be asked for what was there before it was connected."""

    def read_back(self, since: datetime) -> Past:
        """Everything since an instant, each item under the key that `read` would give it.

        Raises as `read` does, here or while the items are taken.
        """
        ...


@runtime_checkable
class Expires(Protocol):
    """Has a sign-in that ends at a known time and that nobody but a person can renew."""

    def expires_at(self) -> datetime | None:
        """None: it does not end, or nobody knows when. Makes no call."""
        ...


@runtime_checkable
class Rereads(Protocol):
    """Learns of edits and deletions by looking at known posts again, at the newest of them.
    `reread_public_first`: what is private cannot be looked at (or hardly anything of it), so it is
    not to take the places of what is public."""

    reread_every: timedelta
    reread_public_first: bool

    def reread(self, post_ids: tuple[str, ...]) -> tuple[Raw, ...]:
        """The named posts as they stand; a missing one comes back as something that unpacks to
        a `Removal`."""
        ...


@runtime_checkable
class Pushes(Protocol):
    """Is called by the network, at `POST /hooks/<network>/<account>`."""

    def genuine(self, headers: Headers[str, str], body: bytes) -> str:
        """The delivery's own key (the same when delivered twice), or raises `NotGenuine`."""
        ...

    def complaint(self, body: bytes) -> str:
        """For senders who can mend what they sent: what is wrong with it, "" if nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Shaken:
    """What a handshake is answered with."""

    content_type: str
    body: str


@runtime_checkable
class Handshakes(Protocol):
    """Is asked by the network, at `GET /hooks/<network>/<account>`, whether the address is ours."""

    def shake(self, query: Headers[str, str]) -> Shaken:
        """Raises `NotGenuine`."""
        ...


@runtime_checkable
class Rehearses(Protocol):
    """Can play the network's part towards our own address, so that `bridge connect` tries the way
    to us before anybody relies on it."""

    def asks(self) -> Headers[str, str]:
        """The query of a handshake as the network sends it, another one each time; empty where
        the network asks nothing."""
        ...

    def signed(self, body: bytes) -> Headers[str, str]:
        """The headers with which the network would bring these very bytes."""
        ...


@runtime_checkable
class Bundles(Protocol):
    """Is sent many items in one delivery, perhaps of several accounts at one address.

    Accounts with the same `hook` are offered every delivery that arrives for any of them; an item
    goes to the first, in the order of the mapping, that takes it.
    """

    hook: str

    def apart(self, body: bytes) -> tuple[Raw, ...]:
        """This account's own items, each as a whole delivery that holds nothing else, under a key
        that does not depend on what it came with. Never raises: what nobody can read is no item.
        """
        ...


@runtime_checkable
class KeepsHook(Protocol):
    """Can see whether the network still calls us, and revive what has died."""

    hook_every: timedelta

    def keep_hook(self) -> str:
        """What is wrong, in one sentence, "" if nothing. Raises as a read does."""
        ...


@runtime_checkable
class Reopens(Protocol):
    """Has a way to write to somebody whose window has closed: `Reply.template`."""

    def template_name(self, language: str) -> str:
        """What the network knows it by, "" if none is set up."""
        ...


@runtime_checkable
class FindsOwn(Protocol):
    """Can find a message of ours again."""

    def find_sent(self, reply: Reply, known: frozenset[str]) -> Receipt | None:
        """The message that `reply` became, None only if it certainly became none; ids in `known`
        are other messages of ours. Raises as a read does, and `NobodyKnows` where it cannot be
        told: also where the question is refused (`bridge.channels.looking`)."""
        ...


@runtime_checkable
class ShowsPosts(Protocol):
    """Can tell whether a post is still there."""

    def is_there(self, post_id: str) -> bool: ...


@runtime_checkable
class CanDM(Protocol):
    """Can tell beforehand whether a person takes private messages from us."""

    def why_no_dm(self, person: Person, in_reply_to: str) -> str:
        """ "" if it may be tried, else why not."""
        ...


@runtime_checkable
class Names(Protocol):
    """Messages come without the names of those who wrote them; they can be asked for."""

    def person(self, person_id: str) -> Person:
        """As the network shows them; one without a name where it does not tell. Raises as a read
        does, `Gone` for somebody who is not there."""
        ...


@runtime_checkable
class Moderates(Protocol):
    """Can do something about a post besides answering it. Every act is safe to repeat: what is so
    already counts as done; only what was deleted may be `Gone` the second time."""

    def acts(self, post: Post) -> frozenset[Act]:
        """What the network lets us do to this post, or to its author. Makes no call."""
        ...

    def do(self, act: Act, post: Post) -> None:
        """Raises as a send does; `NeedsSignIn` with the code `needs_permission` where only this
        is not allowed, and everything else goes on."""
        ...


@runtime_checkable
class FetchesMedia(Protocol):
    """Fetches what a post shows, with the network's own rules about where from."""

    def fetch(self, media: Media, most: int) -> File:
        """At most `most` bytes. Raises `Refused` (too large, forbidden), `Gone` or `Again`."""
        ...


@runtime_checkable
class Mends(Protocol):
    """Can put right what `examine` may find on the network's side, with an admin's leave."""

    def mend(self) -> str:
        """What was changed, "" if there was nothing to change. Safe to repeat."""
        ...


SIGN_IN = frozenset({"credentials", "access token"})
"""What findings about the sign-in itself are called: with such a problem nothing is connected."""
RIGHTS = frozenset({"scopes", "permissions"})
"""What findings about the rights of a sign-in are called."""


@runtime_checkable
class Examined(Protocol):
    """Can be examined by `bridge doctor` and on connecting: credentials, scopes, policies."""

    def examine(self) -> tuple[Finding, ...]: ...
