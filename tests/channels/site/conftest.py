"""The website's stand, for the tests of this channel alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest


@pytest.fixture
def site(open_stand: Callable[[str], AbstractContextManager[Any]]) -> Iterator[Any]:
    """The sandbox's website with a channel bound to it."""
    with open_stand("site") as stand:
        yield stand
