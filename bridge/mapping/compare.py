"""What differs between two sets of mapping files, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from bridge.mapping.model import Files

AROUND = 3
"""Lines shown on either side of what differs."""


class Sort(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Line:
    """`before` and `after` are its numbers on either side, 0 where it does not stand. A gap stands
    for lines that are the same, and its text is how many."""

    sort: Sort
    before: int
    after: int
    text: str

    @property
    def sign(self) -> str:
        return {Sort.ADDED: "+", Sort.REMOVED: "-"}.get(self.sort, " ")


@dataclass(frozen=True, slots=True)
class FileDifference:
    """`what`: changed, added or removed, of the file as a whole."""

    name: str
    what: str
    lines: tuple[Line, ...]

    @property
    def added(self) -> int:
        return sum(line.sort is Sort.ADDED for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.sort is Sort.REMOVED for line in self.lines)


def compare(before: Files, after: Files) -> tuple[FileDifference, ...]:
    """Only files that differ, in the order of their names. One file on either side is the same
    one whatever it is called."""
    if len(before) == len(after) == 1:
        before = ((after[0][0], before[0][1]),)
    old, new = dict(before), dict(after)
    found = []
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        what = "added" if name not in old else "removed" if name not in new else "changed"
        lines = _lines(old.get(name, "").splitlines(), new.get(name, "").splitlines())
        found.append(FileDifference(name, what, lines))
    return tuple(found)


def unified(differences: tuple[FileDifference, ...]) -> str:
    """As text, each line with its sign."""
    said: list[str] = []
    for each in differences:
        said.append(f"{each.name} ({each.what})")
        said += [
            f"  … {line.text}" if line.sort is Sort.GAP else f"{line.sign} {line.text}".rstrip()
            for line in each.lines
        ]
    return "\n".join(said)


def _lines(old: list[str], new: list[str]) -> tuple[Line, ...]:
    found: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [
                Line(Sort.SAME, a + n + 1, c + n + 1, text) for n, text in enumerate(old[a:b])
            ]
            continue
        found += [Line(Sort.REMOVED, a + n + 1, 0, text) for n, text in enumerate(old[a:b])]
        found += [Line(Sort.ADDED, 0, c + n + 1, text) for n, text in enumerate(new[c:d])]
    return tuple(_short(found))


def _short(lines: list[Line]) -> list[Line]:
    """Long stretches of the same, folded into gaps."""
    near = [False] * len(lines)
    for place, line in enumerate(lines):
        if line.sort is not Sort.SAME:
            for each in range(max(0, place - AROUND), min(len(lines), place + AROUND + 1)):
                near[each] = True
    found: list[Line] = []
    hidden = 0
    for line, shown in zip(lines, near, strict=True):
        if shown:
            if hidden:
                found.append(_gap(hidden))
                hidden = 0
            found.append(line)
        else:
            hidden += 1
    if hidden:
        found.append(_gap(hidden))
    return found


def _gap(count: int) -> Line:
    return Line(Sort.GAP, 0, 0, f"{count} line{'s' if count > 1 else ''} the same")
