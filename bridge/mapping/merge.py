"""Two people changed the same files: both changes together, where they touch different lines."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from bridge.mapping.model import Files


@dataclass(frozen=True, slots=True)
class _Edit:
    """Lines from `start` up to, not including, `end` give way to these."""

    start: int
    end: int
    lines: tuple[str, ...]


def merge_files(base: Files, mine: Files, theirs: Files) -> Files | None:
    """None where a line cannot be told: both changed it, or one its file and the other took the
    file away."""
    if len(base) == len(mine) == len(theirs) == 1:
        name = mine[0][0]
        base, theirs = ((name, base[0][1]),), ((name, theirs[0][1]),)
    old, ours, other = dict(base), dict(mine), dict(theirs)
    found: list[tuple[str, str]] = []
    for name in sorted({*ours, *other}):
        was, here, there = old.get(name), ours.get(name), other.get(name)
        if here == there or there == was:
            text = here
        elif here == was:
            text = there
        elif was is None or here is None or there is None:
            return None
        else:
            text = merge(was, here, there)
            if text is None:
                return None
        if text is not None:
            found.append((name, text))
    return tuple(found)


def merge(base: str, mine: str, theirs: str) -> str | None:
    """None where both changed the same lines, or lines beside one another."""
    old = base.splitlines(keepends=True)
    ours, other = _edits(old, mine), _edits(old, theirs)
    made: list[str] = []
    at = 0
    while ours or other:
        if ours and other and _touch(ours[0], other[0]):
            if ours[0] != other[0]:
                return None
            other.pop(0)
        mine_first = bool(ours) and (not other or ours[0].start <= other[0].start)
        edit = (ours if mine_first else other).pop(0)
        made += old[at : edit.start]
        made += edit.lines
        at = edit.end
    return "".join((*made, *old[at:]))


def _touch(one: _Edit, other: _Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


def _edits(old: list[str], text: str) -> list[_Edit]:
    new = text.splitlines(keepends=True)
    return [
        _Edit(a, b, tuple(new[c:d]))
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    ]
