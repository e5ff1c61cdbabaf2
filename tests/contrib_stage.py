"""What the tests of the ready configurations share: environments, the service, and the clients."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
CONTRIB = ROOT / "contrib"
HOMES = ROOT / ".venv-contrib"
IN_CI = bool(os.environ.get("CI"))
STREAMS = ("customers", "identities", "conversations", "interactions", "merges")
Rows = dict[str, dict[str, Any]]


def environment(name: str) -> Path:
    """The commands of an environment with what `requirements/contrib-<name>.txt` locks, made when
    there is none, or another. Skips where it cannot be fetched; never in CI."""
    wanted = ROOT / "requirements" / f"contrib-{name}.txt"
    home = HOMES / name
    stamp = home / "made-from"
    digest = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()
    HOMES.mkdir(exist_ok=True)
    with (HOMES / f"{name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            shutil.rmtree(home, ignore_errors=True)
            made = _made(home, wanted)
            if made.returncode:
                reason = f"what {name} needs could not be installed:\n{made.stderr[-2000:]}"
                if IN_CI:
                    pytest.fail(reason)
                pytest.skip(reason)
            stamp.write_text(digest)
    return home / "bin"


def _made(home: Path, wanted: Path) -> subprocess.CompletedProcess[str]:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    into = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"]
    how = ["-q", "--no-compile", "--no-deps", "--disable-pip-version-check", "--require-hashes"]
    return subprocess.run(
        [*into, *how, "-r", str(wanted)], capture_output=True, text=True, check=False
    )


def made_beside_each_other(names: Iterable[str]) -> dict[str, Path]:
    """The same for several, at once."""
    found: dict[str, Path] = {}
    wrong: list[BaseException] = []

    def make(name: str) -> None:
        try:
            found[name] = environment(name)
        except BaseException as error:  # noqa: BLE001  # a skip is one
            wrong.append(error)

    threads = [threading.Thread(target=make, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return found


@dataclass
class Weather:
    """Between clients and the service: what it refuses, and what it was asked. `page`: so many rows
    on a page, whatever was asked for. `refuse`: the number of a request → what it gets instead."""

    app: Any
    page: int = 0
    refuse: dict[int, int] = field(default_factory=dict)
    asked: list[tuple[float, str, int]] = field(default_factory=list)
    """When, what, and what was answered."""
    _lock: Any = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        asked = environ["QUERY_STRING"].replace("limit=500", f"limit={self.page or 500}")
        environ["QUERY_STRING"] = asked
        if environ["PATH_INFO"].endswith("openapi.json"):
            return self.app(environ, start)
        with self._lock:
            status = self.refuse.pop(len(self.asked), 200)
            what = f"{environ['PATH_INFO']}?{asked}"
            self.asked.append((time.monotonic(), what, status))
        if status == 200:
            return self.app(environ, start)
        headers = [("Content-Type", "application/json")]
        headers += [("Retry-After", "2")] if status == 429 else []
        start(f"{status} no", headers)
        return [b'{"error": "this is a test"}']

    def waited(self, status: int) -> float:
        """Seconds from a refusal until the same was asked again."""
        for place, (at, what, said) in enumerate(self.asked):
            if said == status:
                return next(t for t, again, _ in self.asked[place + 1 :] if again == what) - at
        raise AssertionError(f"nothing was answered with {status}")

    def sent_both(self) -> bool:
        return any("cursor=" in what and "updated_since=" in what for _, what, _ in self.asked)


@dataclass
class Client:
    """One of the clients, run as an admin runs it. `pull` brings what is new; `rows` is what it has
    then, without what is deleted and without nulls."""

    url: str
    token: str
    home: Path
    bins: dict[str, Path]

    def run(self, *command: str, stdin: str | None = None, **env: str) -> str:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COVERAGE"))}
        done = subprocess.run(
            command,
            cwd=self.home,
            env={**clean, "HOME": str(self.home), **env},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        return done.stdout


class Dlt(Client):
    def pull(self) -> None:
        self.run(
            str(self.bins["dlt"] / "python"),
            str(CONTRIB / "dlt" / "pipeline.py"),
            BRIDGE_URL=self.url,
            BRIDGE_TOKEN=self.token,
            DLT_DATA_DIR=str(self.home),
            RUNTIME__DLTHUB_TELEMETRY="false",
        )

    def rows(self) -> Rows:
        dump = Path(__file__).with_name("contrib") / "dump_duckdb.py"
        out = self.run(str(self.bins["dlt"] / "python"), str(dump), "helpdesk_bridge.duckdb")
        return kept(json.loads(line) for line in out.splitlines())


@dataclass
class Airbyte(Client):
    state: tuple[Any, ...] = ()
    had: list[dict[str, Any]] = field(default_factory=list)

    def pull(self) -> None:
        manifest = yaml.safe_load((CONTRIB / "airbyte" / "manifest.yaml").read_text())
        config = {"url": self.url, "token": self.token, "__injected_declarative_manifest": manifest}
        files = {"config": config, "catalog": catalog(manifest), "state": list(self.state)}
        for name, what in files.items():
            (self.home / f"{name}.json").write_text(json.dumps(what))
        arguments = [f"--{name}={name}.json" for name in files if name != "state" or self.state]
        out = self.run(
            str(self.bins["airbyte"] / "source-declarative-manifest"), "read", *arguments
        )
        messages = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        states = {}
        for message in messages:
            if message["type"] == "RECORD":
                self.had.append(message["record"]["data"])
            elif message["type"] == "STATE":
                state = message["state"]
                states[state["stream"]["stream_descriptor"]["name"]] = state
        self.state = tuple(states.values())

    def rows(self) -> Rows:
        return kept(self.had)


class Singer(Client):
    def pull(self) -> None:
        state = self.home / "state.json"
        tap = [
            str(self.bins["singer"] / "python"),
            str(CONTRIB / "singer" / "tap_helpdesk_bridge.py"),
        ]
        said = self.run(
            *tap,
            "--config=ENV",
            *(["--state=state.json"] if state.exists() else []),
            TAP_HELPDESK_BRIDGE_URL=self.url,
            TAP_HELPDESK_BRIDGE_TOKEN=self.token,
        )
        (self.home / "target.json").write_text('{"do_timestamp_file": false}')
        told = self.run(
            str(self.bins["target"] / "target-jsonl"), "--config=target.json", stdin=said
        )
        if told:  # else what it had before holds: a little is sent again
            state.write_text(told.splitlines()[-1])

    def rows(self) -> Rows:
        files = [self.home / f"{name}.jsonl" for name in STREAMS]
        lines = [line for file in files if file.exists() for line in file.read_text().splitlines()]
        return kept(json.loads(line) for line in lines)


def catalog(manifest: dict[str, Any]) -> dict[str, Any]:
    """What Airbyte makes of it when every stream is chosen, incremental and deduplicated."""
    return {
        "streams": [
            {
                "stream": {
                    "name": stream["name"],
                    "json_schema": stream["schema_loader"]["schema"],
                    "supported_sync_modes": ["full_refresh", "incremental"],
                    "source_defined_cursor": True,
                    "default_cursor_field": ["updated_at"],
                    "source_defined_primary_key": [["id"]],
                },
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
            for stream in manifest["streams"]
        ]
    }


def kept(rows: Iterable[dict[str, Any]]) -> Rows:
    """The last of each id, sorted by `updated_at` as tools that append and deduplicate do; without
    what is deleted, and without nulls, which some of them drop."""
    found = {row["id"]: row for row in sorted(rows, key=lambda row: row["updated_at"])}
    return {
        name: {key: value for key, value in row.items() if value is not None}
        for name, row in found.items()
        if not row["deleted"]
    }
