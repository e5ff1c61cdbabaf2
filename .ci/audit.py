"""Is anything that we install known to be unsafe? Asks PyPI about every locked package.

Ends with 1 for a known hole, and for an auditor that breaks. Where PyPI cannot be asked, it says so
loudly and ends with 0: to be offline is no hole, and no clean bill either.
https://github.com/pypa/pip-audit
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import NamedTuple

LOCKED = "requirements/dev.txt"  # everything: what runs, and what tests it
UNREACHABLE = (
    "ConnectionError",
    "Failed to resolve",
    "HTTPError",
    "Max retries exceeded",
    "ProxyError",
    "SSLError",
    "ServiceError",
    "timed out",
)


class Result(NamedTuple):
    """What to say, and with which code to end."""

    says: str
    code: int


def judge(report: str, trouble: str) -> Result:
    """`report` is pip-audit's JSON, `trouble` what it wrote beside it."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if any(sign in trouble for sign in UNREACHABLE):
            return Result("AUDIT NOT DONE: the vulnerability service cannot be reached.", 0)
        return Result(f"The audit broke:\n{trouble[-2000:]}", 1)
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'no release yet'}"
        for package in packages
        for hole in package.get("vulns", ())
    ]
    unasked = [package["name"] for package in packages if "skip_reason" in package]
    if holes:
        return Result("KNOWN HOLES:\n" + "\n".join(holes), 1)
    if not packages:
        return Result("The audit looked at nothing.", 1)
    if len(unasked) == len(packages):
        says = f"AUDIT NOT DONE: the service answered for none of {len(packages)} packages."
        return Result(says, 0)
    if unasked:
        return Result(f"AUDIT INCOMPLETE: nothing is known about {', '.join(unasked)}.", 0)
    return Result(f"No known hole in {len(packages)} packages.", 0)


def main(more: list[str]) -> int:
    line = [sys.executable, "-m", "pip_audit", "-r", LOCKED, "--require-hashes", "--disable-pip"]
    line += ["--format=json", "--progress-spinner=off", "--timeout=15", *more]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    result = judge(done.stdout, done.stderr)
    sys.stdout.write(result.says + "\n")
    return result.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
