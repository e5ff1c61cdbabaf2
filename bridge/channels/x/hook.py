"""The webhook: proving that it is ours, knowing that X is calling, and keeping X calling.

- https://docs.x.com/x-api/webhooks/quickstart (the check, signatures)
- https://docs.x.com/x-api/webhooks/introduction#webhook-validation: one that X holds invalid gets
  nothing until it is revived by PUT
- https://docs.x.com/x-api/activity/quickstart (subscriptions). Private events are subscribed to
  by the person whom they concern: https://docs.x.com/x-api/activity/introduction#private-events
- https://docs.x.com/x-api/account-activity/quickstart (replay: 24 hours back, not the newest)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping as Headers
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bridge.channels.contract import Shaken
from bridge.channels.x.calls import Calls
from bridge.channels.x.envelopes import get, id_in
from bridge.errors import NotGenuine, PersonMustAct
from bridge.model import DAY, MINUTE
from bridge.settings import Secret

SIGNATURE = "x-twitter-webhooks-signature"
PUBLIC_EVENTS = (
    "post.mention.create",
    "post.reply.create",
    "post.quote.create",
    "post.create",
    "post.delete",
)
PRIVATE_EVENTS = ("dm.received", "dm.sent", "chat.received", "chat.sent")
log = structlog.get_logger()

_TOKEN = re.compile(r"[!#-Z^-z|~]{1,500}")
"""No quotes and no brackets: whoever had a JSON text signed here could send it as X's own."""
_REPLAY_FROM = 31 * MINUTE
_REPLAY_TO = 11 * MINUTE


def genuine(headers: Headers[str, str], body: bytes, secret: Secret) -> str:
    """The same delivery always has the same key. Raises `NotGenuine`."""
    given = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE, "")
    if not given:
        raise NotGenuine(f"the header {SIGNATURE} is needed")
    if not hmac.compare_digest(_signed(secret, body).encode(), given.strip().encode()):
        raise NotGenuine(f"{SIGNATURE} does not fit these bytes")
    return hashlib.sha256(body).hexdigest()


def shake(query: Headers[str, str], secret: Secret) -> Shaken:
    """The answer to X's check. Raises `NotGenuine`."""
    token = query.get("crc_token", "")
    if not _TOKEN.fullmatch(token):
        raise NotGenuine("crc_token is needed: only X's check asks here")
    answer = {"response_token": _signed(secret, token.encode())}
    return Shaken("application/json", json.dumps(answer))


def signed(body: bytes, secret: Secret) -> dict[str, str]:
    """The headers with which X would bring these bytes."""
    return {"Content-Type": "application/json", SIGNATURE: _signed(secret, body)}


def asks() -> dict[str, str]:
    """The query with which X would check an address."""
    return {"crc_token": secrets.token_urlsafe(24)}


def _signed(secret: Secret, message: bytes) -> str:
    digest = hmac.new(secret.reveal().encode(), message, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


@dataclass(frozen=True, slots=True)
class Webhook:
    id: str
    url: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """The webhook of one account. Accounts of the same app share one: `below` is how the addresses
    of them all begin, `address` is this account's. `wanted` are the events it needs."""

    calls: Calls
    user_id: str
    below: str
    address: str
    wanted: tuple[str, ...]

    def keep(self, now: datetime) -> str:
        """Register, revive and subscribe what is missing; what is wrong all the same, "" if
        nothing. Raises `Again` kinds."""
        webhook: Webhook | None = None
        try:
            webhook = self.webhook()
            if webhook is None:
                webhook = self._register()
            elif not webhook.valid:
                self.calls.change("PUT", f"/2/webhooks/{webhook.id}", as_app=True)
                self.replay(webhook, now - DAY, now)
            return self._subscribe(webhook)
        except PersonMustAct as refused:
            because = refused.because.rstrip(".")
            return f"X does not call {webhook.url if webhook else self.address}: {because}"

    def webhook(self) -> Webhook | None:
        """The app's webhook that leads to us. Raises as `Calls.get`."""
        found = [
            Webhook(id_in(one), str(get(one, "url")), get(one, "valid") is True)
            for one in self.calls.get("/2/webhooks", as_app=True).listed
            if id_in(one) and str(get(one, "url")).startswith(self.below)
        ]
        return min(found, key=lambda one: (one.url != self.address, not one.valid), default=None)

    def subscribed(self) -> dict[str, tuple[str, str]]:
        """The account's subscriptions: by kind of event, its id and the id of its webhook."""
        found: dict[str, tuple[str, str]] = {}
        params = {"max_results": "1000"}
        while True:
            answer = self.calls.get("/2/activity/subscriptions", params, as_app=True)
            for one in answer.listed:
                if id_in(get(one, "filter"), "user_id") == self.user_id:
                    kind = str(get(one, "event_type"))
                    found[kind] = (id_in(one, "subscription_id"), id_in(one, "webhook_id"))
            if not answer.next or not answer.listed:
                return found
            params = {**params, "pagination_token": answer.next}

    def replay(self, webhook: Webhook, since: datetime, now: datetime) -> None:
        """Have X bring once more what it brought, or tried to bring, since an instant. What is
        known already comes under the key that it had. Raises `Again` kinds."""
        begin = min(max(since, now - DAY + 2 * MINUTE), now - _REPLAY_FROM)
        span = {"from_date": _minute(begin), "to_date": _minute(now - _REPLAY_TO)}
        body = {"webhook_id": webhook.id, **span}
        try:
            self.calls.change("POST", "/2/webhooks/replay", body, as_app=True)
        except PersonMustAct as refused:
            # Mentions and messages are read as well; only quotes may be missing now.
            log.warning("events were not repeated", because=refused.because)

    def _register(self) -> Webhook:
        made = self.calls.change("POST", "/2/webhooks", {"url": self.address}, as_app=True).data
        one = made[0] if isinstance(made, list) and made else made
        return Webhook(id_in(one), self.address, get(one, "valid") is not False)

    def _subscribe(self, webhook: Webhook) -> str:
        known = self.subscribed()
        refused: dict[str, str] = {}
        for kind in self.wanted:
            subscription, leads_to = known.get(kind, ("", ""))
            if subscription and leads_to == webhook.id:
                continue
            try:
                self._have(kind, subscription, webhook)
            except PersonMustAct as no:
                refused[kind] = no.because
        if not refused:
            return ""
        because = "; ".join(dict.fromkeys(refused.values()))
        return f"X does not tell us of {', '.join(refused)}: {because.rstrip('.')}"

    def _have(self, kind: str, subscription: str, webhook: Webhook) -> None:
        if subscription:
            path = f"/2/activity/subscriptions/{subscription}"
            self.calls.change("PUT", path, {"webhook_id": webhook.id}, as_app=True)
            return
        wish: dict[str, Any] = {
            "event_type": kind,
            "filter": {"user_id": self.user_id},
            "tag": "helpdesk-bridge",
            "webhook_id": webhook.id,
        }
        self.calls.change("POST", "/2/activity/subscriptions", wish)


def is_gap(since: datetime, now: datetime, every: timedelta) -> bool:
    """Whether so long nothing was read that events will have been missed as well."""
    return now - since > max(4 * every, 20 * MINUTE)


def _minute(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M")
