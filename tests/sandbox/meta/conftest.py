"""A town with a Page, somebody who takes its webhooks, and a client of its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from meta.meta_client import Client, Taker, Time

from bridge.outside import new_session
from bridge.sandbox.meta import Town, create_app
from bridge.sandbox.server import serve


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def town(time: Time) -> Iterator[Town]:
    made = Town(time)
    made.person("jane", "Jane Doe", username="jane.doe", phone="16505551234", followers=12)
    made.person("kim", "Kim Lee", username="kim.lee", bsuid="US.13491208655302741918")
    with serve(create_app(made)) as running:
        made.url = running.url
        yield made


@pytest.fixture
def client(town: Town) -> Iterator[Client]:
    with new_session() as http:
        yield Client(town.url, http)


@pytest.fixture
def taker(town: Town) -> Iterator[Taker]:
    made = Taker(town)
    with serve(made) as running:
        made.url = running.url + "/hooks/acme"
        yield made
