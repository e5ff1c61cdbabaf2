"""The Mastodon stand, for what only Mastodon has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest


@pytest.fixture
def town(open_stand: Callable[[str], AbstractContextManager[Any]]) -> Iterator[Any]:
    """A channel against the sandbox's network, which any test may twist."""
    with open_stand("mastodon") as opened:
        yield opened
