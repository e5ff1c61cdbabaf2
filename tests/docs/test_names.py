"""Settings, commands, options, metrics and tags in the docs are those of the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click

from bridge.cli import main

ROOT = Path(__file__).resolve().parents[2]
READ_ELSEWHERE = {"BRIDGE_LOG_FORMAT": "logs.py"}
"""Variables that are read where they are needed, before or without the settings."""


def constants(file: str) -> set[str]:
    tree = ast.parse((ROOT / "bridge" / file).read_text("utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


# ------------------------------------------------------------------ settings


def variables(text: str) -> set[str]:
    return set(re.findall(r"\b(?:BRIDGE|ZENDESK)_[A-Z][A-Z_]*\b", text))


def unknown_variables(text: str) -> set[str]:
    read = constants("settings.py") | {
        name for name, file in READ_ELSEWHERE.items() if name in constants(file)
    }
    return variables(text) - read


def test_every_variable_is_read() -> None:
    """A name that nothing reads would be set in vain."""
    assert {"BRIDGE_DATABSE_URL"} == unknown_variables("BRIDGE_DATABSE_URL BRIDGE_LOG_FORMAT")
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    wrong = {page.name: unknown_variables(page.read_text("utf-8")) for page in pages}
    assert {} == {page: names for page, names in wrong.items() if names}


# ------------------------------------------------------------------ commands

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_CALL = re.compile(r"^(?:\$ |\w+: |ExecStart=\S*/)?bridge ([a-z].*)$")


def calls(text: str) -> list[list[str]]:
    """The words after `bridge`, in code spans and in blocks for a shell."""
    lines = []
    for language, block in _FENCE.findall(text):
        if language in ("", "sh", "ini", "text"):
            lines += [line.partition("  ")[0] for line in block.splitlines()]
    lines += re.findall(r"`(bridge [^`\n]+)`", _FENCE.sub("", text))
    return [match[1].split() for match in map(_CALL.match, map(str.strip, lines)) if match]


def wrong_calls(text: str) -> list[str]:
    """Calls of a command or with an option that there is not."""
    wrong = []
    for name, *words in calls(text):
        command = main.commands.get(name)
        if command is None:
            wrong.append(name)
            continue
        while isinstance(command, click.Group) and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        options = {option for each in command.params for option in each.opts} | {"--help"}
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        wrong += [f"{name} {option}" for option in sorted(given - options)]
    return wrong


def test_every_command_exists(pages: dict[str, str]) -> None:
    """Whoever types what a page says is understood."""
    example = "`bridge cheque` `bridge check`\n```sh\n$ bridge run --prot 1\nbridge web\n```\n"
    example += "`bridge console admins --end x` `bridge console link --end x`"
    assert ["run --prot", "cheque", "console --end"] == wrong_calls(example)
    wrong = {page: wrong_calls(text) for page, text in pages.items()}
    assert {} == {page: found for page, found in wrong.items() if found}


def test_every_command_is_documented(pages: dict[str, str]) -> None:
    """No command is only found by chance."""
    visible = {name for name, command in main.commands.items() if not command.hidden}
    assert isinstance(main, click.Group)
    assert set() == visible - {name for text in pages.values() for name, *_ in calls(text)}


def test_the_procfile_is_the_one_that_is_shown(pages: dict[str, str]) -> None:
    """README and deploy page show the Procfile as it is, and its commands exist."""
    procfile = (ROOT / "Procfile").read_text("utf-8")
    assert {"release", "web", "worker"} == {
        line.partition(":")[0] for line in procfile.splitlines()
    }
    for page in ("README.md", "docs/deploy.md"):
        assert f"```\n{procfile.strip()}\n```" in pages[page], page


# ------------------------------------------------------------------ metrics and tags


def test_every_metric_is_on_the_page(pages: dict[str, str]) -> None:
    """The deploy page has each metric, by the name Prometheus sees, and no other."""
    made = {name for name in constants("metrics.py") if re.fullmatch(r"bridge_[a-z_]+", name)}
    table = pages["docs/deploy.md"].partition("| metric |")[2].partition("\n\n")[0]
    shown = set(re.findall(r"`(bridge_[a-z_]+)`", table))
    assert made == {name.removesuffix("_total") for name in shown}
    assert {"bridge_not_genuine_total", "bridge_requests_total"} <= shown


def test_every_tag_is_one_that_is_set(pages: dict[str, str], generate: object) -> None:
    """Tags that agents read about are written on tickets."""
    flow = set().union(
        *(constants(f"flow/{file.name}") for file in (ROOT / "bridge/flow").glob("*.py"))
    )
    notes = {f"bridge_{code}" for codes in generate.NOTES.values() for code in codes}  # type: ignore[attr-defined]
    made = {"bridge_public", "bridge_private"}  # put together from the post
    shown = set(re.findall(r"`(bridge_[a-z_]+)`", pages["docs/agents.md"]))
    assert set() == shown - notes - made - flow
