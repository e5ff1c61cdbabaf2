"""A set-up of the stand-in Zendesk, with a ledger on each database as its memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from plugins_zendesk import ZendeskSandbox
from stage_of_setup import Stage

from bridge.ledger import Ledger
from bridge.sandbox.zendesk import preset
from bridge.settings import Secret


@pytest.fixture
def watch(clock: Any) -> Any:
    """The clock that the stand-in runs on."""
    return clock


@pytest.fixture
def stage(zendesk_sandbox: ZendeskSandbox, ledger: Ledger, new_desk: Callable[..., Any]) -> Stage:
    """The stand-in as a new account is, but for its groups and people."""
    zendesk_sandbox.desk.fields.clear()
    address = zendesk_sandbox.desk.address
    desk = new_desk(address, oauth_token=Secret(preset.STATIC_TOKEN), fields=())
    return Stage(zendesk_sandbox, ledger, desk)
