"""The web service takes up what others publish, between two requests and without losing one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from bridge.flow import publishing
from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger
from bridge.opening import open_bridge, publish
from bridge.settings import Settings
from bridge.taking_up import AGAIN_AFTER, EVERY
from bridge.web import create_app
from bridge.web.reloading import Reloading

BRANCH = """\
  branch:
    network: site
    options:
      secret: env:{secret}
      reply_url: https://branch.example/replies
      reply_secret: env:{secret}
rules:
"""


class Seconds:
    """A stopwatch that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Running:
    """A web process, and whoever publishes from elsewhere."""

    def __init__(self, bridge: Bridge, environ: dict[str, str]) -> None:
        self.bridge, self.environ = bridge, environ
        self.built = 0
        self.seconds = Seconds()
        self.service = Reloading(bridge, self.build, self.seconds)
        self.client = Client(self.service)

    def build(self, bridge: Bridge) -> Flask:
        self.built += 1
        return create_app(bridge)

    def publish(self, secret: str = "SITE_SECRET", **set_there: str) -> None:
        """Another account, `branch`, by a process that may know more secrets."""
        _, files = publishing.live_files(self.bridge)
        ((name, text),) = files
        wanted = ((name, text.replace("rules:\n", BRANCH.format(secret=secret))),)
        elsewhere = replace(self.bridge, environ={**self.environ, **set_there})
        publishing.publish(elsewhere, wanted, author="ada", comment="a branch", base=1)

    def later(self, seconds: float = EVERY) -> None:
        self.seconds.now += seconds

    def answers(self, account: str = "branch") -> int:
        return self.client.get(f"/hooks/site/{account}").status_code


@pytest.fixture
def running(settings: Settings, ledger: Ledger, clock: Any, bridge: Bridge) -> Running:
    environ = dict(bridge.environ)
    publish(open_bridge(settings, environ, clock=clock, ledger=ledger))
    bridge = open_bridge(settings, environ, clock=clock, ledger=ledger, live=True)
    return Running(bridge, environ)


def test_a_new_account_is_known_without_a_restart(running: Running) -> None:
    """Two seconds later at most; the old accounts' channels are the same ones."""
    before = running.service.live.bridge
    assert 404 == running.answers()
    running.publish()
    assert 404 == running.answers(), "it looks at most every two seconds"
    running.later()
    assert 405 == running.answers(), "it is known, and asks for no handshake"
    after = running.service.live.bridge
    assert (1, 2) == (before.mapping.number, after.mapping.number)
    assert before.channels["shop"] is after.channels["shop"]
    assert before.helpdesk is after.helpdesk


def test_nothing_is_built_while_nothing_is_published(running: Running) -> None:
    """One question in two seconds is all."""
    for _ in range(5):
        running.later()
        running.answers()
    assert 1 == running.built


def test_what_does_not_hold_here_leaves_the_old_one_in_place(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret that is set elsewhere only: it is logged once, and taken up when it is there."""
    running.publish("BRANCH_SECRET", BRANCH_SECRET=running.environ["SITE_SECRET"])
    for _ in range(3):
        running.later()
        assert 404 == running.answers()
    assert 1 == running.built
    assert "BRANCH_SECRET is not set" in running.service.live.failure
    assert 1 == capsys.readouterr().out.count("the live mapping is not taken up")
    running.bridge.environ["BRANCH_SECRET"] = running.environ["SITE_SECRET"]  # type: ignore[index]
    for _ in range(AGAIN_AFTER):
        running.later()
        running.answers()
    assert 405 == running.answers()
    assert "" == running.service.live.failure


def test_without_a_database_it_goes_on(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that fails changes nothing, and nobody is answered otherwise for it."""
    running.publish()

    def broken() -> Any:
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(running.bridge.ledger, "reading", broken)
        running.later()
        assert 405 == running.answers("shop")
    running.later()
    assert 405 == running.answers()


def test_whoever_published_on_the_console_sees_it_at_once(running: Running) -> None:
    """Whatever the stopwatch says."""
    running.publish()
    running.client.post("/console/mapping/publish")
    assert 405 == running.answers()


def test_files_on_disk_that_nobody_published_are_not_taken(
    running: Running, mapping_file: Path
) -> None:
    """A worker's start publishes them."""
    mapping_file.write_text(mapping_file.read_text().replace("Support", "Sales"))
    running.later()
    running.answers()
    assert 1 == running.built
