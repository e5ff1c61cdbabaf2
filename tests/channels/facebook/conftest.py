"""The published payloads and the stand, for the tests of this channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import meta_samples
import pytest


@pytest.fixture
def samples() -> ModuleType:
    return meta_samples


@pytest.fixture
def page(open_stand: Callable[[str], AbstractContextManager[Any]]) -> Iterator[Any]:
    """A channel against the sandbox's town, which any test may twist."""
    with open_stand("facebook") as opened:
        yield opened
