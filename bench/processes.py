"""What a running process has used, as Linux tells it:
https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, proc_stat.5.html and
proc_pid_smaps.5.html."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """Processor seconds of one process or of several, in their own code and in the system's."""

    user: float
    system: float

    @property
    def seconds(self) -> float:
        return self.user + self.system

    def since(self, before: Used) -> Used:
        return Used(self.user - before.user, self.system - before.system)


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB. `rss` counts what processes share in each of them, `pss` a part of it in each: only
    that may be added up."""

    rss: float
    pss: float


def family(pid: int) -> tuple[int, ...]:
    """A process and those that it started itself."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return (pid, *sorted(found))


def used(pids: Sequence[int]) -> Used:
    user = system = 0
    for pid in pids:
        # The name may hold anything, spaces and brackets too; it ends at the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        user, system = user + int(fields[11]), system + int(fields[12])
    return Used(user / _TICKS, system / _TICKS)


def busy() -> tuple[float, float]:
    """Processor seconds of the whole machine since it began: used, and all there were."""
    fields = Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]
    user, nice, system, idle, waiting, *interrupts = (int(field) / _TICKS for field in fields)
    used = user + nice + system + sum(interrupts)
    return used, used + idle + waiting


def memory(pids: Sequence[int]) -> Memory:
    total = {"Rss:": 0, "Pss:": 0}
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, *rest = line.split()
            if name in total:
                total[name] += int(rest[0])
    return Memory(total["Rss:"] / 1024, total["Pss:"] / 1024)
