"""How much memory a process and its children hold, where the system tells (Linux)."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Span:
    """MiB, at first, at most and at last."""

    first: float
    most: float
    last: float


def weigh(spans: dict[str, Span], name: str, group: int) -> None:
    """Add what the process group holds now to what is known of `name`."""
    held = of_group(group)
    if not held:
        return
    before = spans.get(name)
    if before is None:
        spans[name] = Span(held, held, held)
    else:
        spans[name] = replace(before, most=max(before.most, held), last=held)


def of_group(group: int) -> float:
    """MiB resident, summed over the group; what processes share is counted for each. 0 where
    nobody tells."""
    pages = 0
    for process in PROC.glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) == group:
                pages += int((process / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue  # it has ended since
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
