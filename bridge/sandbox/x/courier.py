"""The stand-in's calls to our address: the check that it is ours, and signed events.

- The check: https://docs.x.com/x-api/webhooks/quickstart#2-the-crc-check
- Signatures: https://docs.x.com/x-api/webhooks/quickstart#3-securing-webhooks
- What makes a webhook invalid: https://docs.x.com/x-api/webhooks/introduction#webhook-validation

X documents no second try of an event that was not taken: it is lost until a replay asks for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

import requests

from bridge.model import Clock
from bridge.outside import new_session
from bridge.sandbox.faults import WEBHOOK, Faults
from bridge.sandbox.x.costs import Costs
from bridge.sandbox.x.hooks import Delivery, Hooks, Webhook

SIGNATURE = "x-twitter-webhooks-signature"
TIMEOUT = (5.0, 10.0)
PROVEN_FOR = timedelta(hours=24)
AGAIN_AFTER = timedelta(minutes=30)
GIVEN_UP_AFTER = timedelta(hours=28)
REPLAYABLE = timedelta(hours=24)


class Verdict(StrEnum):
    """How an address answered the check."""

    OURS = "ours"
    WRONG = "wrong"
    AWAY = "away"


def signature(secret: str, message: bytes) -> str:
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


class Courier:
    """`deliver` brings everything that waits, from the caller's thread; `start` does so from a
    thread of its own whenever something waits, until `stop`."""

    def __init__(self, hooks: Hooks, clock: Clock, costs: Costs, secret: str) -> None:
        self.faults = Faults()
        self._hooks = hooks
        self._clock = clock
        self._costs = costs
        self._secret = secret
        self._looked_at: datetime | None = None
        self._thread: threading.Thread | None = None
        self._turn = threading.Lock()
        self._stopped = False
        self._busy = False

    def challenge(self, url: str) -> Verdict:
        """Ask an address whether it knows our secret."""
        token = secrets.token_urlsafe(24)
        expected = signature(self._secret, token.encode())
        with new_session() as session:
            try:
                answer = session.get(
                    url, params={"crc_token": token}, timeout=TIMEOUT, allow_redirects=False
                )
            except requests.exceptions.SSLError:
                return Verdict.WRONG
            except requests.RequestException:
                return Verdict.AWAY
            if answer.status_code >= 400:
                return Verdict.AWAY
            if answer.status_code >= 300:
                return Verdict.WRONG
            return Verdict.OURS if _response_token(answer) == expected else Verdict.WRONG

    def recheck(self) -> None:
        """The checks that are due by now: after a day without one, every half hour."""
        now = self._clock()
        if self._looked_at is not None and now - self._looked_at < AGAIN_AFTER:
            return
        self._looked_at = now
        for webhook in self._hooks.webhooks():
            if webhook.valid and now - webhook.checked_at >= PROVEN_FOR:
                self._check(webhook)

    def deliver(self) -> tuple[Delivery, ...]:
        """What was sent, in order, with each answer's status. Events for a webhook that is not
        valid are not sent; they come back with no status."""
        with self._turn:
            self._busy = True
            self.recheck()
            sent = [self._send(one) for one in self._order(self._hooks.take())]
            with self._hooks.bell:
                for one in sent:
                    self._hooks.note(one)
                self._busy = False
                self._hooks.bell.notify_all()
        return tuple(sent)

    def again(self, uuid: str) -> None:
        """Put an event on its way a second time, as X does now and then."""
        found = next(one for one in self._hooks.log() if one.uuid == uuid)
        self._hooks.put(replace(found, status=None))

    def replay(self, webhook_id: str, begin: datetime, end: datetime) -> str:
        """Put everything of a span on its way again, and then the news that this is done; the
        job's id. https://docs.x.com/x-api/account-activity/quickstart#replay"""
        job = str(int(self._clock().timestamp() * 1000))
        span = {
            one.uuid: replace(one, status=None)
            for one in self._hooks.log()
            if one.webhook_id == webhook_id and begin <= one.at < end and one.genuine
        }
        told = {
            "webhook_id": webhook_id,
            "job_state": "Complete",
            "job_state_description": "Job completed successfully",
            "job_id": job,
        }
        body = json.dumps({"replay_job_status": told}).encode()
        done = Delivery(job, "replay_job_status", job, webhook_id, body, self._clock())
        self._hooks.put(*span.values(), done)
        return job

    def flush(self, seconds: float) -> None:
        """Wait until nothing is on its way. Raises `TimeoutError`."""
        with self._hooks.bell:
            if not self._hooks.bell.wait_for(self._idle, seconds):
                raise TimeoutError("events are still on their way")

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox:x", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; what is on its way stays there. Safe to repeat."""
        with self._hooks.bell:
            self._stopped = True
            self._hooks.bell.notify_all()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._hooks.bell:
                self._hooks.bell.wait_for(lambda: self._stopped or self._hooks.waiting())
                if self._stopped:
                    return
            self.deliver()

    def _idle(self) -> bool:
        return not self._busy and not self._hooks.waiting()

    def _check(self, webhook: Webhook) -> None:
        verdict = self.challenge(webhook.url)
        if verdict is Verdict.OURS:
            self._hooks.judge(webhook.id, valid=True)
        elif verdict is Verdict.WRONG or self._clock() - webhook.checked_at > GIVEN_UP_AFTER:
            self._hooks.judge(webhook.id, valid=False)

    def _order(self, waiting: tuple[Delivery, ...]) -> list[Delivery]:
        """With what goes wrong on purpose: twice, never, forged, overtaken, or after all others."""
        ordered: list[Delivery] = []
        overtaken: list[Delivery] = []
        late: list[Delivery] = []
        for one in waiting:
            fault = self.faults.take(*WEBHOOK, path=one.kind)
            name = fault.fault if fault else ""
            if name == "webhook_never":
                self._hooks.note(one)
                continue
            if name == "webhook_out_of_order":
                overtaken.append(one)
                continue
            if name == "webhook_late":
                late.append(one)
                continue
            if name == "webhook_unsigned":
                ordered.append(replace(one, genuine=False))
            ordered += [one, one] if name == "webhook_twice" else [one]
            ordered += overtaken
            overtaken.clear()
        return [*ordered, *overtaken, *late]

    def _send(self, delivery: Delivery) -> Delivery:
        webhook = next(
            (one for one in self._hooks.webhooks() if one.id == delivery.webhook_id), None
        )
        if webhook is None or not webhook.valid:
            return delivery
        headers = {"Content-Type": "application/json"}
        if delivery.genuine:
            headers[SIGNATURE] = signature(self._secret, delivery.body)
        with new_session() as session:
            try:
                with session.post(
                    webhook.url, data=delivery.body, headers=headers, timeout=TIMEOUT
                ) as answer:
                    status = answer.status_code
            except requests.RequestException:
                return delivery  # nobody there just now: X does not come again by itself
        if status < 300 and delivery.genuine:
            self._costs.event(delivery.kind, delivery.resource)
        return replace(delivery, status=status)


def _response_token(answer: requests.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return ""
    return str(said.get("response_token", "")) if isinstance(said, dict) else ""
