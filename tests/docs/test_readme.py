"""The README's set-up can be typed as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.helpdesks.zendesk.setup import ticket_fields
from bridge.mapping.check import OURS
from bridge.settings import load

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
FERNET = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SIGNING = f"whsec_{FERNET}"


def block(language: str, holding: str) -> str:
    """The README's block that holds some words, without the indentation of its step."""
    found = [
        "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))
        for indent, code in re.findall(
            rf"^( *)```{language}\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE
        )
        if holding in code
    ]
    assert len(found) == 1, holding
    return found[0]


def filled() -> dict[str, str]:
    """The .env of the README, with something in each place that is left open."""
    lines = [line.partition("=") for line in block("sh", "ZENDESK_URL").splitlines()]
    open_ones = {"BRIDGE_SECRET_KEY": FERNET}
    return {name: value or open_ones.get(name, "something-secret") for name, _, value in lines}


def bridge(folder: Path, environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bridge.cli", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the reader of the README works."""
    (tmp_path / filled()["BRIDGE_MAPPINGS"]).write_text(block("yaml", "rules:"), "utf-8")
    return tmp_path


def test_the_settings_are_settings() -> None:
    """They are read without a complaint, and each of them is used."""
    environ = filled()
    settings = load(environ)
    assert (settings.zendesk.url, settings.mappings) == ("https://acme.zendesk.com", "acme.yaml")
    assert settings.secret_keys
    assert settings.zendesk.client_secret
    assert not settings.zendesk.webhook_secret, "the set-up fetches it and keeps it sealed"
    assert "env:MASTODON_TOKEN" in block("yaml", "rules:")


def test_the_mapping_can_be_used_and_lacks_nothing(folder: Path) -> None:
    """`bridge check` finds a forgotten token, and nothing else; the set-up makes every field that
    the mapping does not name."""
    environ = filled()
    without = {name: value for name, value in environ.items() if name != "MASTODON_TOKEN"}
    assert bridge(folder, without, "check").returncode == 1
    checked = bridge(folder, environ, "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "advice" not in checked.stdout
    assert "bridge setup zendesk" in block("sh", "bridge run")
    named = set(re.findall(r"^ +(\w+): \d+$", block("yaml", "rules:"), re.MULTILINE))
    assert set() == {str(word) for word in OURS} - named - set(ticket_fields.WORDS)


def test_the_explanation_is_the_one_that_is_promised(folder: Path) -> None:
    """The call of step 7 is answered by the rule that it is meant for."""
    [line] = [line for line in block("sh", "bridge run").splitlines() if "explain" in line]
    [text] = re.findall(r'--text "([^"]+)"', line)
    explained = bridge(folder, filled(), "explain", "--text", text)
    assert explained.returncode == 0
    assert "Money" in explained.stdout
    assert "Billing" in explained.stdout


def test_the_example_can_be_checked(tmp_path: Path) -> None:
    """`bridge check mappings/example.yaml`, with its variables set."""
    example = str(ROOT / "mappings" / "example.yaml")
    assert bridge(tmp_path, {}, "check", example).returncode == 1
    environ = {"MASTODON_TOKEN": "x" * 20, "SITE_SECRET": SIGNING, "SITE_REPLY_SECRET": SIGNING}
    assert bridge(tmp_path, environ, "check", example).returncode == 0


def test_every_make_target_exists() -> None:
    """`make <target>`, wherever it is named."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE))
    assert {"run", "test", "check"} <= named
    assert set() == named - targets


def test_the_readme_stays_short() -> None:
    """It is for reading in one go."""
    assert len(README.splitlines()) <= 200
