"""`make run`: the story holds on every network, also under SIGKILL between any two steps, and
leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.channels.registry import installed
from bridge.cli.serving import demo
from bridge.sandbox.demo import perform
from bridge.sandbox.scenery import DEFAULT, NETWORKS
from bridge.sandbox.stage import Check, Told

pytestmark = pytest.mark.timeout(900)

PRIVATE_ONLY = ("messenger", "whatsapp")


def _play(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Everything that the demonstration keeps goes into `folder`."""
    code = (
        f"import sys; from bridge.sandbox.demo import main; sys.exit(main({', '.join(arguments)}))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)},
    )


def _still_running(folder: Path) -> list[str]:
    """Command lines of processes that work below the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").resolve()).startswith(str(folder)):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_a_check_that_does_not_hold_fails_the_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code can be non-zero: one check that does not hold is enough."""
    told = Told("a step", (), (), (Check("holds", True), Check("does not", False)), 0.1)
    monkeypatch.setattr("bridge.sandbox.demo.play", lambda _stage: iter([told]))

    class Nobody:
        def log_tail(self) -> str:
            return ""

    held, steps = perform(None, Nobody(), lambda _line: None, kill=False)
    assert (False, 1) == (held, len(steps))


def test_every_network_that_is_installed_has_its_story() -> None:
    assert set(installed()) == set(NETWORKS)


def test_an_unknown_network_is_told_the_nearest_and_all_there_are() -> None:
    result = CliRunner().invoke(demo, ["--network", "instgram", "--once"])
    assert 2 == result.exit_code
    assert 'did you mean "instagram"?' in result.output
    assert all(network in result.output for network in NETWORKS)


@pytest.mark.parametrize("network", [one for one in NETWORKS if one != DEFAULT])
def test_the_story_holds(network: str, tmp_path: Path) -> None:
    """On the default network it is played below."""
    _holds(tmp_path, network, "once=True", "as_json=True")


@pytest.mark.parametrize("network", [DEFAULT, "facebook"])
def test_the_story_holds_while_web_and_worker_are_killed(network: str, tmp_path: Path) -> None:
    """SIGKILL between any two steps, on a network that is read and on one that calls."""
    _holds(tmp_path, network, "once=True", "as_json=True", "kill=True")


def _holds(folder: Path, network: str, *how: str) -> None:
    """All of the network's steps hold; afterwards nothing runs and nothing is left."""
    process = _play(folder, repr(network), *how)
    said, _ = process.communicate(timeout=840)
    assert 0 == process.returncode, said
    outcome = json.loads(said.splitlines()[-1])
    assert outcome["holds"]
    assert network == outcome["network"]
    assert (6 if network in PRIVATE_ONLY else 7) == len(outcome["steps"])
    assert [] == _still_running(folder)
    assert [] == list(folder.iterdir())


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_stays_up_and_ends_with_everything_it_started(
    ending: signal.Signals, tmp_path: Path
) -> None:
    """Both pages answer after the story; Ctrl-C (or SIGTERM) ends all processes."""
    process = _play(tmp_path)
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C ends it all" in line:
            break
    assert any("the customer's page" in line for line in lines), "".join(lines)
    children = _children_of(process.pid)
    assert children
    process.send_signal(ending)
    process.communicate(timeout=120)
    assert 0 == process.returncode
    assert [] == [pid for pid in children if Path(f"/proc/{pid}").exists()]


def _children_of(pid: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(process.name))
    return found + [grand for child in found for grand in _children_of(child)]
