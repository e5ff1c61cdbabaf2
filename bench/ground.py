"""What every measurement stands on: how much of it is wanted, where it may write, whom it tells."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from soak import database

Say = Callable[[str], object]
MOST, POSTS = "BENCH_MOST", "BENCH_POSTS"
"""Variables of the environment."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`quick`: everything once and small, to see that it works; its figures mean nothing.

    What somebody asked for beyond what there is time for, 0 where nobody did: so many `messages` go
    through everything where memory is measured, of which one in `ticket_every` becomes a ticket and
    a rule leaves the others out; `most` conversations into the largest ledger; `posts` make a
    storm."""

    quick: bool
    say: Say
    messages: int = 0
    most: int = 0
    posts: int = 0
    ticket_every: int = 1

    def asked(self, subject: str) -> str:
        """What of it a chapter is told, as it is typed; "" where it is what `make bench` does."""
        own = {
            "costs": (self.messages, "--messages"),
            "growth": (self.most, MOST),
            "storms": (self.posts, POSTS),
        }
        count, name = own.get(subject, (0, ""))
        asked = [f"{name}={count}"] if count else []
        if asked and subject == "costs" and self.ticket_every > 1:
            asked.append(f"--ticket-every={self.ticket_every}")
        return " ".join((["--quick"] if self.quick else []) + asked)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder that is gone afterwards."""
        with TemporaryDirectory(prefix="bridge-bench-") as made:
            yield Path(made)

    @contextmanager
    def database(self, kind: str, folder: Path) -> Iterator[str]:
        """The address of an empty database, "sqlite" or "postgresql", gone afterwards.

        Raises `soak.database.NoDatabase`.
        """
        with database.made(kind, folder) as url:
            yield url


def machine() -> tuple[tuple[str, str], ...]:
    """What a reader must know of the machine: figures of another one are other figures."""
    return (
        ("Processor", f"{_processor()}, {cores()} cores"),
        ("Memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        ("PostgreSQL", _postgres()),
    )


def cores() -> int:
    return len(os.sched_getaffinity(0))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _postgres() -> str:
    server = os.environ.get("BRIDGE_TEST_POSTGRES") or database.ON_THIS_MACHINE
    try:
        with psycopg.connect(server, connect_timeout=5) as conn:
            (version,) = conn.execute("SHOW server_version").fetchall()
            return str(version[0])
    except psycopg.Error:
        return "none to be found"
