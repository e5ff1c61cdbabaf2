"""`real_mastodon`: a server nobody here wrote, fresh for each test, or a plain reason why not.

Set `BRIDGE_REQUIRE_REAL=1` where leaving these tests out must be a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from .debian import CannotBeHad, Program
from .snac import RealMastodon, had, running


@pytest.fixture(scope="session")
def snac() -> Program:
    """The server's program; the first time it is fetched, 13 MB, in a few seconds."""
    try:
        return had()
    except CannotBeHad as error:
        _left_out(error)


@pytest.fixture
def real_mastodon(snac: Program, tmp_path: Path) -> Iterator[RealMastodon]:
    """An empty server with the brand, two customers and a stranger, all signed in."""
    yield from _served(snac, tmp_path)


@pytest.fixture(scope="module")
def shared_mastodon(
    snac: Program, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealMastodon]:
    """One server for all tests of a file that do not mind one another."""
    yield from _served(snac, tmp_path_factory.mktemp("shared_mastodon"))


def _served(snac: Program, folder: Path) -> Iterator[RealMastodon]:
    with ExitStack() as stack:
        try:
            mastodon = stack.enter_context(running(snac, folder))
        except CannotBeHad as error:
            _left_out(error)
        yield mastodon


def _left_out(error: CannotBeHad) -> NoReturn:
    because = f"no real Mastodon-compatible server here: {error}"
    if os.environ.get("BRIDGE_REQUIRE_REAL"):
        pytest.fail(because)
    pytest.skip(because)
