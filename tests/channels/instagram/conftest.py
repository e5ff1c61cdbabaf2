"""The published payloads and the stand, for the tests of this channel."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import meta_samples
import pytest

from bridge.channels.instagram import Instagram
from bridge.channels.instagram.options import Login

US = "17841400000000001"


@pytest.fixture
def samples() -> ModuleType:
    return meta_samples


@pytest.fixture
def reader() -> Any:
    """The account that the published payloads are about."""
    return meta_samples.channel(Instagram, instagram_id=US)


@pytest.fixture
def open_with(open_stand: Callable[[str], AbstractContextManager[Any]]) -> Any:
    """A stand with one of the two sign-ins."""

    def opener(login: Login) -> AbstractContextManager[Any]:
        open_stand("instagram")  # loads the module of the stand
        opened: AbstractContextManager[Any] = sys.modules["stand_of_instagram"].open_with(login)
        return opened

    return opener


@pytest.fixture(params=Login)
def insta(request: pytest.FixtureRequest, open_with: Any) -> Iterator[Any]:
    """A channel against the sandbox's town, once with each sign-in, which any test may twist."""
    with open_with(request.param) as opened:
        yield opened


@pytest.fixture
def own(open_with: Any) -> Iterator[Any]:
    """With Instagram's own sign-in."""
    with open_with(Login.INSTAGRAM) as opened:
        yield opened


@pytest.fixture
def linked(open_with: Any) -> Iterator[Any]:
    """With Facebook's."""
    with open_with(Login.FACEBOOK) as opened:
        yield opened
