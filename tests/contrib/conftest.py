"""The service over HTTP on PostgreSQL, and an environment for each client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_stage import make_token
from contrib_stage import Weather, made_beside_each_other

from bridge.ledger import Ledger
from bridge.opening import open_bridge
from bridge.sandbox.server import serve
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.web import create_app

MAPPING = """
accounts:
  acme:
    network: mastodon
    options: {url: https://mastodon.example, token: env:MASTODON_TOKEN}
rules:
  - name: Everything
    route: {group: Support}
"""


@pytest.fixture(scope="session")
def bins() -> dict[str, Path]:
    """The commands of each client."""
    return made_beside_each_other(("dlt", "airbyte", "singer", "target"))


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """On PostgreSQL, with the machine's own clock: the clients look at theirs."""
    with request.getfixturevalue("shelf").lent() as url:
        ledger = Ledger(url)
        yield ledger
        ledger.close()


@pytest.fixture
def weather(ledger: Ledger, tmp_path: Path) -> Weather:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING)
    settings = Settings(
        database_url=ledger.url,
        mappings=str(mapping),
        zendesk=ZendeskSettings(url="https://desk.example", oauth_token=Secret("desk-4711")),
        api_per_minute=1_000_000,
    )
    bridge = open_bridge(settings, {"MASTODON_TOKEN": "toot-4711"}, ledger=ledger)
    return Weather(create_app(bridge))


@pytest.fixture
def service(weather: Weather, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Its address, and a token for all of it."""
    with serve(weather) as there:
        yield there.url, make_token(ledger)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a client keeps what it has."""
    home: Any = tmp_path / "client"
    home.mkdir()
    return Path(home)
