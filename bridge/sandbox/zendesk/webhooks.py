"""Webhooks on their way out: signed, in order from one thread, and now and then not as they should.

Signature and headers: https://developer.zendesk.com/documentation/webhooks/verifying/ . What is
tried again is little: 409 three times, 429 and 503 only with a Retry-After under a minute,
timeouts five times, everything else not at all, which is why a bridge needs a reconciler.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import secrets
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

import requests

from bridge.model import Clock
from bridge.sandbox.faults import WEBHOOK, Faults
from bridge.sandbox.zendesk import preset

TIMEOUT = (5.0, 10.0)
TRIES = {409: 4, 429: 5, 503: 5}
TIMEOUT_TRIES = 5


@dataclass(frozen=True, slots=True)
class Webhook:
    """`key_header` and `key` are sent with each call if the webhook has an API key."""

    id: str
    name: str
    endpoint: str
    subscriptions: tuple[str, ...]
    secret: str
    created_at: datetime
    created_by: int
    status: str = "active"
    key_header: str = ""
    key: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook; `invocation` is the same on every try."""

    webhook: str
    invocation: str
    kind: str
    body: bytes
    signed: bool = True
    tried: int = 0


@dataclass(frozen=True, slots=True)
class Invocation:
    """What became of a delivery: `success`, `terminated` or `circuit broken`."""

    id: str
    webhook: str
    status: str
    status_code: int | None
    tries: int


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(secret as text, timestamp + body))."""
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Courier:
    """Delivers webhooks, one after the other, from a thread of its own."""

    def __init__(self, clock: Clock, faults: Faults, *, pace: float, hold_late: bool) -> None:
        self._clock = clock
        self._faults = faults
        self._pace = pace
        self._hold_late = hold_late
        self._bell = threading.Condition()
        self._webhooks: dict[str, Webhook] = {}
        self._queue: list[tuple[float, int, Delivery]] = []
        self._order = count()
        self._held: list[Delivery] = []
        self._overtaken: list[Delivery] = []
        self._done: list[Invocation] = []
        self._busy = False
        self._stopped = False
        self._thread: threading.Thread | None = None

    # ---------------------------------------------------------------- the webhooks

    def add(self, webhook: Webhook) -> Webhook:
        with self._bell:
            self._webhooks[webhook.id] = webhook
        return webhook

    def find(self, webhook_id: str) -> Webhook | None:
        with self._bell:
            return self._webhooks.get(webhook_id)

    def all(self) -> tuple[Webhook, ...]:
        with self._bell:
            return tuple(self._webhooks.values())

    def remove(self, webhook_id: str) -> None:
        with self._bell:
            self._webhooks.pop(webhook_id, None)

    def wants(self, kind: str) -> bool:
        return any(kind in one.subscriptions for one in self.all() if one.status == "active")

    def invocations(self) -> tuple[Invocation, ...]:
        """What became of the deliveries so far, oldest first."""
        with self._bell:
            return tuple(self._done)

    # ---------------------------------------------------------------- deliveries

    def post(self, kind: str, body: bytes) -> None:
        """Put an event on its way to every webhook that subscribed to it."""
        with self._bell:
            if self._stopped:
                return
            for webhook in self._webhooks.values():
                if webhook.status == "active" and kind in webhook.subscriptions:
                    self._post(Delivery(webhook.id, secrets.token_hex(13).upper(), kind, body))
            self._bell.notify_all()

    def post_one(self, webhook: Webhook, kind: str, body: bytes) -> None:
        """Put something on its way to one webhook, whatever it subscribed to."""
        with self._bell:
            self._put(Delivery(webhook.id, secrets.token_hex(13).upper(), kind, body))
            self._bell.notify_all()

    def _post(self, delivery: Delivery) -> None:
        fault = self._faults.take(*WEBHOOK, path=delivery.kind)
        name = fault.fault if fault else ""
        if fault and name == "webhook_late":
            if self._hold_late:
                self._held.append(delivery)
            else:
                self._put(delivery, fault.seconds)
            return
        if name == "webhook_never":
            self._done.append(
                Invocation(delivery.invocation, delivery.webhook, "circuit broken", None, 0)
            )
            return
        if name == "webhook_out_of_order":
            self._overtaken.append(delivery)
            return
        self._put(replace(delivery, signed=name != "webhook_unsigned"))
        if name == "webhook_twice":
            self._put(delivery)
        for overtaken in self._overtaken:
            self._put(overtaken)
        self._overtaken.clear()

    def _put(self, delivery: Delivery, wait: float = 0.0) -> None:
        # Real seconds, not the injected clock: this is how long a thread waits, nothing is dated.
        due = time.monotonic() + wait * self._pace
        heapq.heappush(self._queue, (due, next(self._order), delivery))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox:webhooks", daemon=True)
            self._thread.start()

    def flush(self, seconds: float) -> None:
        with self._bell:
            if not self._bell.wait_for(lambda: not self._queue and not self._busy, seconds):
                raise TimeoutError(f"{len(self._queue)} webhooks are still on their way")

    def release(self) -> None:
        with self._bell:
            for delivery in (*self._held, *self._overtaken):
                self._put(delivery)
            self._held.clear()
            self._overtaken.clear()
            self._bell.notify_all()

    def stop(self) -> None:
        with self._bell:
            self._stopped = True
            self._bell.notify_all()
            thread = self._thread
        if thread:
            thread.join()

    def _run(self) -> None:
        with requests.Session() as http:
            http.trust_env = False
            while True:
                with self._bell:
                    self._bell.wait_for(self._is_due, self._until_due())
                    if self._stopped:
                        return
                    if not self._is_due():
                        continue
                    delivery = heapq.heappop(self._queue)[2]
                    self._busy = True
                wait, invocation = self._try(http, delivery)
                with self._bell:
                    if wait is not None:
                        self._put(replace(delivery, tried=delivery.tried + 1), wait)
                    elif invocation:
                        self._done.append(invocation)
                    self._busy = False
                    self._bell.notify_all()

    def _is_due(self) -> bool:
        return self._stopped or bool(self._queue and self._queue[0][0] <= time.monotonic())

    def _until_due(self) -> float | None:
        return max(0.0, self._queue[0][0] - time.monotonic()) if self._queue else None

    def _try(
        self, http: requests.Session, delivery: Delivery
    ) -> tuple[float | None, Invocation | None]:
        """Call once; the seconds until the next try, or what became of it."""
        webhook = self.find(delivery.webhook)
        if webhook is None:
            return None, None
        tries = delivery.tried + 1
        code: int | None = None
        wait: float | None = None
        try:
            with http.post(
                webhook.endpoint,
                data=delivery.body,
                headers=self.headers(webhook, delivery),
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as answer:
                code = answer.status_code
                wait = _wait(code, answer.headers.get("Retry-After", ""), tries)
        except requests.Timeout:
            wait = 1.0 if tries < TIMEOUT_TRIES else None
        except requests.ConnectionError:
            code = None
        status = "success" if code is not None and code < 300 else "terminated"
        return wait, Invocation(delivery.invocation, webhook.id, status, code, tries)

    def headers(self, webhook: Webhook, delivery: Delivery) -> dict[str, str]:
        """The headers of one try; its timestamp is the try's, not the event's."""
        stamp = f"{self._clock():%Y-%m-%dT%H:%M:%SZ}"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(preset.ACCOUNT_ID),
            "X-Zendesk-Webhook-Id": webhook.id,
            "X-Zendesk-Webhook-Invocation-Id": delivery.invocation,
        }
        if webhook.key_header:
            headers[webhook.key_header] = webhook.key
        if delivery.signed:
            headers["X-Zendesk-Webhook-Signature"] = signature(webhook.secret, stamp, delivery.body)
            headers["X-Zendesk-Webhook-Signature-Timestamp"] = stamp
        return headers


def _wait(code: int, retry_after: str, tries: int) -> float | None:
    if tries >= TRIES.get(code, 0):
        return None
    if code == 409:
        return 1.0
    return float(retry_after) if retry_after.isdigit() and int(retry_after) < 60 else None
