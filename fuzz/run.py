"""Look for long: `python -m fuzz.run [--examples 2000] [--seed 1] [target …]`.

What fails is made as small as it gets and kept as tests/fixtures/fuzz/<target>/<digest>; mend the
parser, and commit the file with it.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from fuzz.targets import TARGETS, Target

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "fuzz"


def search(target: Target, examples: int, start: int, corpus: Path = CORPUS) -> str:
    """ "" if nothing was found, else what went wrong and where it is kept."""
    last: list[bytes] = []

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @given(target.given)
    def look(data: bytes) -> None:
        last[:] = [data]
        target(data)

    try:
        look()
    except Exception as wrong:  # noqa: BLE001  # whatever it is, it is what was looked for
        file = corpus / target.name / hashlib.sha256(last[0]).hexdigest()[:16]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(last[0])
        return f"{type(wrong).__name__}: {wrong}\nkept in {file}"
    return ""


def main(given_line: list[str]) -> int:
    line = argparse.ArgumentParser(prog="fuzz")
    line.add_argument("targets", nargs="*", metavar="target", choices=[*TARGETS, []])
    line.add_argument("--examples", type=int, default=2_000, help="for each target")
    line.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    asked = line.parse_args(given_line)
    logging.disable(logging.CRITICAL)
    failed = 0
    sys.stdout.write(f"seed {asked.seed}\n")
    for name in asked.targets or TARGETS:
        began = time.monotonic()
        found = search(TARGETS[name], asked.examples, asked.seed)
        failed += bool(found)
        took = f"{time.monotonic() - began:.0f} s"
        sys.stdout.write(f"{name:16} {found or f'{asked.examples} tried, nothing found'}, {took}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
