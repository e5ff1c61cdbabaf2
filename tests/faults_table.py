"""`make faults`: tests/flow/test_faults.py with every fault at every point, told as tables.

Run as a program it shares the work out to as many pytest processes as there are cores; loaded by
pytest it is what each of them needs for that. How to read the tables: docs/faults.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from faults.table import Cell, tables

TESTS = Path(__file__).resolve().parent / "flow" / "test_faults.py"
_cells: list[Cell] = []

# ------------------------------------------------------------------ in pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-fault", action="store_true", help="not only the suite's sample")
    parser.addoption("--part", default="0/1", help="0/3: the first of three parts")
    parser.addoption("--cells", default="", help="write the cells to this file, show no table")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    part, parts = map(int, config.getoption("part").split("/"))
    config.hook.pytest_deselected(items=[i for n, i in enumerate(items) if n % parts != part])
    items[:] = items[part::parts]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        told = (cell for name, cell in report.user_properties if name == "cell")
        _cells.extend(Cell(**{**cell, "problems": tuple(cell["problems"])}) for cell in told)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    file = config.getoption("cells")
    if file:
        Path(file).write_text(json.dumps([asdict(cell) for cell in _cells]), "utf-8")
    elif _cells:
        terminalreporter.section("points × faults")
        for line in tables(_cells):
            terminalreporter.write_line(line)


# ------------------------------------------------------------------ as a program


def main(arguments: list[str]) -> int:
    """All of it, on every core. 0 if every cell is exact or truthfully unknown."""
    parts = os.cpu_count() or 1
    with TemporaryDirectory() as room:
        files = [Path(room) / f"{part}.json" for part in range(parts)]
        pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "faults_table", "--every-fault"]
        running = [
            subprocess.Popen(
                [*pytest_, f"--part={part}/{parts}", f"--cells={file}", str(TESTS), *arguments]
            )
            for part, file in enumerate(files)
        ]
        ended = [each.wait() for each in running]
        cells = [
            Cell(**{**cell, "problems": tuple(cell["problems"])})
            for file in files
            if file.exists()
            for cell in json.loads(file.read_text("utf-8"))
        ]
    for line in tables(cells):
        print(line)  # noqa: T201 - it is what was asked for
    fine = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return next((code for code in ended if code not in fine), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
