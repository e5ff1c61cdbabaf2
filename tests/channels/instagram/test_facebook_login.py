"""The whole suite once more, with the other sign-in."""

from __future__ import annotations

from typing import Any

import pytest
import test_conformance as suite

BELONGS_TO_NO_CHANNEL = "test_every_installed_channel_has_a_stand"

globals().update(
    {
        name: test
        for name, test in vars(suite).items()
        if name.startswith("test_") and name != BELONGS_TO_NO_CHANNEL
    }
)


@pytest.fixture
def stand(linked: Any) -> Any:
    return linked
