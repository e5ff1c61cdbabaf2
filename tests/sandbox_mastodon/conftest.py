"""A stand-in network over real HTTP, on a clock that only moves when told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from bridge.sandbox.faults import Faults
from bridge.sandbox.mastodon import Town, create_app, new_faults
from bridge.sandbox.server import serve


@dataclass
class StoppedClock:
    now: datetime = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Client:
    """Speaks as one person; `call` gives the response whatever its status."""

    url: str
    token: str
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, **details: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= details.pop("headers", {})
        return self.session.request(method, self.url + path, headers=headers, timeout=20, **details)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, text: str, **details: Any) -> Any:
        answer = self.call("POST", "/api/v1/statuses", data={"status": text, **details})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def town(clock: StoppedClock) -> Town:
    """The brand, Ada next door, Ben on another server, Dora whose posts take no replies."""
    town = Town(clock)
    town.person("bridge", "Acme Support")
    town.person("ada", "Ada Lovelace", followers=128)
    town.person("ben@elsewhere.example", "Ben Okri")
    town.person("dora", refuses_replies=True)
    return town


@pytest.fixture
def faults() -> Faults:
    return new_faults()


@pytest.fixture
def url(town: Town, faults: Faults) -> Iterator[str]:
    with serve(create_app(town, faults)) as running:
        yield running.url


@pytest.fixture
def sign_in(town: Town, url: str) -> Iterator[Callable[..., Client]]:
    """A client for a handle ("" is a stranger), perhaps with fewer scopes."""
    clients: list[Client] = []

    def make(handle: str, *scopes: str) -> Client:
        clients.append(Client(url, town.token_for(handle, *scopes) if handle else ""))
        return clients[-1]

    yield make
    for client in clients:
        client.session.close()


@pytest.fixture
def brand(sign_in: Callable[..., Client]) -> Client:
    return sign_in("bridge")


@pytest.fixture
def ada(sign_in: Callable[..., Client]) -> Client:
    return sign_in("ada")


@pytest.fixture
def stranger(sign_in: Callable[..., Client]) -> Client:
    return sign_in("")
