"""An endpoint on loopback that keeps what it is sent, and a bridge whose workers send it.

Everything that arrives is verified by the reference library of Standard Webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import standardwebhooks.webhooks
from crm_village import Village, said
from cryptography.fernet import Fernet
from standardwebhooks import Webhook, WebhookVerificationError

from bridge.crm.webhooks import keeping
from bridge.flow.bridge import Bridge
from bridge.helpdesks.contract import Budget
from bridge.helpdesks.zendesk.compose import said_in
from bridge.ledger import Ledger, endpoints, sendings
from bridge.ledger.endpoints import Endpoint, Format, Wanted
from bridge.ledger.sendings import Sending
from bridge.sandbox.server import serve
from bridge.settings import Secret, Settings
from bridge.worker import run_once

KEY = Secret(Fernet.generate_key().decode())
Reply = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Arrived:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def about(self) -> str:
        about: str = self.said["data"]["id"]
        return about


def is_genuine(arrived: Arrived, secret: Secret) -> bool:
    """As the reference library sees it, at this moment."""
    try:
        Webhook(secret.reveal()).verify(arrived.body, arrived.headers)
    except WebhookVerificationError:
        return False
    return True


@dataclass
class Receiver:
    """Answers each call with the next of `answers`, then with 204. `secrets` are the endpoints', by
    their names."""

    arrived: list[Arrived] = field(default_factory=list)
    forged: list[Arrived] = field(default_factory=list)
    secrets: dict[str, Secret] = field(default_factory=dict)
    answers: list[Reply] = field(default_factory=list)
    on_call: Callable[[], None] = lambda: None

    def __call__(self, environ: Any, start: Any) -> list[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.arrived.append(Arrived(headers, body))
        secret = self.secrets.get(environ["PATH_INFO"].strip("/"))
        if secret and not is_genuine(self.arrived[-1], secret):
            self.forged.append(self.arrived[-1])
        self.on_call()
        status, more = self.answers.pop(0) if self.answers else (204, {})
        words = b"" if status == 204 else b"what I think of it"
        start(f"{status} So", [*more.items(), ("Content-Length", str(len(words)))])
        return [words]

    def taken(self) -> list[Arrived]:
        """What has come since the last time; all of it was genuine."""
        assert [] == self.forged
        came, self.arrived[:] = list(self.arrived), []
        return came


@dataclass
class Stage:
    bridge: Bridge
    receiver: Receiver
    url: str
    clock: Any

    @property
    def ledger(self) -> Ledger:
        return self.bridge.ledger

    def add(self, name: str = "crm", *events: str, from_start: bool = False, **how: Any) -> None:
        wanted = Wanted(name, f"{self.url}/{name}", events or ("*",), Format.STANDARD)
        made = keeping.add(self.bridge, replace(wanted, **how), "ada", from_start=from_start)
        self.receiver.secrets[name] = made.secret

    def endpoint(self, name: str = "crm") -> Endpoint:
        with self.ledger.reading() as tx:
            found = endpoints.named(tx, name)
        assert found is not None
        return found

    def log(self, name: str = "crm") -> list[Sending]:
        """Oldest first."""
        with self.ledger.reading() as tx:
            return list(reversed(sendings.log(tx, self.endpoint(name).id, 1000)))

    def settle(self, rounds: int = 200) -> None:
        """Do what is due now."""
        for _ in range(rounds):
            if not run_once(self.bridge, "test"):
                return
        raise AssertionError("the lanes do not come to rest")

    def later(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.settle()

    def says(self, number: str, text: str) -> int:
        """A customer says something; the interaction's number."""
        with self.ledger.writing() as tx:
            return Village(tx).heard(said(number, text, self.clock()))


@contextmanager
def open_stage(ledger: Ledger, clock: Any, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    class Now(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            moment: datetime = clock()
            return moment.astimezone(tz)

    patch.setattr(standardwebhooks.webhooks, "datetime", Now)
    receiver = Receiver()
    with serve(receiver) as running:
        settings = Settings(
            database_url=ledger.url,
            public_url="https://bridge.example",
            secret_keys=(KEY,),
            trusted_hosts=frozenset({urlsplit(running.url).netloc}),
        )
        helpdesk: Any = SimpleNamespace(
            name="zendesk", said_in=said_in, budget=Budget, updates_per_minute=100
        )
        mapping: Any = SimpleNamespace(storm=None)
        bridge = Bridge(settings, clock, ledger, mapping, {}, helpdesk)
        yield Stage(bridge, receiver, running.url, clock)
