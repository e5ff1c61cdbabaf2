"""`make run`: the story holds, also under SIGKILL between any two steps, and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.sandbox.demo import perform
from bridge.sandbox.story import Check, Told

pytestmark = pytest.mark.timeout(300)


def _play(*arguments: str) -> subprocess.Popen[str]:
    code = (
        f"import sys; from bridge.sandbox.demo import main; sys.exit(main({', '.join(arguments)}))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def _still_running(folder: str) -> list[str]:
    """Command lines of processes that work in the demonstration's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").resolve()).startswith(folder):
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


def test_the_story_holds_while_web_and_worker_are_killed() -> None:
    """SIGKILL between any two steps; afterwards nothing runs and nothing is left."""
    process = _play("once=True", "as_json=True", "kill=True")
    said, _ = process.communicate(timeout=280)
    assert 0 == process.returncode, said
    outcome = json.loads(said.splitlines()[-1])
    assert outcome["holds"]
    assert 6 == len(outcome["steps"])
    assert [] == _still_running("/tmp/bridge-demo-")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_stays_up_and_ends_with_everything_it_started(ending: signal.Signals) -> None:
    """Both pages answer after the story; Ctrl-C (or SIGTERM) ends all processes."""
    process = _play()
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
    process.communicate(timeout=60)
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
