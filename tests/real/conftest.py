"""`real_mastodons`: servers nobody here wrote, fresh for each file, or a plain reason why not.

Set `BRIDGE_REQUIRE_REAL=1` where leaving these tests out must be a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
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


@pytest.fixture(scope="module")
def real_mastodons(
    snac: Program, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Iterator[RealMastodon]]:
    """Empty servers, one after the other: each with the brand, two customers and a stranger. They
    run until the last test of the file."""
    with ExitStack() as stack:
        yield (
            stack.enter_context(_served(snac, tmp_path_factory.mktemp("mastodon"))) for _ in count()
        )


@contextmanager
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
