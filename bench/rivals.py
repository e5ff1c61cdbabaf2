"""What is measured beside the bridge, each behind one address: started, killed, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import requests

from bench import nodered
from bench.far_side import FarSide
from bench.load import request_bytes
from bench.processes import family
from bench.service import Message, body_of, service
from bridge.model import utcnow
from bridge.sandbox.household import DidNotStart, free_port
from bridge.sandbox.zendesk import preset
from bridge.settings import Secret
from bridge.signing import sign
from soak.furnishing import new_secret

READY_WITHIN = 40.0
IN_THE_REQUEST = 6.0
"""Seconds for a request that was cut off to end: whoever does all of it there keeps nothing."""
THREADS = 8
"""Of each, those that ask the helpdesk; in two processes, where what is measured can use two."""
LEASE = 6.0
"""Seconds, so that nobody waits for two minutes for what a killed worker held."""


@dataclass(frozen=True, slots=True)
class Rival:
    """`hook` takes signed messages; `kill` is SIGKILL to all of it, `start` brings it back. `pids`
    are its processes. `goes_on`: so many seconds after the last message was sent, something may
    still come of it."""

    name: str
    hook: str
    secret: str
    desk: FarSide
    kill: Callable[[], None]
    start: Callable[[], None]
    pids: Callable[[], tuple[int, ...]]
    goes_on: float

    def headers(self, message: Message, at: datetime, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        return headers | sign((Secret(self.secret),), f"msg_{message.word}", at, body)

    def signed(self, message: Message) -> bytes:
        """The webhook as bytes for `bench.load`."""
        at = utcnow()
        body = body_of(message, at)
        return request_bytes(self.hook, self.headers(message, at, body), body)


@contextmanager
def bridge(name: str, desk: FarSide, url: str, folder: Path) -> Iterator[Rival]:
    """One web process, one worker. Raises `bridge.sandbox.household.DidNotStart`."""
    more = {"BRIDGE_WORKERS": str(THREADS), "BRIDGE_LEASE_SECONDS": f"{LEASE:g}"}
    with service(desk, url, folder, threads=THREADS, more=more) as ours:

        def pids() -> tuple[int, ...]:
            return tuple(one for pid in ours.household.pids().values() for one in family(pid))

        yield Rival(
            name,
            ours.hook,
            ours.environ["SITE_SECRET"],
            desk,
            ours.household.kill,
            ours.household.start,
            pids,
            4 * LEASE,
        )


@contextmanager
def handrolled(desk: FarSide, folder: Path) -> Iterator[Rival]:
    """Raises `bridge.sandbox.household.DidNotStart`."""
    port = free_port()
    line = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--workers=2"]
    line += [f"--threads={THREADS // 2}", "--no-control-socket", "--log-level=error"]
    with _running("Flask and zenpy", [*line, "bench.handrolled:app"], port, desk, folder) as rival:
        yield rival


@contextmanager
def node_red(desk: FarSide, folder: Path) -> Iterator[Rival]:
    """Raises `DidNotStart` and `bench.nodered.NotToBeHad`."""
    port = free_port()
    with _running("Node-RED", nodered.command(folder, port), port, desk, folder) as rival:
        yield rival


@dataclass(slots=True)
class _Process:
    line: list[str]
    environ: dict[str, str]
    folder: Path
    port: int
    running: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                self.line, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + READY_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.running.poll() is not None or time.monotonic() > until:
                    says = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise DidNotStart(f"{self.line[0]} does not answer\n{says}") from None
                time.sleep(0.05)

    def pids(self) -> tuple[int, ...]:
        return family(self.running.pid) if self.running is not None else ()

    def kill(self) -> None:
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None


@contextmanager
def _running(name: str, line: list[str], port: int, desk: FarSide, folder: Path) -> Iterator[Rival]:
    secret = new_secret()
    environ = {
        **os.environ,
        "SITE_SECRET": secret,
        "HELPDESK_URL": desk.url,
        "HELPDESK_TOKEN": token(desk),
        "DATABASE": str(folder / "ids.sqlite3"),
    }
    process = _Process(line, environ, folder, port)
    process.start()
    try:
        hook = f"http://127.0.0.1:{port}/hook"
        yield Rival(
            name, hook, secret, desk, process.kill, process.start, process.pids, IN_THE_REQUEST
        )
    finally:
        process.kill()


def token(desk: FarSide) -> str:
    """One that the helpdesk takes, as it would be pasted into a script."""
    asked = {
        "grant_type": "client_credentials",
        "client_id": preset.CLIENT_ID,
        "client_secret": preset.CLIENT_SECRET,
        "scope": "read write",
    }
    answer = requests.post(f"{desk.url}/oauth/tokens", json=asked, timeout=20)
    answer.raise_for_status()
    return str(answer.json()["access_token"])
