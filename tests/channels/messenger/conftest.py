"""The published payloads, for the tests of this channel."""

from __future__ import annotations

from types import ModuleType

import meta_samples as published
import pytest


@pytest.fixture
def samples() -> ModuleType:
    return published
