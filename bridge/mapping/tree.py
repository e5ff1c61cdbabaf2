"""A YAML tree turned into plain values, with the place of every key and value.

Only nodes are looked at, never constructed: a tag can make no object. Plain words are read as
YAML 1.2 reads them (https://yaml.org/spec/1.2.2/#103-core-schema), so that `no` is Norwegian and
`22:00` is a time, where YAML 1.1 sees `false` and the number 1320.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from bridge.mapping.model import Files, Problem

Steps = tuple[str | int, ...]
"""The way to a value: keys and positions from the top."""

MOST_VALUES = 20_000
DEEPEST = 40

_TAG = "tag:yaml.org,2002:"
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_INT = re.compile(r"^[-+]?[0-9]{1,18}$")
_FLOAT = re.compile(r"^[-+]?[0-9]{1,15}\.[0-9]{1,15}$")

# Sections in which files may add to one another; every other one is written in one file only.
_SHARED = ("accounts", "rules")


class Loader(yaml.SafeLoader):
    """Composes only, with the plain words of YAML 1.2, and refuses bottomless nesting."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEEPEST:
            mark = parent.start_mark if parent else None
            raise yaml.composer.ComposerError(None, None, "this is nested too deep", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver(_TAG + "bool", _BOOL, list("tTfF"))
Loader.add_implicit_resolver(_TAG + "null", _NULL, ["~", "n", "N", ""])
Loader.add_implicit_resolver(_TAG + "int", _INT, list("-+0123456789"))
Loader.add_implicit_resolver(_TAG + "float", _FLOAT, list("-+0123456789"))
Loader.add_implicit_resolver(_TAG + "merge", re.compile(r"^<<$"), ["<"])


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.line, self.column, message)


@dataclass
class Draft:
    """What the files say before anything is checked, with the place of every key and value.

    `text` is what the digest is taken of: the file, or every file of several under its name;
    `files` are those that could be read at all. `torn` tells that one could not, so names may be
    missing here that are written there.
    """

    name: str
    text: str = ""
    files: Files = ()
    data: dict[str, Any] = field(default_factory=dict)
    keys: dict[Steps, Spot] = field(default_factory=dict)
    values: dict[Steps, Spot] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    torn: bool = False

    def spot(self, steps: Steps, *, at_key: bool = False) -> Spot:
        """The nearest known place on the way to a value."""
        for end in range(len(steps), 0, -1):
            way = steps[:end]
            if (at_key or way not in self.values) and way in self.keys:
                return self.keys[way]
            if way in self.values:
                return self.values[way]
        return Spot(self.name, 0, 0)

    def complain(self, steps: Steps, message: str, *, at_key: bool = False) -> None:
        self.problems.append(self.spot(steps, at_key=at_key).problem(message))


def is_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _TAG + "null"


def spot_of(file: str, node: yaml.Node) -> Spot:
    return Spot(file, node.start_mark.line + 1, node.start_mark.column + 1)


@dataclass
class Conversion:
    """YAML nodes to plain values, remembering places. `above` holds the nodes on the way down,
    because an alias may lead back into itself."""

    draft: Draft
    file: str

    def top(self, node: yaml.MappingNode) -> None:
        above = (id(node),)
        for key, key_node, value_node in self.entries(node, above):
            steps: Steps = (key,)
            again = steps in self.draft.keys
            if again and not (key in _SHARED and self.draft.keys[steps].file != self.file):
                self.twice(steps, key_node)
                continue
            self.draft.keys.setdefault(steps, spot_of(self.file, key_node))
            self.draft.values.setdefault(steps, spot_of(self.file, value_node))
            if not again:
                self.draft.data[key] = self.value(value_node, steps, above)
                continue
            held = self.draft.data[key]
            into = held if isinstance(held, dict) else None
            more = held if isinstance(held, list) else None
            if self.value(value_node, steps, above, into=into, more=more) is not held:
                first = self.draft.keys[steps]
                self.problem(value_node, f"{key}: this does not go with what stands at {first}")

    def entries(
        self, node: yaml.MappingNode, above: tuple[int, ...]
    ) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """The keys of a mapping; what `<<` brings comes last and gives way to what is there."""
        own: set[str] = set()
        merged: list[tuple[str, yaml.Node, yaml.Node]] = []
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged.extend(self.merged(value_node, above))
            elif not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _TAG + "str":
                self.problem(key_node, "a key must be a word (put it in quotes)")
            else:
                own.add(key_node.value)
                yield key_node.value, key_node, value_node
        for key, key_node, value_node in merged:
            if key not in own:
                own.add(key)
                yield key, key_node, value_node

    def merged(
        self, node: yaml.Node, above: tuple[int, ...]
    ) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        if not self.may_enter(node, above):
            return
        if isinstance(node, yaml.MappingNode):
            yield from self.entries(node, (*above, id(node)))
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from self.merged(item, (*above, id(node)))
        else:
            self.problem(node, "`<<` takes in keys from an anchor: `<<: *name`")

    def may_enter(self, node: yaml.Node, above: tuple[int, ...]) -> bool:
        """Also counts: a few aliases of aliases can stand for billions of values."""
        self.draft.count += 1
        if self.draft.count > MOST_VALUES:
            if self.draft.count == MOST_VALUES + 1:
                self.problem(node, f"more than {MOST_VALUES} values, aliases written out")
            return False
        if id(node) in above:
            self.problem(node, "this alias contains itself")
            return False
        if len(above) > DEEPEST:
            self.problem(node, "this is nested too deep")
            return False
        return True

    def value(
        self,
        node: yaml.Node,
        steps: Steps,
        above: tuple[int, ...],
        *,
        into: dict[str, Any] | None = None,
        more: list[Any] | None = None,
    ) -> Any:
        if not self.may_enter(node, above):
            return None
        above = (*above, id(node))
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            found = {} if into is None else into
            for key, key_node, value_node in self.entries(node, above):
                way = (*steps, key)
                if way in self.draft.keys:
                    self.twice(way, key_node)
                    continue
                self.draft.keys[way] = spot_of(self.file, key_node)
                self.draft.values[way] = spot_of(self.file, value_node)
                found[key] = self.value(value_node, way, above)
            return found
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            listed = [] if more is None else more
            for item in node.value:
                place = (*steps, len(listed))
                self.draft.values[place] = spot_of(self.file, item)
                listed.append(self.value(item, place, above))
            return listed
        return self.scalar(node)

    def scalar(self, node: yaml.Node) -> Any:
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        match node.tag.removeprefix(_TAG):
            case "str" | "merge" if isinstance(node, yaml.ScalarNode):
                if any("\ud800" <= letter <= "\udfff" for letter in text):
                    self.problem(node, "half a character: write it as it is, without \\u")
                    return None
                return text
            case "int" if _INT.match(text):
                return int(text)
            case "float" if _FLOAT.match(text) or _INT.match(text):
                return float(text)
            case "bool" if _BOOL.match(text):
                return text.lower() == "true"
            case "null":
                return None
        self.problem(node, "a tag (`!...`) means nothing here")
        return None

    def twice(self, steps: Steps, key_node: yaml.Node) -> None:
        before = self.draft.keys[steps]
        self.problem(key_node, f'"{steps[-1]}" is already written at {before}')

    def problem(self, node: yaml.Node, message: str) -> None:
        self.draft.problems.append(spot_of(self.file, node).problem(message))
