"""The X stand, for what only X has; every request to it is held to X's own description."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from x_contract import XContract


@pytest.fixture
def open_town(
    open_stand: Callable[[str], AbstractContextManager[Any]],
) -> Callable[..., AbstractContextManager[Any]]:
    """Opens a stand; `about` is for the sandbox's village."""
    open_stand("x")  # finds the module that is asked here for more
    opened = sys.modules["stand_of_x"].opened

    @contextmanager
    def opener(**about: Any) -> Iterator[Any]:
        contract = XContract()
        with opened(watch=contract.watch, **about) as stand:
            yield stand
        contract.assert_kept()
        assert contract.checked

    return opener


@pytest.fixture
def town(open_town: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    """A channel against the sandbox's network, which any test may twist."""
    with open_town() as opened:
        yield opened
