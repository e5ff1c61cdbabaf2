"""How long commands take from being called to having answered, and servers until they serve."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.chapter import Figure, figure
from bridge.sandbox.household import READY_WITHIN, DidNotStart, free_port

BRIDGE = (sys.executable, "-c", "from bridge.cli import main; main()")
HELP, PYTHON = "bridge --help", "Python alone"
LOOK = 0.005


def helps(names: Iterable[str], rounds: int) -> dict[str, Figure]:
    """`bridge --help` and Python alone, in turn; and once the help of each of these commands, whose
    modules the first loads too. Seconds."""
    lines = {HELP: (*BRIDGE, "--help"), PYTHON: (sys.executable, "-c", "pass")}
    lines |= {f"bridge {name} --help": (*BRIDGE, name, "--help") for name in names}
    for name in (HELP, PYTHON):
        _asked(lines[name], dict(os.environ), Path())  # to no purpose: files read, code compiled
    took: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(rounds):
        for name in (HELP, PYTHON):
            took[name].append(_asked(lines[name], dict(os.environ), Path()))
    for name in [each for each in lines if each not in (HELP, PYTHON)]:
        took[name].append(_asked(lines[name], dict(os.environ), Path()))
    return {name: figure(seconds) for name, seconds in took.items()}


def answers(
    lines: dict[str, tuple[str, ...]], environ: dict[str, str], folder: Path, rounds: int
) -> dict[str, Figure]:
    """Commands that answer and end, over a ledger that is there. Seconds."""
    took: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(rounds):
        for name, line in lines.items():
            took[name].append(_asked((*BRIDGE, *line), {**os.environ, **environ}, folder))
    return {name: figure(seconds) for name, seconds in took.items()}


def migrations(environ: dict[str, str], folder: Path, rounds: int) -> dict[str, Figure]:
    """`bridge migrate` on an empty SQLite file. Seconds."""
    took = []
    for number in range(rounds):
        fresh = {"BRIDGE_DATABASE_URL": f"sqlite:///{folder / f'fresh-{number}.sqlite3'}"}
        took.append(_asked((*BRIDGE, "migrate"), {**os.environ, **environ, **fresh}, folder))
    return {"bridge migrate, all of it": figure(took)}


def servers(environ: dict[str, str], folder: Path, rounds: int) -> dict[str, Figure]:
    """`bridge web` until it says that it is ready, `bridge worker` until it works. Seconds."""
    web, worker = [], []
    for _ in range(rounds):
        port = free_port()
        line = ("web", "--host=127.0.0.1", f"--port={port}")
        web.append(_until(line, environ, folder, lambda _, port=port: _is_ready(port)))  # type: ignore[misc]
        worker.append(_until(("worker",), environ, folder, lambda log: '"working"' in log))
    return {
        "bridge web, until it is ready": figure(web),
        "bridge worker, until it works": figure(worker),
    }


def _asked(line: tuple[str, ...], environ: dict[str, str], folder: Path) -> float:
    began = time.perf_counter()
    done = subprocess.run(line, env=environ, cwd=folder, capture_output=True, check=False)
    took = time.perf_counter() - began
    if done.returncode not in (0, 1):  # 1: something was found, which is an answer
        raise DidNotStart(done.stderr.decode(errors="replace"))
    return took


def _until(
    line: tuple[str, ...], environ: dict[str, str], folder: Path, is_up: Callable[[str], bool]
) -> float:
    log = folder / "starting.log"
    began = time.perf_counter()
    with log.open("wb") as into:
        process = subprocess.Popen(
            (*BRIDGE, *line), env={**os.environ, **environ}, cwd=folder, stdout=into, stderr=into
        )
    try:
        while not is_up(log.read_text(errors="replace")):
            if process.poll() is not None or time.perf_counter() - began > READY_WITHIN:
                raise DidNotStart(log.read_text(errors="replace"))
            time.sleep(LOOK)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def _is_ready(port: int) -> bool:
    """Asked over a bare socket: a client library would take its share of the processor."""
    try:
        with socket.create_connection(("127.0.0.1", port), READY_WITHIN) as line:
            line.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return line.recv(64).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False
