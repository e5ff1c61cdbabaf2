"""Webhooks on their way out: signed, in bundles, again and again while nobody takes them.

- Signature: HMAC-SHA256 with the app's secret over the bytes as sent, in which all that is not
  ASCII is written \\uXXXX: https://developers.facebook.com/docs/messenger-platform/webhooks
- Up to 1000 updates in one call; calls that fail are repeated for 36 hours:
  https://developers.facebook.com/docs/graph-api/webhooks/getting-started
- Messages: an answer within five seconds, and after an hour of failures the app is unsubscribed
  from the account: https://developers.facebook.com/docs/messenger-platform/webhooks
- WhatsApp: for seven days:
  https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview

Nothing waits here: `deliver` tries all that is queued once, and the injected clock says what has
become too old. `start` gives the queue a thread of its own, for people who click on the pages.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import requests

from bridge.model import Clock
from bridge.outside import new_session
from bridge.sandbox.faults import WEBHOOK, Faults
from bridge.sandbox.meta.envelope import envelope
from bridge.sandbox.meta.hooks import Hooks, Item
from bridge.sandbox.meta.people import App

TIMEOUT = (5.0, 5.0)
MOST_ITEMS = 1000
PATIENCE = timedelta(hours=36)
WHATSAPP_PATIENCE = timedelta(days=7)
MESSAGING_PATIENCE = timedelta(hours=1)
SIGNATURE = "X-Hub-Signature-256"
RECORDED = 1000
RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out in one call. `failed_at` is when it failed first."""

    app_id: str
    object: str
    items: tuple[Item, ...]
    signed: bool = True
    tries: int = 0
    failed_at: datetime | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """One call as it was made; `status` None where no answer came."""

    url: str
    body: bytes
    headers: dict[str, str]
    status: int | None


