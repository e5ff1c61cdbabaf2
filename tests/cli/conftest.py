"""An installation on SQLite in a folder of its own, and ways to run `bridge` there."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from databases import copied

from bridge.cli import main
from bridge.ledger import Ledger

WHSEC = "whsec_" + base64.b64encode(b"what the shop signs with").decode()
MAPPING = """
accounts:
  shop:
    network: site
    options:
      secret: env:SITE_SECRET
      reply_url: http://127.0.0.1:9/replies
      reply_secret: env:SITE_SECRET
rules:
  - name: Reposts
    when: {kind: repost}
    skip: nothing new in it
  - name: Payments
    when:
      words: [refund]
      followers: {at_least: 100}
    route: {group: Billing, priority: high, tags: [billing]}
  - name: Everything
    route: {group: Support}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {
        "BRIDGE_DATABASE_URL": f"sqlite:///{home / 'ledger.sqlite3'}",
        "BRIDGE_MAPPINGS": str(home / "mapping.yaml"),
        "BRIDGE_PUBLIC_URL": "https://bridge.example",
        "SITE_SECRET": WHSEC,
        "ZENDESK_URL": "http://127.0.0.1:9",
        "ZENDESK_OAUTH_TOKEN": "desk-token-0815",
        "ZENDESK_WEBHOOK_SECRET": "the-helpdesk-signs-with-this",
    }


@pytest.fixture
def store(environ: dict[str, str], migrated_sqlite: Path) -> Iterator[Ledger]:
    """The installation's ledger, of this release."""
    url = environ["BRIDGE_DATABASE_URL"]
    copied(migrated_sqlite, Path(url.removeprefix("sqlite:///")))
    ledger = Ledger(url)
    yield ledger
    ledger.close()


Bridge = Callable[..., Result]


@pytest.fixture
def bridge(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    """Run a command in this process, with nothing but this environment."""
    import logging

    import structlog

    root = logging.getLogger()
    before = (list(root.handlers), root.level)

    def run(*arguments: str, **more: str) -> Result:
        cleared = dict.fromkeys(name for name in os.environ if name.startswith(("BRIDGE", "ZEND")))
        env = {**cleared, "PORT": None, **environ, **more}
        return CliRunner().invoke(main, arguments, env=env, prog_name="bridge")

    yield run
    structlog.reset_defaults()
    logging.captureWarnings(False)
    root.handlers[:], root.level = before[0], before[1]


@dataclass
class Running:
    """A `bridge` process. Its log is read line by line; its end is the end of the log, which
    every child of it holds open too."""

    process: subprocess.Popen[str]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def until(self, event: str, **fields: Any) -> dict[str, Any]:
        """Read on until a line says so."""
        assert self.process.stderr is not None
        for raw in self.process.stderr:
            self.lines.append(json.loads(raw) if raw.startswith("{") else {"event": raw})
            line = self.lines[-1]
            if event in line["event"] and fields.items() <= line.items():
                return line
        raise AssertionError(f"ended without saying {event!r}: {self.lines}")

    @property
    def address(self) -> tuple[str, int]:
        """Where gunicorn listens."""
        said = self.until("Listening at: http://")["event"].split("http://")[1].split()[0]
        host, _, port = said.rpartition(":")
        return host, int(port)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait until nobody holds the log any more, and give the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        assert self.process.stderr is not None
        self.lines.extend({"event": raw} for raw in self.process.stderr)
        return self.process.wait()


@pytest.fixture
def spawn(home: Path, environ: dict[str, str]) -> Iterator[Callable[..., Running]]:
    """Start `bridge …` as a process of its own."""
    started: list[Running] = []

    def run(*arguments: str, **more: str) -> Running:
        process = subprocess.Popen(
            [sys.executable, "-m", "bridge.cli", *arguments],
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **environ, **more},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(Running(process))
        return started[-1]

    yield run
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        if each.process.stderr:
            each.process.stderr.close()
