"""Reading networks that do not call us, and looking again at what may have been edited."""

from __future__ import annotations

from datetime import timedelta

from bridge.channels.contract import Raw, Reads, Rereads
from bridge.errors import Again, NeedsSignIn, PersonMustAct, RateLimited
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Hold, Pause, Rest, intake
from bridge.flow.standing import connected, stands
from bridge.ledger import Tx, accounts, deliveries, lanes, posts
from bridge.ledger.accounts import State
from bridge.ledger.lanes import Lease

REREAD_FOR = timedelta(days=3)
REREAD_MOST = 40
DEGRADED_AFTER = 3


def poll(bridge: Bridge, lease: Lease) -> Pause:
    """Read what is new, keep it, move the cursor: in one transaction, so that nothing between a
    read and its cursor can be lost."""
    account = lease.account
    channel = bridge.channel(account)
    assert isinstance(channel, Reads)
    with bridge.ledger.reading() as tx:
        cursor = accounts.standing(tx, account).cursor
    try:
        batch = channel.read(cursor)
    except NeedsSignIn as dead:
        stands(bridge, lease, account, State.NEEDS_SIGN_IN, dead.because)
        return Hold(bridge.clock() + bridge.patience.sign_in, dead.because)
    except RateLimited as limited:
        stands(bridge, lease, account, State.RATE_LIMITED, limited.because)
        raise
    except Again as failed:
        if lease.failures >= DEGRADED_AFTER:
            stands(bridge, lease, account, State.DEGRADED, failed.because)
        raise
    except PersonMustAct as refusal:
        stands(bridge, lease, account, State.DEGRADED, refusal.because)
        raise
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        _keep(tx, account, batch.items, "poll")
        accounts.read_to(tx, account, batch.cursor)
        connected(tx, account)
    return Rest(bridge.clock() if batch.more else bridge.clock() + channel.every)


def reread(bridge: Bridge, lease: Lease) -> Pause:
    """Look again at the newest posts: edits and deletions arrive no other way."""
    account = lease.account
    channel = bridge.channel(account)
    assert isinstance(channel, Rereads)
    with bridge.ledger.reading() as tx:
        known = posts.to_reread(tx, account, bridge.clock() - REREAD_FOR, REREAD_MOST)
    if known:
        items = channel.reread(known)
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            _keep(tx, account, items, "reread")
    return Rest(bridge.clock() + channel.reread_every)


def _keep(tx: Tx, account: str, items: tuple[Raw, ...], via: str) -> None:
    new = [
        deliveries.receive(tx, source=account, key=item.key, via=via, body=item.body)
        for item in items
    ]
    if any(delivery_id is not None for delivery_id in new):
        lanes.wake(tx, intake(account), account=account)
