"""The Zendesk sandbox's fixture, and a client for it, for tests beneath this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from plugins_zendesk import ZendeskSandbox, zendesk_sandbox  # noqa: E402 - the same
from zendesk_client import Client  # noqa: E402 - found by the path above

__all__ = ["zendesk_sandbox"]


@pytest.fixture
def api(zendesk_sandbox: ZendeskSandbox) -> Iterator[Client]:
    """A client signed in as the bridge's user."""
    client = Client(zendesk_sandbox)
    yield client
    client.http.close()
