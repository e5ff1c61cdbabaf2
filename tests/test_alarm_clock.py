"""One thread for every deadline of a process."""

from __future__ import annotations

import os
import threading

import pytest

from bridge.alarm_clock import AlarmClock
from bridge.bounded import Patience

LONG = 3600.0


@pytest.fixture
def rung() -> threading.Event:
    return threading.Event()


def test_a_shorter_deadline_rings_before_a_longer_one(rung: threading.Event) -> None:
    """The thread that waits for the longer one is woken."""
    clock, early = AlarmClock(), threading.Event()
    clock.put(LONG, early.set)
    clock.put(0.01, rung.set)

    assert rung.wait(30)
    assert not early.is_set()


def test_what_was_taken_back_does_not_ring(rung: threading.Event) -> None:
    """Nor is anything of it kept."""
    clock, taken_back = AlarmClock(), threading.Event()
    with clock._changed:  # or it would ring in between on a machine that is slow enough
        clock.take_back(clock.put(0.05, taken_back.set))
    clock.put(0.1, rung.set)

    assert rung.wait(30)
    assert not taken_back.is_set()
    assert {} == clock._waiting


def test_a_deadline_that_is_over_rings_at_once(rung: threading.Event) -> None:
    """As one that is over before the thread has looked."""
    AlarmClock().put(0.0, rung.set)

    assert rung.wait(30)


def test_many_requests_take_one_thread() -> None:
    """Where each had a timer of its own, each took one more."""
    with Patience(LONG):
        before = set(threading.enumerate())
        patiences = [Patience(LONG) for _ in range(20)]
        for patience in patiences:
            patience.__enter__()
        assert set() == set(threading.enumerate()) - before
        for patience in patiences:
            patience.__exit__()


def test_a_forked_process_has_a_thread_of_its_own(rung: threading.Event) -> None:
    """gunicorn forks: threads stay behind."""
    clock = AlarmClock()
    clock.put(LONG, rung.set)
    if (child := os.fork()) == 0:
        clock.put(0.01, rung.set)
        os._exit(0 if rung.wait(30) else 1)

    assert (child, 0) == os.waitpid(child, 0)
