"""A client of the sandbox Zendesk, for tests beneath this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from plugins_zendesk import ZendeskSandbox
from zendesk_client import Client


@pytest.fixture
def api(zendesk_sandbox: ZendeskSandbox) -> Iterator[Client]:
    """A client signed in as the bridge's user."""
    client = Client(zendesk_sandbox)
    yield client
    client.http.close()
