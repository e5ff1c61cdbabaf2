"""Instagram: comments on a brand's posts and ads, mentions, and its direct messages.

A public answer stands beneath the top-level comment. A private answer to a comment is a message
that Instagram leads to its author: once, within seven days, into their requests if they do not
follow the account. Instagram shows nothing of it in public.

- https://developers.facebook.com/docs/instagram-platform/overview
- https://developers.facebook.com/docs/instagram-platform/private-replies
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.channels.contract import Limits, Raw, Surroundings
from bridge.channels.instagram import (
    comments,
    login,
    mentions,
    moderating,
    reading,
    standing,
    translate,
)
from bridge.channels.instagram.direct import Direct
from bridge.channels.instagram.mentions import mention_of
from bridge.channels.instagram.options import InstagramOptions, Login
from bridge.channels.instagram.standing import OwnLogin
from bridge.channels.messenger import translate as private
from bridge.channels.meta import envelope, examine, send_api
from bridge.channels.meta.account import MetaAccount
from bridge.channels.meta.calls import Answer, part
from bridge.channels.meta.envelope import Item
from bridge.errors import NeedsSignIn, Refused
from bridge.model import (
    MINUTE,
    Act,
    Event,
    Finding,
    Kind,
    Person,
    Post,
    Receipt,
    Reply,
    Visibility,
)

OUR_ACCOUNT = "our account"
_NO_PRIVATE_WAY = "no_private_way"


class Instagram(MetaAccount):
    """One professional account."""

    network: ClassVar[str] = translate.NETWORK
    Options: ClassVar[type[Schema]] = InstagramOptions
    scopes = login.SCOPES[Login.FACEBOOK]

    reread_public_first: bool = True
    reread_every: timedelta = 15 * MINUTE
    """At most forty comments are looked at each time. Instagram allows 4,800 calls a day for each
    time that something of the account was seen:
    https://developers.facebook.com/docs/graph-api/overview/rate-limiting/#instagram-graph-api"""

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        instagram_id: str = options["instagram_id"]
        wanted = login.subscription(options, surroundings.public_url)
        super().__init__(
            account,
            options,
            surroundings,
            node=instagram_id,
            owners=frozenset({instagram_id}),
            wanted=wanted,
        )
        self._page_id: str = options["page_id"]
        self._here = translate.Here(account, instagram_id)
        whose = private.Here(account, self.network, instagram_id, self._app_id, OUR_ACCOUNT)
        self._box = Direct(self._calls, whose, self._human_agent, login.sender(options))
        self._own_login: OwnLogin | None = None
        if options["login"] is Login.INSTAGRAM:
            self._own_login = OwnLogin(self._calls, self._sign_in, wanted, instagram_id, self._url)

    # -------------------------------------------------------------- in

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        return envelope.unpack(body, self._owners, self._events)

    def _events(self, item: Item) -> tuple[Event, ...]:
        if item.place in private.PLACES:
            return private.events(item, self._box.here)
        return translate.events(item, self._here)

    def reread(self, post_ids: tuple[str, ...]) -> tuple[Raw, ...]:
        """Raises as a read does."""
        return reading.reread(self._calls, self._node, post_ids, self._reliable)

    def _reliable(self) -> None:
        """Raises unless comments can be read as ever."""
        self._about_itself()
        if self._own_login:
            return
        told = self._token_facts()
        lacking = [one for one in login.READS_COMMENTS if one not in told.scopes]
        if not told.valid or lacking:
            raise NeedsSignIn(told.words or f"not granted: {', '.join(lacking)}")

    def is_there(self, post_id: str) -> bool:
        """Raises `Again` and its kin where Instagram cannot be asked."""
        return reading.is_there(self._calls, self._node, post_id)

    def person(self, person_id: str) -> Person:
        """Somebody who commented, wrote or mentioned us, by name: none of it comes with one. Raises
        as a read does."""
        mention = mention_of(person_id)
        if mention is None:
            return self._box.person(person_id)
        username = mentions.author(self._calls, self._node, mention)
        return translate.somebody(person_id, username, username)

    # -------------------------------------------------------------- out

    def limits(self) -> Limits:
        return replace(comments.LIMITS, privately=self._box.limits())

    def shape(self, reply: Reply) -> str:
        return reply.text

    def send(self, reply: Reply) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have been sent."""
        text = self.shape(reply)
        if reply.visibility is Visibility.PRIVATE:
            return self._send_privately(reply, text)
        if reply.answers is Kind.DM:
            raise Refused("what was said privately is not answered in public")
        send_api.check(reply, comments.LIMITS)
        return comments.send(self._calls, self._node, reply, text)

    def _send_privately(self, reply: Reply, text: str) -> Receipt:
        """A comment that takes no private answer may have had this very one: its answer was lost.
        Instagram does not tell one reason from the other."""
        if mention_of(reply.in_reply_to):
            refused = Refused("a mention beneath somebody else's post is answered in public only")
            refused.code = _NO_PRIVATE_WAY
            raise refused
        try:
            return self._box.send(reply, text)
        except Refused as no:
            again = send_api.is_private_answer(reply) and no.code == _NO_PRIVATE_WAY
            found = self._box.find(reply, text, frozenset()) if again else None
            if found is None:
                raise
            return found

    def find_sent(self, reply: Reply, known: frozenset[str]) -> Receipt | None:
        """Looks beneath the comment, or at the newest messages. Raises as a read does, and
        `NobodyKnows` where it cannot be told."""
        text = self.shape(reply)
        if reply.visibility is Visibility.PRIVATE:
            return self._box.find(reply, text, known)
        return comments.find(self._calls, self._own_name, reply, text, known)

    def _own_name(self) -> str:
        return self._about_itself().text("username")

    def acts(self, post: Post) -> frozenset[Act]:
        return moderating.acts(post, by_page=self._own_login is None)

    def do(self, act: Act, post: Post) -> None:
        """Raises as `send` does."""
        moderating.do(self._calls, self._page_id, act, post)

    # -------------------------------------------------------------- how it stands

    def keep_hook(self) -> str:
        """Raises `NeedsSignIn` for a token that has died meanwhile, else as a read does."""
        return self._own_login.keep() if self._own_login else super().keep_hook()

    def _mend_app(self) -> str:
        """With Instagram's own login only a person can, in the app's dashboard."""
        return "" if self._own_login else super()._mend_app()

    def examine(self) -> tuple[Finding, ...]:
        """Never raises what Meta did: it becomes a finding."""
        if self._own_login:
            return tuple(self._own_login.findings())
        page_id, mine = self._page_id, self._node
        whose = examine.answered("linked Page", lambda: standing.linked(self._calls, page_id, mine))
        return (*super().examine(), whose)

    def _about_itself(self) -> Answer:
        return self._calls.read(f"/{part(self._node)}", "id,username,name", "id,username")
