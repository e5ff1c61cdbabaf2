"""How soon an idle host hears of a commit on another one: `python -m bench.waking tells <many>` on
the first, `... hears <many>` on the second. Each says in the end, as JSON, when what happened.

Only what carries a wake-up is in it: a commit that wakes a lane, and a thread that waits at the
bell and claims it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from datetime import timedelta

from bridge.broker import ear, tell_by_broker
from bridge.ledger import Ledger, lanes
from bridge.listening import Bell
from bridge.settings import load

EVERY = 0.05
MOST = 60.0


def tells(ledger: Ledger, many: int) -> dict[str, float]:
    """Lane → when its commit was through."""
    told = {}
    for number in range(many):
        lane = f"probe:{number}"
        with ledger.writing() as tx:
            lanes.wake(tx, lane)
        told[lane] = time.monotonic()
        time.sleep(EVERY)
    return told


def hears(ledger: Ledger, bell: Bell, many: int) -> dict[str, float]:
    """Lane → when it was claimed."""
    claimed: dict[str, float] = {}
    never, end = threading.Event(), time.monotonic() + MOST
    while len(claimed) < many and time.monotonic() < end:
        heard = bell.count
        with ledger.writing() as tx:
            lease = lanes.claim(tx, "probe", timedelta(minutes=10))
        if lease is None:
            bell.wait(heard, 2.0, never)
        else:
            claimed[lease.lane] = time.monotonic()
    return claimed


def main(what: str, many: int) -> None:
    settings = load(os.environ)
    ledger = Ledger(settings.database_url)
    tell_by_broker(ledger, settings)
    bell = Bell(ledger, ear(settings))
    if what == "tells":
        for _ in range(2):  # the first ring connects
            with ledger.writing() as tx:
                lanes.wake(tx, "probe:first")
            time.sleep(1.0)
        began = time.process_time()
        times = tells(ledger, many)
    else:
        bell.start()
        began = time.process_time()
        times = hears(ledger, bell, many + 1)
        bell.stop()
    used = time.process_time() - began
    ledger.close()
    sys.stdout.write(json.dumps({"times": times, "cpu": used}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
