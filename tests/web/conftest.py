"""An installation with a website that pushes and a network that is read, and nobody to call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger
from bridge.opening import open_bridge
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.signing import sign
from bridge.web import create_app

SITE_SECRET = Secret("whsec_" + base64.b64encode(b"what the shop signs with").decode())
DESK_SECRET = Secret("the-helpdesk-signs-with-this")
ENVIRON = {
    "SITE_SECRET": SITE_SECRET.reveal(),
    "SITE_REPLY_SECRET": SITE_SECRET.reveal(),
    "MASTODON_TOKEN": "toot-toot-4711",
}
MAPPING = """
accounts:
  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: https://shop.example/replies
      reply_secret: env:SITE_REPLY_SECRET
  acme:
    network: mastodon
    options: {url: https://mastodon.example, token: env:MASTODON_TOKEN}
rules:
  - name: Everything
    route: {group: Support}
"""
MESSAGE: dict[str, Any] = {
    "type": "message.created",
    "timestamp": "2026-11-21T12:00:00Z",
    "data": {"id": "m1", "author": {"id": "7", "name": "Ada"}, "text": "Where is my parcel?"},
}


@dataclass
class Shop:
    """The website: signs what it posts, or does not."""

    client: FlaskClient
    clock: Callable[[], Any]

    def headers(self, body: bytes, key: str = "msg_1") -> dict[str, str]:
        return sign([SITE_SECRET], key, self.clock(), body)

    def posts(self, what: Any = MESSAGE, key: str = "msg_1", **more: Any) -> Any:
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        return self.client.post(
            "/hooks/site/shop", data=body, headers=self.headers(body, key), **more
        )


@pytest.fixture
def mapping_file(tmp_path: Path) -> Path:
    file = tmp_path / "mapping.yaml"
    file.write_text(MAPPING, encoding="utf-8")
    return file


@pytest.fixture
def settings(ledger: Ledger, mapping_file: Path) -> Settings:
    return Settings(
        database_url=ledger.url,
        mappings=str(mapping_file),
        public_url="https://bridge.example",
        zendesk=ZendeskSettings(
            url="https://acme.zendesk.com",
            oauth_token=Secret("desk-token-0815"),
            webhook_secret=DESK_SECRET,
        ),
        max_body=100_000,
    )


@pytest.fixture
def bridge(settings: Settings, ledger: Ledger, clock: Any) -> Iterator[Bridge]:
    bridge = open_bridge(settings, ENVIRON, clock=clock, ledger=ledger)
    yield bridge
    bridge.helpdesk.close()


@pytest.fixture
def client(bridge: Bridge) -> FlaskClient:
    return create_app(bridge).test_client()


@pytest.fixture
def shop(client: FlaskClient, clock: Any) -> Shop:
    return Shop(client, clock)


@pytest.fixture
def event() -> Callable[..., tuple[bytes, dict[str, str]]]:
    """A helpdesk's event and its headers."""

    def made(
        ticket: str = "35", key: str = "event-1", at: str = "2026-11-21T12:00:00Z"
    ) -> tuple[bytes, dict[str, str]]:
        body = json.dumps(
            {
                "id": key,
                "subject": f"zen:ticket:{ticket}",
                "type": "zen:event-type:ticket.comment_added",
                "detail": {"id": ticket},
            },
            indent=2,
        ).encode()
        digest = hmac.new(DESK_SECRET.reveal().encode(), at.encode() + body, hashlib.sha256)
        return body, {
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest.digest()).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": at,
        }

    return made
