"""The fixture `x_sandbox`: a running stand-in for X whose every request is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from requests_oauthlib import OAuth1
from x_contract import XContract

from bridge.model import Clock
from bridge.sandbox.faults import Faults
from bridge.sandbox.server import serve
from bridge.sandbox.x import Town, create_app, new_faults, village


@dataclass
class XSandbox:
    """A running stand-in: its address, its people, its faults, its clock and the contract."""

    url: str
    town: Town
    faults: Faults
    clock: Clock
    contract: XContract
    session: requests.Session = field(default_factory=requests.Session)

    def keys(self, handle: str = "acme") -> OAuth1:
        """What signs requests for a person."""
        app, grant = self.town.app, self.town.keys_for(handle)
        return OAuth1(app.consumer_key, app.consumer_secret, grant.token, grant.secret)


@pytest.fixture
def x_sandbox(clock: Clock) -> Iterator[XSandbox]:
    """A stand-in for X on loopback on the test's `clock`.

    Ends by asserting that no request broke X's own description.
    """
    faults, contract = new_faults(), XContract()
    town = village(clock)
    app = create_app(town, faults)
    contract.watch(app)
    with serve(app) as running:
        town.address = running.url
        sandbox = XSandbox(running.url, town, faults, clock, contract)
        yield sandbox
        sandbox.session.close()
        town.courier.stop()
    contract.assert_kept()
