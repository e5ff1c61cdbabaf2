"""A broker costs nothing before it is used."""

from __future__ import annotations

import os
import subprocess
import sys

OPENED = """
import os, sys
from bridge.cli.common import opened
from bridge.settings import load
with opened(load(os.environ), current=False):
    print(*sys.modules)
"""


def test_who_opens_the_ledger_and_wakes_nobody_loads_no_celery() -> None:
    """Celery and what comes with it are hundreds of modules, and most commands only look."""
    environ = os.environ | {
        "BRIDGE_DATABASE_URL": "postgresql+psycopg://bridge@db.example/bridge",
        "BRIDGE_BROKER_URL": "amqp://bridge@broker.example",
    }
    run = [sys.executable, "-c", OPENED]
    said = subprocess.run(run, capture_output=True, text=True, check=True, env=environ).stdout
    assert [] == [
        name for name in said.split() if name.partition(".")[0] in ("celery", "kombu", "amqp")
    ]
