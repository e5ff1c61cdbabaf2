"""Clients of the stand-in for X, one per way of signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from plugins_x import XSandbox, x_sandbox
from x_client import Client
from x_listener import Listener

from bridge.sandbox.server import serve

__all__ = ["x_sandbox"]


@pytest.fixture
def brand(x_sandbox: XSandbox) -> Client:
    """Signs as the brand, OAuth 1.0a."""
    return Client(x_sandbox, x_sandbox.keys())


@pytest.fixture
def app(x_sandbox: XSandbox) -> Client:
    """The app by itself."""
    return Client(x_sandbox, bearer=x_sandbox.town.app.bearer)


@pytest.fixture
def bearer_of(x_sandbox: XSandbox) -> Callable[[str], Client]:
    """Whoever holds an OAuth 2.0 token."""
    return lambda token: Client(x_sandbox, bearer=token)


@pytest.fixture
def listener(x_sandbox: XSandbox) -> Iterator[Listener]:
    """Our own address; `listener.url` is where it is."""
    heard = Listener(x_sandbox.town.app.consumer_secret)
    with serve(heard) as running:
        heard.url = f"{running.url}/hooks/x/acme"
        yield heard


@pytest.fixture
def webhook(app: Client, listener: Listener) -> str:
    """The id of a webhook that leads to our address."""
    made: str = app.post("/2/webhooks", url=listener.url)["data"]["id"]
    return made


@pytest.fixture
def subscribe(brand: Client, x_sandbox: XSandbox, webhook: str) -> Callable[..., None]:
    """Ask for kinds of events, of the brand unless another handle is named."""

    def ask(*kinds: str, of: str = "acme") -> None:
        about = {"user_id": x_sandbox.town.find(of).id}
        for kind in kinds:
            filter_ = {} if kind == "oauth.revoke" else about
            brand.post(
                "/2/activity/subscriptions",
                event_type=kind,
                filter=filter_,
                webhook_id=webhook,
                tag=f"all {kind}",
            )

    return ask
