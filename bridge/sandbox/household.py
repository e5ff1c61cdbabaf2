"""The bridge's own processes in a demonstration: `bridge web` and `bridge worker`, started, killed
without warning, started again, and ended with everything they began."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from collections.abc import Mapping as Environ
from pathlib import Path

import requests

from bridge.outside import new_session

READY_WITHIN = 60.0
END_WITHIN = 20.0
LOOK_EVERY = 0.1


class DidNotStart(Exception):
    """A process ended, or did not answer; the end of its log is in the message."""


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Household:
    """Web and workers over one database. `url` is where the web process listens; `names` are the
    processes: "web", "worker", and "worker2" and so on where there are more. `pushed` are the
    accounts that nobody reads, because their network calls.

    `web` are further words of the web process's command line.

    `connect` is given the address once the web process answers, before the first worker starts:
    networks try an address before they take it. `is_connected`: whether they call by now."""

    def __init__(
        self,
        folder: Path,
        environ: Environ[str, str],
        port: int,
        *,
        workers: int = 1,
        pushed: tuple[str, ...] = (),
        web: tuple[str, ...] = (),
        connect: Callable[[str], None] | None = None,
        is_connected: Callable[[], bool] = lambda: True,
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._environ = {**os.environ, **environ}
        self._commands = {
            "web": ("web", "--host", "127.0.0.1", "--port", str(port), *web),
            **{f"worker{'' if one == 1 else one}": ("worker",) for one in range(1, workers + 1)},
        }
        self.names = tuple(self._commands)
        self._pushed = pushed
        self._connect = connect
        self._is_connected = is_connected
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def migrate(self) -> None:
        self.ask("migrate")

    def ask(self, *command: str) -> str:
        """What a `bridge` command says here. Raises `DidNotStart` with its complaint."""
        done = subprocess.run(
            [*_bridge(), *command],
            env=self._environ,
            cwd=self._folder,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise DidNotStart(done.stderr.decode(errors="replace"))
        return done.stdout.decode().strip()

    def start(self) -> None:
        """Start what is not running, and wait until the service says that it is ready, every
        account has been read once (what was posted before that is history, and makes no ticket)
        and the networks call.
        """
        if self._connect is not None:
            self._run("web")
            self._until(self._answers)
            self._connect(self.url)
            self._connect = None
        for name in self._commands:
            self._run(name)
        self._until(self._is_ready)

    def _run(self, name: str) -> None:
        if name in self._running:
            return
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*_bridge(), *self._commands[name]],
                env=self._environ,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a process group of its own, to be ended as a whole
            )

    def kill(self, *names: str) -> None:
        """As a power cut would: no warning, no tidying up. Everybody, unless some are named."""
        for name in names or tuple(self._running):
            process = self._running.pop(name)
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def pids(self) -> dict[str, int]:
        """Name → process id, which is also its group's, of those that are alive."""
        return {name: one.pid for name, one in self._running.items() if one.poll() is None}

    def stop(self) -> None:
        """Ask everybody to finish the step they are at, and insist after a while."""
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
        self._running.clear()

    def log_tail(self, lines: int = 20) -> str:
        """The end of both logs, for a story that went wrong."""
        parts = []
        for name in self._commands:
            path = self._folder / f"{name}.log"
            if path.exists():
                tail = path.read_text(errors="replace").splitlines()[-lines:]
                parts.append("\n".join((f"--- {name}.log", *tail)))
        return "\n".join(parts)

    def _until(self, look: Callable[[requests.Session], bool]) -> None:
        pause = threading.Event()
        with new_session() as session:
            for _ in range(int(READY_WITHIN / LOOK_EVERY)):
                dead = [name for name, one in self._running.items() if one.poll() is not None]
                if dead:
                    raise DidNotStart(f"{dead[0]} ended at once\n{self.log_tail()}")
                try:
                    if look(session):
                        return
                except requests.RequestException:
                    pass  # not listening yet
                pause.wait(LOOK_EVERY)
        raise DidNotStart(f"{self.url} did not become ready\n{self.log_tail()}")

    def _answers(self, session: requests.Session) -> bool:
        return session.get(f"{self.url}/ready", timeout=5).status_code == 200

    def _is_ready(self, session: requests.Session) -> bool:
        if not self._answers(session):
            return False
        health = session.get(f"{self.url}/health", timeout=5).json()
        if self.names == ("web",):  # nobody reads here
            return self._is_connected()
        return self._is_connected() and all(
            account["read_at"] or account["name"] in self._pushed for account in health["accounts"]
        )


def _bridge() -> tuple[str, ...]:
    """The `bridge` command of the very environment that runs this."""
    return (sys.executable, "-c", "from bridge.cli import main; main()")


def _signal_group(process: subprocess.Popen[bytes], what: signal.Signals) -> None:
    try:
        os.killpg(process.pid, what)
    except ProcessLookupError:
        return
