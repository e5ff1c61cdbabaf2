"""A named pipe beside an SQLite file, by which a process tells others that it has committed.

A ring is a hint: where no pipe can be made (some mounted folders take none), or one is full, the
others find out by looking.
"""

from __future__ import annotations

import os
import selectors
import stat
import threading
from contextlib import suppress

MOST = 65_536
"""Bytes that are taken from the pipe at once: what a pipe holds, on Linux (pipe(7))."""


class Doorbell:
    """One per process; its threads share it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pipe: int | None = None
        self._is_open = False
        self._lock = threading.Lock()

    def ring(self) -> None:
        """Returns at once and raises nothing."""
        with self._lock:  # a pipe that is closed meanwhile is another file's number
            if not self._is_open:
                self._pipe, self._is_open = _opened(self._path), True
            if self._pipe is not None:
                with suppress(OSError):  # full: whoever listens has enough to hear
                    os.write(self._pipe, b".")

    def close(self) -> None:
        """A later ring opens it again."""
        with self._lock:
            if self._pipe is not None:
                os.close(self._pipe)
            self._pipe, self._is_open = None, False


class Listener:
    """Hears rings. One thread waits; another may end its wait."""

    def __init__(self, path: str) -> None:
        self._pipe = _opened(path)
        self._ended, self._end = os.pipe()
        self._waiting = selectors.DefaultSelector()
        for handle in (self._pipe, self._ended):
            if handle is not None:
                self._waiting.register(handle, selectors.EVENT_READ)

    def wait(self, most: float) -> bool:
        """Whether somebody rang before `most` seconds were over or `end` was called."""
        heard = {key.fd for key, _ in self._waiting.select(most)}
        if self._pipe is None or self._pipe not in heard:
            return False
        with suppress(BlockingIOError):  # another process has heard it, too
            os.read(self._pipe, MOST)
        return True

    def end(self) -> None:
        """Nobody waits any more, now or later."""
        os.write(self._end, b".")

    def close(self) -> None:
        self._waiting.close()
        for handle in (self._pipe, self._ended, self._end):
            if handle is not None:
                os.close(handle)


def _opened(path: str) -> int | None:
    """For both directions: so nobody waits for the other side, and a ring that nobody hears is
    kept for whoever comes."""
    try:
        with suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # A link that somebody left under this name is not followed to another file.
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return None
    if stat.S_ISFIFO(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    return None
