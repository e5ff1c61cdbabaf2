"""docs/writing-a-channel.md: its example is a channel, held to everything a channel is held to."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import test_conformance
from conformance import Stand

from bridge.channels import contract
from bridge.channels.contract import FindsOwn, Pushes, Reads, ShowsPosts
from bridge.errors import NeedsSignIn

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "writing-a-channel.md").read_text("utf-8")

# The whole suite, but for the test that counts the installed channels.
globals().update(
    {
        name: test
        for name, test in vars(test_conformance).items()
        if name.startswith("test_") and name != "test_every_installed_channel_has_a_stand"
    }
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def run(name: str, code: str) -> ModuleType:
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(code, f"{name} (docs/writing-a-channel.md)", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def modules() -> Iterator[tuple[ModuleType, ModuleType]]:
    """The page's two files, under the names that the page gives them."""
    channel, stand = blocks("python")
    yield run("bridge.channels.board", channel), run("stand_of_board", stand)
    del sys.modules["bridge.channels.board"], sys.modules["stand_of_board"]


@pytest.fixture
def stand(modules: tuple[ModuleType, ModuleType]) -> Iterator[Stand]:
    with modules[1].open_stand() as opened:
        yield opened


def test_the_example_has_the_abilities_that_the_page_shows(stand: Stand) -> None:
    """An ability is had by having its methods."""
    assert not isinstance(stand.channel, Pushes)
    assert isinstance(stand.channel, Reads)
    assert isinstance(stand.channel, FindsOwn)
    assert isinstance(stand.channel, ShowsPosts)


def test_a_read_that_is_refused_needs_a_person(stand: Stand) -> None:
    """Reading sorts its failures as sending does."""
    stand.faults_on.add("401")  # type: ignore[attr-defined]  # the page's own stand
    with pytest.raises(NeedsSignIn):
        stand.channel.read("0")  # type: ignore[attr-defined]


def test_the_entry_point_names_the_class(modules: tuple[ModuleType, ModuleType]) -> None:
    """The line for pyproject.toml leads to the channel of the page."""
    [line] = blocks("toml")
    [(network, place)] = tomllib.loads(line).items()
    module, _, name = place.partition(":")
    assert network == getattr(sys.modules[module], name).network


def members(ability: type) -> set[str]:
    methods = {name for name, value in vars(ability).items() if callable(value)}
    return {name for name in methods | set(ability.__annotations__) if not name.startswith("_")}


def test_the_abilities_are_those_of_the_contract() -> None:
    """Every ability is in the table, with its methods by their names, and no other."""
    table = PAGE.partition("## Abilities")[2].partition("## The stand")[0]
    shown = {
        name: set(re.findall(r"`(\w+)`", methods))
        for name, methods in re.findall(r"^\| `(\w+)` \| ([^|]*) \|", table, re.MULTILINE)
    }
    expected = {
        name: members(thing)
        for name, thing in vars(contract).items()
        if getattr(thing, "_is_protocol", False)
        and name not in ("Protocol", "Channel", "Meter", "TokenStore")
    }
    assert expected == shown
