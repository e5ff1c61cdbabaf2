"""What a stand-in network is to the story: customers, an account in the mapping, its secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bridge.sandbox.stage import Customers, Expected

ACCOUNT = "acme"
"""What the account is called in the mapping, on every network."""


def hook(bridge_url: str, network: str) -> str:
    """Where the bridge takes what a network tells of the account."""
    return f"{bridge_url}/hooks/{network}/{ACCOUNT}"


@dataclass(frozen=True, slots=True)
class Scenery:
    """`page` is where a person can be the customer. `options` go into the mapping, `environ` holds
    the secrets that they name. `pushed`: nobody reads the account, its network calls.

    `connect` is what an admin does at the network once the bridge's web process answers at the
    address that it is given (None: nothing); `is_connected` whether the network will call by now.
    """

    expected: Expected
    customers: Customers
    page: str
    options: Mapping[str, object]
    environ: Mapping[str, str]
    pushed: bool = False
    connect: Callable[[str], None] | None = field(default=None)
    is_connected: Callable[[], bool] = field(default=lambda: True)
