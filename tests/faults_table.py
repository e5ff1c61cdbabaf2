"""`make faults`: the results of tests/flow/test_once.py as a table of points × faults.

A cell is "exact" when, after recovery, there was exactly one of everything, in order, as visible
as it was meant, and ledger, ticket and thread said the same; with the number of databases it was
tried on.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

_CELL = re.compile(r"test_exactly_one_of_everything\[(\w+)-([^-\]]+)-([^\]]+)\]")
_cells: dict[tuple[str, str], list[bool]] = defaultdict(list)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    found = _CELL.search(report.nodeid)
    if found and (report.when == "call" or report.failed):
        _, point, fault = found.groups()
        _cells[point, fault].append(report.passed)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    faults = list(dict.fromkeys(fault for _, fault in _cells))
    points = list(dict.fromkeys(point for point, _ in _cells))
    if not points:
        return
    rows = [["", *faults]]
    rows += [
        [point, *(_shown(_cells.get((point, fault), [])) for fault in faults)] for point in points
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    terminalreporter.section("points × faults")
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.write_line("  ".join(cells).rstrip())


def _shown(results: list[bool]) -> str:
    if not results:
        return "not tried"
    if not all(results):
        return "NOT EXACT"
    return "exact" if len(results) == 1 else f"exact ×{len(results)}"
