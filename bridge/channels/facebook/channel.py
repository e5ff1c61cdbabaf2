"""Facebook: comments on a Page's posts and ads, visitors' posts, mentions, and its Messenger.

A public answer is a comment beneath what it answers. A private answer to something public is a
message that Meta leads to its author: once, within seven days, and Facebook itself then shows that
the Page has answered privately. Everything private goes the way of the Messenger channel.

- https://developers.facebook.com/docs/pages-api/comments-mentions
- https://developers.facebook.com/documentation/business-messaging/messenger-platform/discovery/private-replies
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.channels.contract import Limits, Surroundings
from bridge.channels.facebook import comments, moderating, translate
from bridge.channels.facebook.options import FacebookOptions
from bridge.channels.messenger import post_box
from bridge.channels.messenger import translate as private
from bridge.channels.messenger.post_box import PostBox
from bridge.channels.meta import envelope, send_api
from bridge.channels.meta.account import MetaAccount
from bridge.channels.meta.calls import part
from bridge.channels.meta.envelope import Item
from bridge.channels.meta.errors import PRIVATE_ANSWER_USED
from bridge.channels.meta.subscriptions import Subscription
from bridge.errors import Gone, Refused
from bridge.model import Act, Event, Kind, Person, Post, Receipt, Reply, Visibility


class Facebook(MetaAccount):
    """One Page."""

    network: ClassVar[str] = translate.NETWORK
    Options: ClassVar[type[Schema]] = FacebookOptions
    scopes = (
        *post_box.SCOPES,
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
    )

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        page_id: str = options["page_id"]
        self._takes_messages: bool = options["messenger"]
        fields = (*translate.FIELDS, *(post_box.FIELDS if self._takes_messages else ()))
        super().__init__(
            account,
            options,
            surroundings,
            node=page_id,
            owners=frozenset({page_id}),
            wanted=Subscription(
                "page", page_id, options["app_id"], fields, surroundings.public_url
            ),
        )
        self._here = translate.Here(account, page_id)
        whose = private.Here(account, self.network, page_id, options["app_id"])
        self._box = PostBox(self._calls, whose, self._human_agent)

    # -------------------------------------------------------------- in

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        return envelope.unpack(body, self._owners, self._events)

    def _takes(self, item: Item) -> bool:
        return self._takes_messages or item.place not in private.PLACES

    def _events(self, item: Item) -> tuple[Event, ...]:
        if item.place in private.PLACES:
            return private.events(item, self._box.here)
        return translate.events(item, self._here)

    def is_there(self, post_id: str) -> bool:
        """Raises `Again` and its kin where Facebook cannot be asked."""
        try:
            self._calls.get(f"/{part(post_id)}", (("fields", "id"),))
        except Gone:
            return False
        return True

    def person(self, person_id: str) -> Person:
        """Somebody who wrote privately, by name; names do not come with messages."""
        return self._box.person(person_id)

    # -------------------------------------------------------------- out

    def limits(self) -> Limits:
        return replace(
            comments.LIMITS, privately=replace(self._box.limits(), shows_own_notice=True)
        )

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
        """A post that was answered before may have been by this very reply: its answer was lost."""
        if reply.to.id.startswith(translate.NAMELESS) and not send_api.is_private_answer(reply):
            nobody = Refused("Facebook does not say who wrote it")
            nobody.code = "no_private_way"
            raise nobody
        try:
            return self._box.send(reply, text)
        except Refused as refused:
            if refused.code != PRIVATE_ANSWER_USED:
                raise
            found = self._box.find(reply, text, frozenset())
            if found is None:
                raise
            return found

    def find_sent(self, reply: Reply, known: frozenset[str]) -> Receipt | None:
        """Looks beneath what was answered, or at the newest messages. Raises as a read does."""
        text = self.shape(reply)
        if reply.visibility is Visibility.PRIVATE:
            return self._box.find(reply, text, known)
        return comments.find(self._calls, self._node, reply, text, known)

    def acts(self, post: Post) -> frozenset[Act]:
        return moderating.acts(post)

    def do(self, act: Act, post: Post) -> None:
        """Raises as `send` does."""
        moderating.do(self._calls, self._node, act, post)
