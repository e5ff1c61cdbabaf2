"""Letting go of what arrived long ago: raw deliveries are kept for a while, to be looked at when
something went wrong, and no longer."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.ledger import deliveries, lanes
from bridge.ledger.lanes import Lease
from bridge.model import HOUR

log = structlog.get_logger()

AT_A_TIME = 200
EVERY = HOUR


def sweep(bridge: Bridge, lease: Lease) -> Pause:
    """Empty one small batch, so that nobody waits for it; what waits for a lane or for a person is
    never touched."""
    before = bridge.clock() - timedelta(days=bridge.settings.retain_days)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        count = deliveries.empty_settled(tx, before, AT_A_TIME)
    if count:
        log.info("raw deliveries emptied", count=count, older_than=before.isoformat())
    return Rest(bridge.clock() if count == AT_A_TIME else bridge.clock() + EVERY)
