"""Letting go of what is old: raw deliveries, and what webhooks came to, are kept for a while, to be
looked at when something went wrong, and no longer; tombstones as long as the docs promise. What
was put down for the change feed is numbered here too: it must not pile up where nobody reads."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.ledger import changes, deliveries, endpoints, lanes, sendings, storm_lately
from bridge.ledger.lanes import Lease
from bridge.model import DAY, HOUR

log = structlog.get_logger()

AT_A_TIME = 200
EVERY = HOUR
LOG_KEPT = 30 * DAY


def sweep(bridge: Bridge, lease: Lease) -> Pause:
    """Empty one small batch, so that nobody waits for it; what waits for a lane or for a person is
    never touched."""
    before = bridge.clock() - timedelta(days=bridge.settings.retain_days)
    with bridge.ledger.writing() as tx:
        numbered = changes.fold(tx)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        count = deliveries.empty_settled(tx, before, AT_A_TIME)
        within = bridge.mapping.storm.within if bridge.mapping.storm else timedelta()
        said = storm_lately.prune(tx, tx.now - within, AT_A_TIME)
        dropped = sendings.forget(tx, tx.now - LOG_KEPT, AT_A_TIME)
        endpoints.drop_old_secrets(tx)
        changes.forget_tombstones(tx, tx.now - changes.KEPT_DAYS * DAY)
    if count:
        log.info("raw deliveries emptied", count=count, older_than=before.isoformat())
    if dropped:
        log.info("sent webhooks forgotten", count=dropped)
    is_all = max(count, dropped, said) < AT_A_TIME and numbered < changes.AT_A_TIME
    return Rest(bridge.clock() + EVERY if is_all else bridge.clock())
