"""A parent and its children: none outlives the other.

A child that is left behind by `kill -9` of its parent is ended by the kernel, on Linux only
(https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping as Lines
from contextlib import suppress

import structlog

from bridge.signals import Inbox, hearing

log = structlog.get_logger()

_PDEATHSIG = 1
PATIENCE = 60.0
"""Seconds a child may take to end: a step may be waiting for somebody else's server."""


def look_after(lines: Lines[str, list[str]]) -> int:
    """Start `bridge <line>` for each, and end all of them when told to or when one ends.

    0 when told to stop and all of them ended well, else 1.
    """
    news: Inbox[str] = Inbox()
    told: list[int] = []
    children: dict[str, subprocess.Popen[bytes]] = {}

    def stop(number: int) -> None:
        if told:
            _end(children, signal.SIGKILL)  # told twice: at once
        told.append(number)
        news.put("")

    with hearing(stop):
        try:
            for name, line in lines.items():
                children[name] = _start(line, name, news)
            ended = news.get()
            if ended:
                log.error("ended by itself", part=ended, code=children[ended].returncode)
            codes = _ended(children)
        finally:
            _end(children, signal.SIGKILL)
    # A child that was still starting knew no better way to end.
    well = all(code in (0, -signal.SIGTERM) for code in codes.values())
    return 0 if well and not ended else 1


def _start(line: list[str], name: str, news: Inbox[str]) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that Ctrl-C reaches the parent alone, once."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", *line, f"--parent={os.getpid()}"], process_group=0
    )

    log.info("started", part=name, pid=child.pid)

    def watch() -> None:
        child.wait()
        news.put(name)

    threading.Thread(target=watch, name=f"watch {name}", daemon=True).start()
    return child


def _ended(children: dict[str, subprocess.Popen[bytes]]) -> dict[str, int]:
    """Name → exit code, after every child was asked and, if need be, made to end."""
    _end(children, signal.SIGTERM)
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE)
    _end(children, signal.SIGKILL)
    return {name: child.wait() for name, child in children.items()}


def _end(children: dict[str, subprocess.Popen[bytes]], number: int) -> None:
    for child in list(children.values()):
        child.send_signal(number)  # does nothing once the child is gone


def end_with(parent: int) -> None:
    """End when the parent does, however it ends. 0: there is none. Survives an exec."""
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)  # it was gone before we could ask
