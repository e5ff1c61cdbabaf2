"""A host that vanished in the middle of a transaction: what it locked is let go by the server."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bench.hosts import database, network
from bridge.ledger import Ledger, lanes, migrate
from bridge.ledger.reaching import SILENT_FOR

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("hosts_can_be_had"),
]

LOCKS = """
import os, sys, time
from bridge.ledger import Ledger, lanes
with Ledger(os.environ["BRIDGE_DATABASE_URL"]).writing() as tx:
    lanes.stand_still(tx, "one")
    print("locked", flush=True)
    time.sleep(3600)
"""


def test_the_locks_of_a_host_that_was_cut_off_are_let_go(tmp_path: Path) -> None:
    """By its own settings PostgreSQL would wait for two hours; a locked lane is skipped by all."""
    with network("gone") as net, database(net.address) as server:
        url = server.url.replace("postgresql://", "postgresql+psycopg://")
        ledger = Ledger(url)
        try:
            migrate.upgrade(ledger)
            with ledger.writing() as tx:
                lanes.wake(tx, "one")
            log = tmp_path / "log"
            environ = {**os.environ, "BRIDGE_DATABASE_URL": url}
            net.hosts["gone"].run((sys.executable, "-c", LOCKS), environ, log, tmp_path)
            assert within(120, lambda: log.exists() and "locked" in log.read_text())
            assert not has_claimed(ledger)
            net.hosts["gone"].cut()
            assert within(6 * SILENT_FOR, lambda: has_claimed(ledger))
        finally:
            ledger.close()


def has_claimed(ledger: Ledger) -> bool:
    with ledger.writing() as tx:
        return lanes.claim(tx, "another", timedelta(minutes=1)) is not None


def within(seconds: float, reached: Callable[[], bool]) -> bool:
    pause = threading.Event()
    for _ in range(int(seconds * 5)):
        if reached():
            return True
        pause.wait(0.2)
    return False
