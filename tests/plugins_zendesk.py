"""The fixture `zendesk_sandbox`: a running pretend helpdesk whose every answer is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from contract import ContractChecker

from bridge.model import Clock
from bridge.sandbox.faults import Faults
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import Desk, create_app, preset


@dataclass(frozen=True)
class ZendeskSandbox:
    """A running sandbox: its address, its state, its faults, its clock and the contract."""

    url: str
    desk: Desk
    faults: Faults
    clock: Clock
    contract: ContractChecker
    content_url: str
    token: str = preset.STATIC_TOKEN

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def zendesk_sandbox(clock: Clock) -> Iterator[ZendeskSandbox]:
    """A pretend helpdesk on loopback on the test's `clock`; attachments have their own origin.

    Ends by asserting that no request and no answer broke Zendesk's contract.
    """
    faults = Faults()
    desk = Desk(clock, faults=faults, pace=0.0)
    contract = ContractChecker()
    app = create_app(desk, faults)
    contract.watch(app)
    with serve(app) as running, serve(app) as store:
        desk.address = running.url
        desk.content_address = store.url
        yield ZendeskSandbox(running.url, desk, faults, clock, contract, store.url)
        desk.stop()
    contract.assert_kept()
