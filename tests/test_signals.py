"""A process that waits is told to stop, whenever the signal comes and whichever thread gets it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty

import pytest

from bridge.signals import STOPS, Inbox, at_once_next_time, hearing

SOON = 30.0


@contextmanager
def another_thread() -> Iterator[Callable[[Callable[[], None]], None]]:
    """One that the kernel may give signals to, while it does not give them to the main thread."""
    work: list[Callable[[], None]] = []
    begin = threading.Event()

    def do() -> None:
        assert begin.wait(SOON)
        threading.Event().wait(0.05)  # until it waits; on a slow machine this proves less
        work[0]()

    thread = threading.Thread(target=do)
    thread.start()  # with the mask that the main thread has by now

    def go(does: Callable[[], None]) -> None:
        work.append(does)
        begin.set()

    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield go
    finally:
        begin.set()
        thread.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_that_interrupts_no_wait_is_heard(number: signal.Signals) -> None:
    """As where it comes just before the wait: the main thread's is not interrupted by it."""
    inbox: Inbox[int] = Inbox()
    with hearing(inbox.put), another_thread() as go:
        go(lambda: os.kill(os.getpid(), number))
        assert number == inbox.get(SOON)


def test_a_signal_before_the_wait_is_heard() -> None:
    inbox: Inbox[int] = Inbox()
    with hearing(inbox.put):
        os.kill(os.getpid(), signal.SIGTERM)
        assert signal.SIGTERM == inbox.get(SOON)


def test_what_a_handler_raises_ends_the_wait() -> None:
    def interrupt(_number: int) -> None:
        raise KeyboardInterrupt

    with another_thread() as go, hearing(interrupt):
        go(lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(KeyboardInterrupt):
            Inbox[None]().get(SOON)


def test_items_of_threads_come_in_their_order() -> None:
    inbox: Inbox[int] = Inbox()
    with another_thread() as go:
        go(lambda: [inbox.put(each) for each in range(100_000)].clear())
        assert list(range(100_000)) == [inbox.get(SOON) for _ in range(100_000)]


def test_a_wait_has_an_end() -> None:
    """Also where something rang for another inbox, which nobody waits at."""
    Inbox[int]().put(1)
    with pytest.raises(Empty):
        Inbox[int]().get(0.01)


def test_afterwards_all_is_as_before() -> None:
    before = [signal.getsignal(number) for number in STOPS]
    rung = signal.set_wakeup_fd(-1)
    with hearing(at_once_next_time):
        os.kill(os.getpid(), signal.SIGTERM)
        assert signal.SIG_DFL == signal.getsignal(signal.SIGTERM)
    assert before == [signal.getsignal(number) for number in STOPS]
    assert rung == signal.set_wakeup_fd(rung)
