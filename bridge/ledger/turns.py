"""Whose turn it is to write to an SQLite file, among the threads and processes of one machine.

By locks on files beside it, which the kernel gives back when a process is killed. Who writes for a
sender that waits for an answer has the turn after the present one; everybody else stands in a line
of their own, and only the first of that line tries for the turn. So an urgent one waits for one
turn of the others, however many wait, and they have one after each of its own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """`path` is the turn's own file; the line's and the gate's stand beside it."""

    def __init__(self, path: str) -> None:
        self._turn = path
        self._line = f"{path}.line"
        self._gate = f"{path}.gate"

    @contextmanager
    def one(self, *, urgent: bool) -> Iterator[None]:
        """Hold the turn."""
        if urgent:
            # The gate is shut until the turn is ours, and open while we write: who stood before it
            # is then the next one.
            gate = _lock(self._gate)
            try:
                turn = _lock(self._turn)
            finally:
                os.close(gate)
            try:
                yield
            finally:
                os.close(turn)
            return
        with locked(self._line):
            os.close(_lock(self._gate))
            with locked(self._turn):
                yield


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the lock of a file, which is made if it is not there."""
    handle = _lock(path)
    try:
        yield
    finally:
        os.close(handle)  # closing gives the lock back, also when the process is killed


def _lock(path: str) -> int:
    # A link that somebody left under this name is not followed to another file.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except BaseException:
        os.close(handle)
        raise
    return handle
