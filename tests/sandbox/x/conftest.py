"""Clients of the stand-in for X, one per way of signing in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plugins_x import XSandbox, x_sandbox
from x_client import Client

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
