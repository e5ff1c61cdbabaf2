"""The website's webhooks on their way to the bridge: signed, in order, tried until they arrive.

It does what docs/networks/site.md asks of a real website: the same `webhook-id` on every try, a
fresh timestamp, a wait between tries, and no more tries after a 4xx that says what is wrong.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import requests

from bridge.model import Clock
from bridge.outside import new_session
from bridge.sandbox.faults import WEBHOOK, Faults
from bridge.settings import Secret
from bridge.signing import SIGNATURE, sign

TIMEOUT = (5.0, 20.0)
AGAIN = (401, 408, 425, 429)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook. `status` is the last answer's, None while none came; `settled` means that it
    is not tried again. `not_before` is a monotonic time, for those sent late on purpose."""

    webhook_id: str
    body: bytes
    signed: bool = True
    tries: int = 0
    status: int | None = None
    settled: bool = False
    not_before: float = 0.0


class Courier:
    """Delivers from a thread of its own, which starts with the first delivery."""

    def __init__(
        self, clock: Clock, secrets: tuple[Secret, ...], faults: Faults, *, retry_seconds: float
    ) -> None:
        self.secrets = secrets
        self._clock = clock
        self._faults = faults
        self._retry_seconds = retry_seconds
        self._bell = threading.Condition()
        self._hook = ""
        self._queue: deque[Delivery] = deque()
        self._overtaken: list[Delivery] = []
        self._log: dict[str, Delivery] = {}
        self._made = 0
        self._busy = False
        self._stopped = False
        self._thread: threading.Thread | None = None

    def aim(self, hook: str) -> None:
        """Where the bridge takes webhooks; until this is known, they wait."""
        with self._bell:
            self._hook = hook
            self._bell.notify_all()

    def post(self, kind: str, at: datetime, data: dict[str, Any]) -> str:
        """Put an event on its way; the webhook's id."""
        body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}).encode()
        with self._bell:
            self._made += 1
            delivery = Delivery(f"msg_{self._made}", body)
            self._log[delivery.webhook_id] = delivery
            if not self._stopped:
                self._put(delivery, kind)
            self._bell.notify_all()
        return delivery.webhook_id

    def posted(self) -> tuple[Delivery, ...]:
        """Every webhook there ever was, oldest first, as it stands."""
        with self._bell:
            return tuple(self._log.values())

    def again(self, webhook_id: str) -> None:
        """Deliver one that has arrived before once more."""
        with self._bell:
            self._start(replace(self._log[webhook_id], settled=False))
            self._bell.notify_all()

    def flush(self, seconds: float) -> None:
        """Wait until nothing is on its way. Raises `TimeoutError`."""
        with self._bell:
            if not self._bell.wait_for(lambda: not self._queue and not self._busy, seconds):
                raise TimeoutError(f"{len(self._queue)} webhooks are still on their way")

    def stop(self) -> None:
        """End the thread; what is on its way stays undelivered. Safe to repeat."""
        with self._bell:
            self._stopped = True
            self._bell.notify_all()
            thread = self._thread
        if thread:
            thread.join()

    def _put(self, delivery: Delivery, kind: str) -> None:
        fault = self._faults.take(*WEBHOOK, path=kind)
        name = fault.fault if fault else ""
        if fault and name == "webhook_late":
            delivery = replace(delivery, not_before=time.monotonic() + fault.seconds)
        if name == "webhook_never":
            self._log[delivery.webhook_id] = replace(delivery, settled=True)
            return
        if name == "webhook_out_of_order":
            self._overtaken.append(delivery)
            return
        if name == "webhook_unsigned":  # somebody else's attempt, before the real one
            self._start(replace(delivery, webhook_id="forged", signed=False))
        self._start(delivery)
        if name == "webhook_twice":
            self._start(delivery)
        for overtaken in self._overtaken:
            self._start(overtaken)
        self._overtaken.clear()

    def _start(self, delivery: Delivery) -> None:
        self._queue.append(delivery)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox:site", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._stopped or (self._queue and self._hook))
                if self._stopped:
                    return
                # Those late on purpose come after all the others, and not before their time.
                delivery = min(self._queue, key=lambda one: one.not_before)
                late = delivery.not_before - time.monotonic()
                if late > 0:
                    self._bell.wait(late)
                    continue
                self._queue.remove(delivery)
                self._busy, hook = True, self._hook
            tried = self._try(hook, delivery)
            with self._bell:
                self._busy = False
                if tried.webhook_id in self._log:
                    self._log[tried.webhook_id] = tried
                if not tried.settled:
                    self._queue.appendleft(tried)
                    if not self._stopped:
                        self._bell.wait(self._retry_seconds)
                self._bell.notify_all()

    def _try(self, hook: str, delivery: Delivery) -> Delivery:
        headers = {"Content-Type": "application/json"}
        headers |= sign(self.secrets, delivery.webhook_id, self._clock(), delivery.body)
        if not delivery.signed:
            del headers[SIGNATURE]
        status: int | None = None
        with new_session() as session:
            try:
                with session.post(
                    hook, data=delivery.body, headers=headers, timeout=TIMEOUT
                ) as answer:
                    status = answer.status_code
            except requests.RequestException:
                status = None  # not there just now: it is tried again
        final = status is not None and status < 500 and status not in AGAIN
        settled = final or not delivery.signed
        return replace(delivery, tries=delivery.tries + 1, status=status, settled=settled)
