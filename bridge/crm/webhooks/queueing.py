"""The lane that looks at the change feed for all endpoints, and queues what each wants.

What is queued is only which record, never its words, and in the transaction that says how far the
endpoint was told: nothing is left out, whenever a worker dies.
"""

from __future__ import annotations

from datetime import timedelta

from bridge.crm.webhooks import events
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Pause, Rest
from bridge.ledger import changes, endpoints, lanes, sendings
from bridge.ledger.changes import Filter
from bridge.ledger.endpoints import Stands
from bridge.ledger.lanes import Lease

EVERY = timedelta(seconds=2)
AT_A_TIME = 200
MOST_WAITING = 1_000
"""What an endpoint does not take piles up in the feed, where each record stands once."""


def feed(bridge: Bridge, lease: Lease) -> Pause:
    """Without an endpoint that is on, it rests until somebody adds one, or resumes it."""
    with bridge.ledger.reading() as tx:
        on = [each.id for each in endpoints.everyone(tx) if each.state is Stands.ON]
    if not on:
        return Rest()
    changes.catch_up(bridge.ledger)
    more = [_queue(bridge, lease, number) for number in on]
    return Rest(bridge.clock() if any(more) else bridge.clock() + EVERY)


def _queue(bridge: Bridge, lease: Lease, number: int) -> bool:
    """Whether there is more that may be queued at once."""
    with bridge.ledger.reading() as tx:
        endpoint = endpoints.one(tx, number)
        if endpoint is None or endpoint.seq >= changes.stands(tx).last_seq:
            return False
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        # Its lane first, as everybody does who changes an endpoint.
        lanes.wake(tx, names.webhook(number))
        endpoint = endpoints.one(tx, number)
        if endpoint is None or endpoint.state is not Stands.ON:
            return False
        if sendings.count_waiting(tx, number) >= MOST_WAITING:
            return False
        refs, more = changes.page(tx, Filter(after=endpoint.seq), AT_A_TIME)
        if not refs:
            return False
        told = events.of_refs(tx, refs, bridge.helpdesk.said_in)
        wanted = [(ref, event) for ref, event in told if endpoint.wants(event)]
        sendings.queue(tx, number, wanted)
        endpoints.told_to(tx, number, refs[-1].seq)
    return more
