"""Deliveries refused as not genuine, counted for the watch over the accounts.

Anybody can send such deliveries, so they must not cost a write each: they are counted in memory,
and put down at most once a minute for each source.
"""

from __future__ import annotations

import threading
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.flow.bridge import Bridge
from bridge.ledger import alarms
from bridge.model import MINUTE

log = structlog.get_logger()


class Refusals:
    """One per process; threads share it. Sources are accounts of the mapping, never a stranger's
    words."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._lock = threading.Lock()
        self._counted: dict[str, tuple[int, datetime]] = {}
        self._put_down: dict[str, datetime] = {}

    def add(self, source: str) -> None:
        now = self._bridge.clock()
        with self._lock:
            times, since = self._counted.get(source, (0, now))
            self._counted[source] = (times + 1, since)
            last = self._put_down.get(source)
            if last is not None and now - last < MINUTE:
                return
            self._put_down[source] = now
            times, since = self._counted.pop(source)
        try:
            with self._bridge.ledger.writing() as tx:
                alarms.refuse(tx, source, times, since)
        except (DBAPIError, PoolTimeout, OSError) as trouble:
            log.warning("a refusal was not counted", source=source, error=type(trouble).__name__)
