"""The pipe beside an SQLite file, by which processes tell one another that they have committed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bridge.ledger import Ledger, accounts, migrate
from bridge.ledger.doorbell import Doorbell, Listener

LONG = 3600.0
COMMITS = """
import sys
from bridge.ledger import Ledger, lanes
ledger = Ledger(sys.argv[1])
with ledger.writing() as tx:
    lanes.wake(tx, "conversation:1")
ledger.close()
"""


@pytest.fixture
def door(tmp_path: Path) -> str:
    return str(tmp_path / ".ledger.sqlite3.bell")


@pytest.fixture
def listener(door: str) -> Iterator[Listener]:
    made = Listener(door)
    yield made
    made.close()


def test_a_commit_of_another_process_is_heard(tmp_path: Path) -> None:
    """What woke no lane is told to nobody."""
    url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    ledger = Ledger(url)
    migrate.upgrade(ledger)
    listener = ledger.listener()
    subprocess.run([sys.executable, "-c", COMMITS, url], check=True)
    assert listener.wait(LONG)
    with ledger.writing() as tx:
        accounts.is_on(tx, "acme", "mastodon")
    assert not listener.wait(0)
    listener.close()
    ledger.close()


def test_several_rings_are_heard_as_one(door: str, listener: Listener) -> None:
    bell = Doorbell(door)
    for _ in range(3):
        bell.ring()
    bell.close()
    assert (True, False) == (listener.wait(LONG), listener.wait(0))


def test_a_ring_from_before_is_kept_for_who_comes_next(door: str, listener: Listener) -> None:
    """As long as anybody has the pipe open."""
    bell = Doorbell(door)
    bell.ring()
    bell.close()
    late = Listener(door)
    assert late.wait(LONG)
    late.close()


def test_a_full_pipe_keeps_nobody(door: str, listener: Listener) -> None:
    """Nor is anything raised."""
    handle = os.open(door, os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while os.write(handle, b"." * 4096):
            pass
    with pytest.raises(BlockingIOError):
        os.write(handle, b".")
    os.close(handle)
    bell = Doorbell(door)
    bell.ring()
    bell.close()
    assert listener.wait(LONG)


def test_waiting_ends_when_it_is_told_to(listener: Listener) -> None:
    waiting = threading.Thread(target=listener.wait, args=(LONG,))
    waiting.start()
    listener.end()
    waiting.join()
    assert not listener.wait(LONG)


def test_the_pipe_is_its_owners(door: str, listener: Listener) -> None:
    mode = os.stat(door).st_mode
    assert (True, 0o600) == (stat.S_ISFIFO(mode), stat.S_IMODE(mode))


@pytest.mark.parametrize("there", ["a file", "a link", "no folder"])
def test_where_no_pipe_can_be_nobody_rings(tmp_path: Path, there: str) -> None:
    """Whoever listens looks after a while; nothing is written to what stands there."""
    file = tmp_path / "file"
    file.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(file)
    path = {"a file": file, "a link": link, "no folder": tmp_path / "none" / "bell"}[there]
    bell, listener = Doorbell(str(path)), Listener(str(path))
    bell.ring()
    assert not listener.wait(0)
    bell.close()
    listener.close()
    assert "mine" == file.read_text()
