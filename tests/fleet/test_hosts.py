"""The hosts that other tests play on."""

from __future__ import annotations

import pytest

from bench.hosts import network

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("hosts_can_be_had")]


def test_the_same_network_is_made_again_at_once() -> None:
    """Nothing of one is left when the next takes its names."""
    for _ in range(15):
        with network("one", "two", "three") as made:
            assert {"one", "two", "three"} == set(made.hosts)
