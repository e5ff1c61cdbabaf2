"""Asking the helpdesk what changed, because pings may come late, twice, or never."""

from __future__ import annotations

from datetime import timedelta

from bridge.errors import NeedsSignIn
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.flow.standing import helpdesk_signed_out
from bridge.flow.tickets import look_at
from bridge.ledger import accounts, conversations, lanes
from bridge.ledger.accounts import State
from bridge.ledger.lanes import Lease


def reconcile(bridge: Bridge, lease: Lease) -> Pause:
    """Queue a look at each of our tickets that changed since the last time."""
    with bridge.ledger.reading() as tx:
        cursor = accounts.standing(tx, bridge.desk).cursor
    try:
        changed = bridge.helpdesk.changed_since(cursor, bridge.clock())
    except NeedsSignIn as dead:
        raise helpdesk_signed_out(bridge, lease, dead) from dead
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        for ticket_id in changed.ticket_ids:
            found = conversations.by_ticket(tx, bridge.desk, ticket_id)
            if found is not None:
                look_at(tx, conversations.one(tx, found), ticket_id)
        accounts.read_to(tx, bridge.desk, changed.cursor)
        accounts.stands(tx, bridge.desk, State.CONNECTED)
    every = timedelta(seconds=bridge.settings.reconcile_seconds)
    return Rest(bridge.clock() if changed.more else bridge.clock() + every)
