"""X: mentions, replies, quotes and direct messages in, answers out.

Events arrive by the X Activity API; mentions and messages are also read now and then, for what no
event brought. Every call and event costs money, which is counted. Self-serve customers of X may
answer in public only where the author mentions or quotes them.

- https://docs.x.com/x-api/activity/introduction
- https://docs.x.com/x-api/posts/manage-tweets/integrate
- https://docs.x.com/x-api/direct-messages/manage/integrate
- https://docs.x.com/x-api/getting-started/pricing
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Headers
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import structlog
from marshmallow import Schema

from bridge.channels.contract import Batch, Limits, Raw, Shaken, Surroundings
from bridge.channels.x import envelopes, hook, moderating, pictures, sending
from bridge.channels.x.calls import Calls
from bridge.channels.x.examine import Examination
from bridge.channels.x.hook import Hook
from bridge.channels.x.options import SELF_SERVE, XOptions
from bridge.channels.x.people import NETWORK, Included
from bridge.channels.x.prices import DOLLAR, Spending
from bridge.channels.x.reading import Place, Reader
from bridge.channels.x.remembered import Letterboxes, Uploads
from bridge.channels.x.sending import Sender
from bridge.channels.x.signin import sign_in
from bridge.channels.x.translate import MESSAGE, Me, unpack
from bridge.errors import Again, PersonMustAct, Refused
from bridge.model import (
    MINUTE,
    Act,
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
from bridge.settings import Secret

log = structlog.get_logger()


class X:
    """One account on X."""

    network: ClassVar[str] = NETWORK
    Options: ClassVar[type[Schema]] = XOptions
    hook_every: timedelta = 15 * MINUTE
    reread_public_first: bool = True

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        self.account = account
        self.every: timedelta = timedelta(minutes=options["poll_minutes"])
        self.reread_every: timedelta = timedelta(hours=options["reread_hours"])
        self._secret: Secret = options["consumer_secret"]
        self.hook: str = f"{NETWORK}:{_name_of(self._secret)}"
        self._messages: bool = options["direct_messages"]
        self._most: int = options["max_characters"]
        self._surroundings = surroundings
        self._me = Me(
            account,
            options["user_id"],
            options["handle"],
            only_summoned=options["plan"] == SELF_SERVE,
            replies_summon=options["replies_summon"],
        )
        clock, budget = surroundings.clock, options["budget"]
        self._spending = Spending(
            account,
            clock,
            surroundings.meter,
            None if budget is None else round(budget * DOLLAR),
            owned=options["owned_reads"],
        )
        signed_in = sign_in(account, options, surroundings)
        self._calls = Calls(options["url"], signed_in, options["bearer_token"], surroundings)
        self._reader = Reader(self._calls, self._me.id, self._spending, self._messages)
        self._sender = Sender(self._calls, self._me, self._spending, Uploads(clock))
        self._letterboxes = Letterboxes(self._calls, self._spending, clock)

    # -------------------------------------------------------------- in: events

    def genuine(self, headers: Headers[str, str], body: bytes) -> str:
        return hook.genuine(headers, body, self._secret)

    def shake(self, query: Headers[str, str]) -> Shaken:
        return hook.shake(query, self._secret)

    def asks(self) -> Headers[str, str]:
        return hook.asks()

    def signed(self, body: bytes) -> Headers[str, str]:
        return hook.signed(body, self._secret)

    def complaint(self, body: bytes) -> str:
        """Nobody at X mends what they send."""
        return ""

    def apart(self, body: bytes) -> tuple[Raw, ...]:
        """The account's own items. What X charges for them is counted here."""
        items = envelopes.apart(body, self._me.id, self._surroundings.clock())
        for kind, subject, _ in items:
            self._spending.event(kind, subject)
        return tuple(raw for _, _, raw in items)

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        return unpack(self._me, body, self._surroundings.clock)

    def keep_hook(self) -> str:
        kept = self._hook()
        return kept.keep(self._surroundings.clock()) if kept else ""

    # -------------------------------------------------------------- in: reading

    def read(self, cursor: str) -> Batch:
        """Mentions and messages since `cursor`. Nothing is read once the budget is used up. Where
        reading was interrupted for long, X is asked to repeat its events as well: the next time,
        where it cannot be asked now.

        Raises `Again` and its kin while nothing could be read, `NeedsSignIn` for dead keys.
        """
        if self._spending.used_up():
            return Batch((), cursor)
        now = self._surroundings.clock()
        if not cursor:
            return Batch((), self._reader.newest(now).cursor())
        place = Place.of(cursor)
        gap = hook.is_gap(place.read_at(), now, self.every)
        if gap and not self._repeated_since(place.read_at(), now):
            return self._reader.read(place, place.read_at())
        return self._reader.read(place, now)

    def _repeated_since(self, since: datetime, now: datetime) -> bool:
        """Reading makes up for events that do not come: it waits for none of this."""
        kept = self._hook()
        try:
            webhook = kept.webhook() if kept else None
            if kept and webhook:
                kept.replay(webhook, since, now)
        except (Again, PersonMustAct) as failed:
            log.warning("events were not repeated", because=failed.because)
            return False
        return True

    def reread(self, post_ids: tuple[str, ...]) -> tuple[Raw, ...]:
        """The public posts as they stand, while there is a budget for it."""
        if self._spending.used_up():
            return ()
        return self._reader.reread(post_ids, self._surroundings.clock())

    def is_there(self, post_id: str) -> bool:
        """Raises `Again` and its kin where X cannot be asked."""
        return self._reader.is_there(post_id)

    def person(self, person_id: str) -> Person:
        """Events of replies and quotes come without their people. Raises as `read` does, `Gone`."""
        if self._spending.used_up() or not person_id.isdecimal():
            return Included.of({}).person(person_id, "")[0]
        return self._reader.person(person_id)

    def fetch(self, media: Media, most: int) -> File:
        """Pictures of posts lie open; those of direct messages want our signature."""
        return pictures.fetch(self._calls, media, most)

    # -------------------------------------------------------------- out

    def limits(self) -> Limits:
        public = replace(sending.PUBLIC, length=replace(sending.PUBLIC.length, most=self._most))
        private = replace(sending.PRIVATE, replies_privately=self._messages)
        return replace(public, replies_privately=self._messages, privately=private)

    def shape(self, reply: Reply) -> str:
        return sending.shape(reply)

    def send(self, reply: Reply) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where the message may exist."""
        text = self.shape(reply)
        sending.check_before(reply, text, self.limits().of(reply.visibility))
        if reply.visibility is Visibility.PUBLIC:
            return self._sender.post(reply, text)
        if not self._messages:
            raise Refused("direct messages are switched off for this account")
        return self._sender.message(reply, text)

    def find_sent(self, reply: Reply, known: frozenset[str]) -> Receipt | None:
        text = self.shape(reply)
        if reply.visibility is Visibility.PUBLIC:
            return self._sender.find_post(reply, text, known)
        return self._sender.find_message(reply, text, known)

    def why_no_dm(self, person: Person, in_reply_to: str) -> str:
        """Who has written to us privately can be answered, and need not be asked about."""
        if in_reply_to.startswith(MESSAGE) or not person.id.isdecimal():
            return ""
        if self._letterboxes.is_open(person.id):
            return ""
        return "they take no direct messages from us"

    def acts(self, post: Post) -> frozenset[Act]:
        return moderating.acts(self._me, post)

    def do(self, act: Act, post: Post) -> None:
        """Raises as `send` does."""
        moderating.do(self._calls, self._me, act, post)

    # -------------------------------------------------------------- how it stands

    def examine(self) -> tuple[Finding, ...]:
        """Credentials, permissions, clock, webhook, subscriptions, and what it has cost. Never
        raises what X did: it becomes a finding."""
        asked = Examination(self._calls, self._me, self._hook(), self._spending, self._messages)
        return tuple(asked.findings())

    def _hook(self) -> Hook | None:
        """None where X cannot call us, or we cannot ask whether it does."""
        public = self._surroundings.public_url.rstrip("/")
        if not self._calls.bearer or not public:
            return None
        below = f"{public}/hooks/{NETWORK}/"
        wanted = hook.PUBLIC_EVENTS + (hook.PRIVATE_EVENTS if self._messages else ())
        return Hook(self._calls, self._me.id, below, below + self.account, wanted)


def _name_of(secret: Secret) -> str:
    """The same for every account of an app, and nothing that tells the secret."""
    return hashlib.sha256(f"x hook {secret.reveal()}".encode()).hexdigest()[:16]
