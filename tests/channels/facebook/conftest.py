"""The published payloads, for the tests of this channel."""

from __future__ import annotations

from types import ModuleType

import pytest
from meta import samples as published


@pytest.fixture
def samples() -> ModuleType:
    return published
