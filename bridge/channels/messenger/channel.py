"""Messenger: what people write to a Facebook Page in private, and the Page's answers.

- https://developers.facebook.com/documentation/business-messaging/messenger-platform
- https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.channels.contract import Limits, Surroundings
from bridge.channels.messenger import blocking, post_box, translate
from bridge.channels.messenger.options import MessengerOptions
from bridge.channels.messenger.post_box import PostBox
from bridge.channels.messenger.translate import Here
from bridge.channels.meta import envelope
from bridge.channels.meta.account import MetaAccount
from bridge.channels.meta.envelope import Item
from bridge.channels.meta.subscriptions import Subscription
from bridge.errors import Refused
from bridge.model import Act, Event, Ignored, Person, Post, Receipt, Reply, Visibility


class Messenger(MetaAccount):
    """One Page's private messages."""

    network: ClassVar[str] = "messenger"
    Options: ClassVar[type[Schema]] = MessengerOptions
    scopes = post_box.SCOPES

    def __init__(self, account: str, options: dict[str, Any], surroundings: Surroundings) -> None:
        page_id: str = options["page_id"]
        wanted = Subscription(
            "page", page_id, options["app_id"], post_box.FIELDS, surroundings.public_url
        )
        super().__init__(
            account,
            options,
            surroundings,
            node=page_id,
            owners=frozenset({page_id}),
            wanted=wanted,
        )
        self._here = Here(account, self.network, page_id, options["app_id"])
        self._box = PostBox(self._calls, self._here, self._human_agent)

    # -------------------------------------------------------------- in

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        return envelope.unpack(body, self._owners, self._events)

    def _takes(self, item: Item) -> bool:
        return item.place in translate.PLACES

    def _events(self, item: Item) -> tuple[Event, ...]:
        if self._takes(item):
            return translate.events(item, self._here)
        return (Ignored("it is public, and this account takes private messages only"),)

    def person(self, person_id: str) -> Person:
        """Somebody by name; names do not come with messages. Raises as a read does."""
        return self._box.person(person_id)

    # -------------------------------------------------------------- out

    def limits(self) -> Limits:
        return self._box.limits()

    def shape(self, reply: Reply) -> str:
        return reply.text

    def send(self, reply: Reply) -> Receipt:
        """Raises the kinds of `bridge.errors`; `NobodyKnows` where it may have been sent."""
        if reply.visibility is not Visibility.PRIVATE:
            raise Refused("nothing on Messenger is public")
        return self._box.send(reply, self.shape(reply))

    def find_sent(self, reply: Reply, known: frozenset[str]) -> Receipt | None:
        """Looks at the newest messages of the conversation. Raises as a read does."""
        return self._box.find(reply, self.shape(reply), known)

    def acts(self, post: Post) -> frozenset[Act]:
        return blocking.acts(post)

    def do(self, act: Act, post: Post) -> None:
        """Raises as `send` does."""
        blocking.do(self._calls, self._node, act, post)
