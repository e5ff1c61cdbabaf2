"""Webhooks and subscriptions of the app, and the events on their way.

- Webhooks: https://docs.x.com/x-api/webhooks/introduction
- Subscriptions: https://docs.x.com/x-api/activity/introduction
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from bridge.model import Clock
from bridge.sandbox.x.people import Refusal, invalid
from bridge.sandbox.x.posts import Ids, Message, Post, Rules

PUBLIC = ("post.create", "post.delete", "oauth.revoke")
PRIVATE = (
    "post.mention.create",
    "post.reply.create",
    "post.quote.create",
    "post.repost.create",
    "dm.received",
    "dm.sent",
    "chat.received",
    "chat.sent",
)
KNOWN = (*PUBLIC, *PRIVATE)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a subscription may bring. `told` is the id of the person it is about."""

    kind: str
    told: str
    post: Post | None = None
    message: Message | None = None

    @property
    def resource(self) -> str:
        thing = self.post or self.message
        return thing.id if thing else self.told


@dataclass(frozen=True, slots=True)
class Webhook:
    """`checked_at` is when the address last proved itself."""

    id: str
    url: str
    created_at: datetime
    checked_at: datetime
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of event of one person ("" for `oauth.revoke`, which names none)."""

    id: str
    kind: str
    person_id: str
    created_at: datetime
    updated_at: datetime
    tag: str = ""
    webhook_id: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook. `status` is the answer's, None while none came;
    `genuine` is False for somebody else's attempt."""

    uuid: str
    kind: str
    resource: str
    webhook_id: str
    body: bytes
    at: datetime
    status: int | None = None
    genuine: bool = True


class Hooks:
    """What the app has registered. Nothing here makes a call."""

    def __init__(self, clock: Clock, rules: Rules) -> None:
        self.bell = threading.Condition(threading.RLock())
        self._clock = clock
        self._rules = rules
        self._ids = Ids(clock)
        self._dice = random.Random(7)  # noqa: S311 - ids, not secrets
        self._webhooks: dict[str, Webhook] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._waiting: list[Delivery] = []
        self._log: list[Delivery] = []

    # ---------------------------------------------------------------- webhooks

    def check_url(self, url: str) -> None:
        """Addresses on this machine are let through without certificate and with a port: the real
        X refuses both. Raises `Refusal`."""
        address = urlsplit(url)
        here = address.hostname in LOOPBACK
        if not here and (address.scheme != "https" or address.port is not None):
            raise invalid("UrlValidationFailed: the URL must be https and name no port")
        if url in [one.url for one in self.webhooks()]:
            raise invalid("DuplicateUrlFailed: a webhook is registered for this URL already")
        if len(self.webhooks()) >= self._rules.webhooks:
            raise invalid("WebhookLimitExceeded: too many webhooks")

    def register(self, url: str) -> Webhook:
        now = self._clock()
        with self.bell:
            new = Webhook(self._ids.next(), url, now, now)
            self._webhooks[new.id] = new
            return new

    def webhooks(self) -> tuple[Webhook, ...]:
        with self.bell:
            return tuple(self._webhooks.values())

    def webhook(self, webhook_id: str) -> Webhook:
        """Raises `Refusal`."""
        with self.bell:
            found = self._webhooks.get(webhook_id)
        if found is None:
            raise invalid("WebhookIdInvalid: no such webhook", {"webhook_id": [webhook_id]})
        return found

    def judge(self, webhook_id: str, *, valid: bool) -> Webhook:
        """The address has proved itself, or it has not."""
        with self.bell:
            found = self._webhooks[webhook_id]
            checked = self._clock() if valid else found.checked_at
            self._webhooks[webhook_id] = replace(found, valid=valid, checked_at=checked)
            return self._webhooks[webhook_id]

    def forget(self, webhook_id: str) -> None:
        with self.bell:
            del self._webhooks[self.webhook(webhook_id).id]
            self._waiting = [one for one in self._waiting if one.webhook_id != webhook_id]

    # ---------------------------------------------------------------- subscriptions

    def subscribe(self, kind: str, person_id: str, tag: str, webhook_id: str) -> Subscription:
        """Raises `Refusal`."""
        now = self._clock()
        with self.bell:
            if webhook_id:
                self.webhook(webhook_id)
            if any((one.kind, one.person_id) == (kind, person_id) for one in self.subscriptions()):
                raise invalid("DuplicateSubscriptionFailed: this subscription exists already")
            if len(self._subscriptions) >= self._rules.subscriptions:
                raise Refusal(403, "The maximum number of subscriptions has been reached.")
            new = Subscription(self._ids.next(), kind, person_id, now, now, tag, webhook_id)
            self._subscriptions[new.id] = new
            return new

    def subscriptions(self) -> tuple[Subscription, ...]:
        with self.bell:
            return tuple(self._subscriptions.values())

    def resubscribe(self, subscription_id: str, **changes: str) -> Subscription:
        """Another tag or webhook. Raises `Refusal`."""
        with self.bell:
            if changes.get("webhook_id"):
                self.webhook(changes["webhook_id"])
            found = self._subscription(subscription_id)
            new = replace(found, updated_at=self._clock(), **changes)  # type: ignore[arg-type]
            self._subscriptions[subscription_id] = new
            return new

    def unsubscribe(self, subscription_id: str) -> None:
        """Raises `Refusal`."""
        with self.bell:
            del self._subscriptions[self._subscription(subscription_id).id]

    def drop(self, person_id: str) -> None:
        """Nothing private is brought any more of who took the permission back."""
        with self.bell:
            for one in self.subscriptions():
                if one.person_id == person_id and one.kind in PRIVATE:
                    del self._subscriptions[one.id]

    def _subscription(self, subscription_id: str) -> Subscription:
        found = self._subscriptions.get(subscription_id)
        if found is None:
            raise Refusal(404, f"Could not find subscription with id: [{subscription_id}].")
        return found

    # ---------------------------------------------------------------- what is on its way

    def tell(
        self, happening: Happening, envelope: Callable[[Subscription, str], bytes]
    ) -> tuple[Delivery, ...]:
        """Put an event on its way to everybody who asked for it, once per subscription, each with
        an id of its own; about half of these ids are negative, as X's are."""
        new = []
        with self.bell:
            for one in self.subscriptions():
                wanted = one.kind == happening.kind and one.person_id in ("", happening.told)
                if not wanted or not one.webhook_id:
                    continue
                uuid = str(self._dice.getrandbits(64) - (1 << 63))
                new.append(
                    Delivery(
                        uuid,
                        happening.kind,
                        happening.resource,
                        one.webhook_id,
                        envelope(one, uuid),
                        self._clock(),
                    )
                )
            self.put(*new)
        return tuple(new)

    def put(self, *deliveries: Delivery) -> None:
        with self.bell:
            self._waiting += deliveries
            self.bell.notify_all()

    def take(self) -> tuple[Delivery, ...]:
        """Everything that waits, oldest first; it is now the caller's."""
        with self.bell:
            taken, self._waiting = tuple(self._waiting), []
            return taken

    def waiting(self) -> tuple[Delivery, ...]:
        with self.bell:
            return tuple(self._waiting)

    def note(self, delivery: Delivery) -> None:
        with self.bell:
            self._log.append(delivery)

    def log(self) -> tuple[Delivery, ...]:
        """Every attempt there was, oldest first."""
        with self.bell:
            return tuple(self._log)
