"""Mastodon, and servers that speak its API: mentions and private posts in, answers out.

Answering publicly mentions the person and has `visibility` public (or unlisted); answering
privately is a `direct` status that mentions the person and nobody else. The server is the source
of the limits. Its Idempotency-Key is always sent and never relied on: several servers with this
API ignore it, so a lost answer is looked up (`find_sent`) before anything is sent again.

- https://docs.joinmastodon.org/methods/notifications/
- https://docs.joinmastodon.org/methods/statuses/
- https://docs.joinmastodon.org/methods/instance/
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

from marshmallow import Schema

from bridge.addresses import door_of
from bridge.channels.contract import Batch, Limits, Past, Raw, Surroundings
from bridge.channels.mastodon import examine, moderating, reading, sending
from bridge.channels.mastodon.calls import Calls
from bridge.channels.mastodon.instance import Instance, ask_instance
from bridge.channels.mastodon.mentions import mention_of, private_text, public_text
from bridge.channels.mastodon.options import MastodonOptions
from bridge.channels.mastodon.translate import (
    Me,
    id_in,
    pack,
    pack_removal,
    parent_of,
    unpack,
)
from bridge.errors import Again, Gone, NeedsSignIn, Refused, Unreachable
from bridge.model import (
    HOUR,
    Act,
    Clock,
    Event,
    File,
    Finding,
    Media,
    Post,
    Receipt,
    Reply,
    Visibility,
)
from bridge.outside import download

_T = TypeVar("_T")


ASKED_AGAIN = timedelta(minutes=5)


class _Remembered(Generic[_T]):
    """An answer that is good for an hour, and for as long as the server cannot give another: then
    it is asked for every five minutes."""

    def __init__(self, clock: Clock, ask: Callable[[], _T]) -> None:
        self._clock = clock
        self._ask = ask
        self._known: tuple[_T, datetime, timedelta] | None = None

    def __call__(self) -> _T:
        known, now = self._known, self._clock()
        if known and timedelta() <= now - known[1] < known[2]:
            return known[0]
        try:
            self._known = (self._ask(), now, HOUR)
        except Again:
            if known is None:
                raise
            self._known = (known[0], self._clock(), ASKED_AGAIN)
        return self._known[0]


class Mastodon:
    """One account on a Mastodon server."""

    network: ClassVar[str] = "mastodon"
    Options: ClassVar[type[Schema]] = MastodonOptions
    reread_public_first: bool = False

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        self.account = account
        self.every: timedelta = timedelta(seconds=options["poll_seconds"])
        self.reread_every: timedelta = timedelta(minutes=options["reread_minutes"])
        self._public_as: str = options["public_visibility"]
        self._surroundings = surroundings
        self._calls = Calls(options["url"], options["token"], surroundings)
        self._host = urlsplit(options["url"]).netloc
        self._door = door_of(options["url"])
        clock = surroundings.clock
        self._instance = _Remembered[Instance](clock, lambda: ask_instance(self._calls))
        self._me = _Remembered[Me](clock, self._ask_me)
        self._uploads = sending.Uploads(clock)

    # -------------------------------------------------------------- in

    def read(self, cursor: str) -> Batch:
        """Mentions and private posts since `cursor`, with the threads above them.

        Raises `Again` and its kin while nothing could be read, `NeedsSignIn` for a dead token.
        """
        if not cursor:
            return Batch((), reading.newest_place(self._calls))
        return reading.read_mentions(self._calls, cursor, self._me(), self._surroundings.clock)

    def read_back(self, since: datetime) -> Past:
        """Raises as `read` does. What the server no longer lists as a notification is not found."""
        return reading.read_back(self._calls, since, self._me(), self._surroundings.clock)

    def reread(self, post_ids: tuple[str, ...]) -> tuple[Raw, ...]:
        """The posts as they stand. One that was not edited has the key it came with."""
        found = reading.statuses_by_id(self._calls, post_ids)
        return tuple(self._as_it_stands(one, found.get(one)) for one in post_ids)

    def _as_it_stands(self, post_id: str, status: Any) -> Raw:
        if status is None:
            return pack_removal(post_id, self._surroundings.clock())
        edited = isinstance(status, dict) and bool(status.get("edited_at"))
        above = reading.ancestors_of(self._calls, post_id) if edited and parent_of(status) else ()
        if isinstance(status, dict):
            # Asked for by this id, it is this post: snac's ids change with every edit.
            status = {**status, "id": post_id}
        return pack("status", status, above, self._me())

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        return (unpack(self.account, body, self._host),)

    def is_there(self, post_id: str) -> bool:
        """Raises `Again` and its kin where the server cannot be asked."""
        return reading.status_by_id(self._calls, post_id) is not None

    def fetch(self, media: Media, most: int) -> File:
        """Media lie on the server itself or on whatever storage it names; no credentials go."""
        return download(
            media.url,
            most=most,
            timeout=self._surroundings.timeout,
            trusted_hosts=self._surroundings.trusted_hosts | {self._door},
        )

    # -------------------------------------------------------------- out

    def limits(self) -> Limits:
        """The server's own, asked once an hour. Raises `Again` where it cannot be reached and never
        was: without them nothing can be sent anyway."""
        return self._instance().limits

    def shape(self, reply: Reply) -> str:
        """With the mention that the network needs to bring it to the person answered.

        In a private reply no other @ mentions anybody: on Mastodon, a mention is an addressee.
        """
        if reply.visibility is Visibility.PUBLIC:
            return public_text(reply.text, reply.to, self._host)
        return private_text(reply.text, reply.to, self._host)

    def send(self, reply: Reply) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where the status may exist."""
        private = reply.visibility is not Visibility.PUBLIC
        if private and not mention_of(reply.to, self._host):
            raise Refused(f"{reply.to.handle!r} is no name that can be written to privately")
        text = self.shape(reply)
        sending.check_before(reply, text, self.limits())
        if not private and reply.in_reply_to and not self.is_there(reply.in_reply_to):
            # Mastodon refuses this itself; snac and Takahe post it loose, for everybody to read.
            raise Gone("the post that this answers is no longer there")
        local = self._instance().domain or self._host
        media = self._uploads.ids(self._calls, reply)
        visibility = "direct" if private else self._public_as
        status = sending.post(self._calls, reply, text, visibility, media)
        self._uploads.drop(reply)
        return sending.proof(self._calls, reply, status, local)

    def find_sent(self, reply: Reply, known: frozenset[str]) -> Receipt | None:
        """Looks at what the account posted and at what answers the same post.

        Raises `Refused` if a private reply is found to have become public (it is deleted then).
        """
        found = sending.find(self._calls, reply, self.shape(reply), self._me(), known)
        if found is None:
            return None
        return sending.proof(self._calls, reply, found, self._instance().domain or self._host)

    def acts(self, post: Post) -> frozenset[Act]:
        return moderating.acts(post)

    def do(self, act: Act, post: Post) -> None:
        """Raises as `send` does."""
        moderating.do(self._calls, act, post)

    # -------------------------------------------------------------- how it stands

    def examine(self) -> tuple[Finding, ...]:
        """Address, server, credentials, scopes, clock, and what the account's notification policy
        would keep from us. Never raises what the server did: it becomes a finding."""
        asked = examine.Asked(
            instance=lambda: ask_instance(self._calls),
            me=self._ask_me,
        )
        return tuple(examine.findings(self._calls, asked))

    def mend(self) -> str:
        """Let the account's notification policy accept everybody's messages.

        Needs the scope write:notifications; raises `NeedsSignIn` without it. Servers without a
        policy have nothing to mend.
        https://docs.joinmastodon.org/methods/notifications/#update-the-filtering-policy-for-notifications
        """
        try:
            found = examine.refused_by_policy(self._calls)
        except Gone:
            return ""
        if not found:
            return ""
        form = tuple((rule, "accept") for rule in found)
        self._calls.write("PATCH", examine.POLICY, form=form)
        return f"the notification policy now accepts what it kept back: {', '.join(found)}"

    def _ask_me(self) -> Me:
        """https://docs.joinmastodon.org/methods/accounts/#verify_credentials"""
        try:
            told = self._calls.get("/api/v1/accounts/verify_credentials").data
        except Refused as refused:
            # Whoever is not let in here is not signed in: snac says so with an empty 422.
            raise NeedsSignIn(refused.because) from refused
        if not id_in(told):
            raise Unreachable("the server does not say who we are")
        acct = told.get("acct")
        return Me(
            id=id_in(told),
            acct=acct if isinstance(acct, str) else "",
            domain=self._instance().domain or self._host,
        )
