"""Who waits for an answer has the next turn to write; nobody waits for ever."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.ledger.turns import Turns

OTHERS = 4


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "ledger.turn")


def until_waiting(path: str, many: int) -> None:
    """Until so many wait for their turn, as the kernel tells it
    (https://man7.org/linux/man-pages/man5/proc_locks.5.html)."""
    files = (path, f"{path}.line", f"{path}.gate")
    while True:
        inodes = {str(os.stat(each).st_ino) for each in files if os.path.exists(each)}
        held = Path("/proc/locks").read_text(encoding="ascii").splitlines()
        waiting = [line.split() for line in held if "-> FLOCK" in line]
        if sum(line[6].split(":")[2] in inodes for line in waiting) >= many:
            return
        threading.Event().wait(0.001)


def test_an_urgent_one_waits_for_one_turn_of_the_others(path: str) -> None:
    """However many stood there before it."""
    turns = Turns(path)
    order: list[str] = []

    def take(name: str, urgent: bool) -> None:
        with turns.one(urgent=urgent):
            order.append(name)

    with ThreadPoolExecutor(OTHERS + 1) as pool:
        with turns.one(urgent=False):
            others = [pool.submit(take, "other", False) for _ in range(OTHERS)]
            until_waiting(path, OTHERS)
            urgent = pool.submit(take, "urgent", True)
            until_waiting(path, OTHERS + 1)
            order.append("first")
        for each in (urgent, *others):
            each.result(60)
    assert ["first", "urgent", *["other"] * OTHERS] == order


def test_others_have_their_turn_however_many_are_urgent(path: str) -> None:
    """Two who are urgent again and again, until a third who is not has been there."""
    turns = Turns(path)
    been = threading.Event()

    def again_and_again() -> None:
        while not been.is_set():
            with turns.one(urgent=True):
                pass

    def once() -> None:
        with turns.one(urgent=False):
            been.set()

    with ThreadPoolExecutor(3) as pool:
        busy = [pool.submit(again_and_again) for _ in range(2)]
        other = pool.submit(once)
        try:
            other.result(60)
        finally:
            been.set()
        for each in busy:
            each.result(60)


@pytest.mark.parametrize("urgent", [True, False])
def test_it_is_nobodys_after_a_failure(path: str, urgent: bool) -> None:
    """The next one has it, of whichever kind."""
    turns = Turns(path)
    with pytest.raises(ValueError, match="odd"), turns.one(urgent=urgent):
        raise ValueError("odd")
    for each in (True, False):
        with turns.one(urgent=each):
            pass
