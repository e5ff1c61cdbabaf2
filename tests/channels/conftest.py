"""Finds the stand-ins of all channels and gives them to the tests, one after the other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from conformance import Stand

HERE = Path(__file__).parent

STANDS = {found.parent.name: found for found in sorted(HERE.glob("*/stand.py"))}


def _opener(network: str) -> Callable[[], AbstractContextManager[Stand]]:
    name = f"stand_of_{network}"
    if name not in sys.modules:
        spec = spec_from_file_location(name, STANDS[network])
        assert spec
        assert spec.loader
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    opener: Callable[[], AbstractContextManager[Stand]] = sys.modules[name].open_stand
    return opener


@pytest.fixture(params=sorted(STANDS))
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    """Each channel with its stand-in."""
    with _opener(request.param)() as opened:
        yield opened


@pytest.fixture
def networks_with_a_stand() -> frozenset[str]:
    return frozenset(STANDS)


@pytest.fixture
def open_stand() -> Callable[[str], AbstractContextManager[Stand]]:
    """One channel's stand-in, by the network's name."""
    return lambda network: _opener(network)()
