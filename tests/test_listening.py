"""The bell that wakes idle workers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bridge import listening
from bridge.ledger import Ledger, lanes, migrate
from bridge.listening import Bell


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    migrate.upgrade(made)
    return made


def test_what_this_process_commits_rings_at_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is looked at for what other processes commit."""
    monkeypatch.setattr(listening, "LOOK_EVERY", 3600.0)
    bell = Bell(ledger)
    bell.start()
    before = bell.count
    with ledger.writing() as tx:
        lanes.wake(tx, "conversation:1")
    assert before + 1 == bell.count
    bell.stop()
    ledger.close()


def test_what_another_process_commits_is_not_waited_for(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rings at the pipe beside the file."""
    monkeypatch.setattr(listening, "LOOK_EVERY", 3600.0)
    bell, another = Bell(ledger), Ledger(ledger.url)
    bell.start()
    heard = bell.count
    with another.writing() as tx:
        lanes.wake(tx, "conversation:1")
    bell.wait(heard, 600.0, threading.Event())
    assert heard < bell.count
    bell.stop()
    another.close()
    ledger.close()


def test_a_bell_whose_ear_has_ended_first_ends_well(ledger: Ledger) -> None:
    """Who ends it writes to a pipe that nobody has closed yet."""
    bell = Bell(ledger)
    bell.start()
    bell._over.set()
    bell._ear.join()
    bell.stop()
    ledger.close()


def test_a_ring_wakes_one_and_the_end_everybody(ledger: Ledger) -> None:
    """Who finds work rings for the next one: as many get up as there is work for."""
    bell, stop = Bell(ledger), threading.Event()
    up: list[int] = []

    def wait(number: int) -> None:
        bell.wait(heard, 3600.0, stop)
        up.append(number)
        bell.ring()

    heard = bell.count
    threads = [threading.Thread(target=wait, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    bell.ring()
    for thread in threads:
        thread.join()
    assert [0, 1, 2] == sorted(up)
    ledger.close()