class Courier:
    """`unsubscribes`: whether an hour of failed messages ends the subscription, as Meta's does."""

    def __init__(self, clock: Clock, faults: Faults, hooks: Hooks, apps: dict[str, App]) -> None:
        self.unsubscribes = True
        self._clock = clock
        self._faults = faults
        self._hooks = hooks
        self._apps = apps
        self._bell = threading.Condition()
        self._queue: list[Parcel] = []
        self._overtaken: list[Parcel] = []
        self._unheard: deque[Item] = deque(maxlen=RECORDED)
        self._sent: deque[Sent] = deque(maxlen=RECORDED)
        self._busy = False
        self._stopped = False
        self._thread: threading.Thread | None = None

    # ---------------------------------------------------------------- in

    def post(self, item: Item) -> None:
        """Put something on its way to every app that is to hear of it, now or never."""
        with self._bell:
            told = self._hooks.told(item)
            if not told:
                self._unheard.append(item)
            for hook in told:
                self._put(Parcel(hook.app_id, item.object, (item,)))
            self._bell.notify_all()

    def waiting(self) -> tuple[Item, ...]:
        """What is still on its way."""
        with self._bell:
            return tuple(item for parcel in self._queue for item in parcel.items)

    def unheard(self) -> tuple[Item, ...]:
        """What nobody was told of, because a layer of the subscriptions was missing."""
        with self._bell:
            return tuple(self._unheard)

    def sent(self) -> tuple[Sent, ...]:
        """Every call that was made, oldest first."""
        with self._bell:
            return tuple(self._sent)

    def _put(self, parcel: Parcel) -> None:
        fault = self._faults.take(*WEBHOOK, path=parcel.items[0].field)
        name = fault.fault if fault else ""
        if name == "webhook_never":
            return
        if name == "webhook_out_of_order":
            self._overtaken.append(parcel)
            return
        if fault and name == "webhook_late":
            parcel = replace(parcel, not_before=self._clock() + timedelta(seconds=fault.seconds))
        if name == "webhook_unsigned":  # somebody else's attempt, before the real one
            self._queue.append(replace(parcel, signed=False))
        self._queue.append(parcel)
        if name == "webhook_twice":
            self._queue.append(parcel)
        self._queue += self._overtaken
        self._overtaken.clear()

    # ---------------------------------------------------------------- out

    def deliver(
        self, *, bundle: bool = False, shuffle: int | None = None, twice: bool = False
    ) -> int:
        """Try all that is queued, once; the number of calls that were taken.

        `bundle` puts as much as possible into each call, `shuffle` (a seed) mixes what is queued,
        `twice` sends every call that was taken a second time.
        """
        now = self._clock()
        with self._bell:
            due = [one for one in self._queue if one.not_before is None or one.not_before <= now]
            self._queue = [one for one in self._queue if one not in due]
        if shuffle is not None:
            Random(shuffle).shuffle(due)  # noqa: S311 - an order, not a secret
        taken = 0
        with new_session() as session:
            for parcel in _bundled(due) if bundle else due:
                if not self._call(session, parcel):
                    self._again(parcel)
                    continue
                taken += 1
                if twice:
                    self._call(session, parcel)
        return taken

    def _call(self, session: requests.Session, parcel: Parcel) -> bool:
        hook = self._hooks.find(parcel.app_id, parcel.object)
        if hook is None:  # unsubscribed meanwhile: nobody is there to take it
            return True
        body = envelope(parcel.object, parcel.items, self._clock())
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if parcel.signed:
            headers[SIGNATURE] = signature(self._apps[parcel.app_id].secret, body)
        status: int | None = None
        try:
            with session.post(
                hook.callback_url, data=body, headers=headers, timeout=TIMEOUT
            ) as answer:
                status = answer.status_code
        except requests.RequestException:
            status = None  # not there just now: it is tried again
        with self._bell:
            self._sent.append(Sent(hook.callback_url, body, headers, status))
        return status == 200 or not parcel.signed

    def _again(self, parcel: Parcel) -> None:
        now = self._clock()
        failed_at = parcel.failed_at or now
        item = parcel.items[0]
        messaging = item.place in ("messaging", "standby")
        if messaging and self.unsubscribes and now - failed_at >= MESSAGING_PATIENCE:
            for one in parcel.items:
                self._hooks.unsubscribe(one.entry_id, parcel.app_id)
                self._hooks.unsubscribe(one.also, parcel.app_id)
            return
        whatsapp = parcel.object == "whatsapp_business_account"
        if now - failed_at >= (WHATSAPP_PATIENCE if whatsapp else PATIENCE):
            return
        with self._bell:
            self._queue.append(replace(parcel, tries=parcel.tries + 1, failed_at=failed_at))

    # ---------------------------------------------------------------- by itself

    def start(self) -> None:
        """Deliver from a thread as soon as something is queued, until `stop`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox:meta", daemon=True)
            self._thread.start()

    def flush(self, seconds: float) -> None:
        """Wait until the thread has brought everything. Raises `TimeoutError`."""
        with self._bell:
            if not self._bell.wait_for(lambda: not self._queue and not self._busy, seconds):
                raise TimeoutError(f"{len(self._queue)} webhooks are still on their way")

    def stop(self) -> None:
        """End the thread; what is on its way stays undelivered. Safe to repeat."""
        with self._bell:
            self._stopped = True
            self._bell.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._stopped or self._queue)
                if self._stopped:
                    return
                self._busy = True
            self.deliver()
            with self._bell:
                self._busy = False
                self._bell.notify_all()
                if self._queue:  # refused or late: not again at once
                    self._bell.wait_for(lambda: self._stopped, RETRY_SECONDS)


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the digest in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _bundled(parcels: list[Parcel]) -> list[Parcel]:
    """As few calls as can be; what has failed before keeps the company it was in."""
    made: list[Parcel] = []
    for one in parcels:
        for at, other in enumerate(made):
            fits = _address(one) == _address(other)
            room = len(one.items) + len(other.items) <= MOST_ITEMS
            if fits and room and not one.tries and not other.tries:
                made[at] = replace(other, items=(*other.items, *one.items))
                break
        else:
            made.append(one)
    return made


def _address(parcel: Parcel) -> tuple[str, str, bool]:
    return parcel.app_id, parcel.object, parcel.signed
