"""Hosts, and brokers that they reach; or a plain reason why there are none.

Hosts are network namespaces, which only root may make. Set `BRIDGE_REQUIRE_REAL=1` where leaving
out these tests must be a failure; in CI the brokers must be there as PostgreSQL must be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from bench.hosts import NoHosts, network
from bridge.broker import Mouth
from bridge.settings import Secret

BROKERS = {
    "redis": ("BRIDGE_TEST_REDIS", "redis://127.0.0.1:6379/0"),
    "rabbitmq": ("BRIDGE_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}


@pytest.fixture(scope="session")
def hosts_can_be_had() -> None:
    try:
        with network("one"):
            return
    except NoHosts as error:
        _left_out(f"no hosts can be made here: {error}", needed="BRIDGE_REQUIRE_REAL")


@pytest.fixture(params=sorted(BROKERS))
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker that answers: the one named, or the one of this machine."""
    variable, here = BROKERS[request.param]
    url = os.environ.get(variable) or here
    mouth = Mouth(Secret(url))
    try:
        mouth.tell()
    except ConnectionError:
        where = urlsplit(url)
        _left_out(
            f"no {request.param} answers at {where.hostname}:{where.port} (set {variable})",
            needed="CI",
        )
    yield url
    with suppress(ConnectionError):
        mouth.hang_up()


def _left_out(because: str, needed: str) -> NoReturn:
    if os.environ.get(needed):
        pytest.fail(because)
    pytest.skip(because)
