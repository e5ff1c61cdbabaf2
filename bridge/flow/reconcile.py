"""Asking the helpdesk what changed, because pings may come late, twice, or never."""

from __future__ import annotations

from datetime import timedelta

from bridge.errors import Again, NeedsSignIn, PersonMustAct, RateLimited
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.flow.polls import DEGRADED_AFTER, UNREAD_AT_LEAST
from bridge.flow.standing import connected, helpdesk_signed_out, stands, told_gap
from bridge.flow.tickets import look_at
from bridge.ledger import accounts, conversations, lanes
from bridge.ledger.accounts import About, State
from bridge.ledger.lanes import Lease


def reconcile(bridge: Bridge, lease: Lease) -> Pause:
    """Queue a look at each of our tickets that changed since the last time."""
    with bridge.ledger.reading() as tx:
        cursor = accounts.standing(tx, bridge.desk).cursor
    try:
        changed = bridge.helpdesk.changed_since(cursor, bridge.clock())
    except NeedsSignIn as dead:
        raise helpdesk_signed_out(bridge, lease, dead, About.READING) from dead
    except RateLimited as limited:
        if lease.failures >= DEGRADED_AFTER:  # once is no trouble: the export has limits of its own
            stands(bridge, lease, bridge.desk, State.RATE_LIMITED, limited.because)
        raise
    except Again as failed:
        if lease.failures >= DEGRADED_AFTER:
            stands(bridge, lease, bridge.desk, State.DEGRADED, failed.because)
        raise
    except PersonMustAct as refusal:
        stands(bridge, lease, bridge.desk, State.DEGRADED, refusal.because)
        raise
    every = timedelta(seconds=bridge.settings.reconcile_seconds)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        ours = 0
        for ticket_id in changed.ticket_ids:
            found = conversations.by_ticket(tx, bridge.desk, ticket_id)
            if found is not None:
                ours += 1
                look_at(tx, conversations.one(tx, found), ticket_id)
        gap = accounts.read_to(
            tx,
            bridge.desk,
            changed.cursor,
            items=ours,
            more=changed.more,
            usual=max(UNREAD_AT_LEAST, 3 * every),
        )
        told_gap(tx, bridge.desk, gap, "tickets")
        connected(tx, bridge.desk)
    return Rest(bridge.clock() if changed.more else bridge.clock() + every)
