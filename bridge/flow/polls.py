"""Reading networks that do not call us, and looking again at what may have been edited."""

from __future__ import annotations

from datetime import timedelta

from bridge.channels.contract import Raw, Reads, Rereads
from bridge.errors import Again, NeedsSignIn, PersonMustAct, RateLimited
from bridge.flow.bridge import Bridge
from bridge.flow.lanes import Hold, Pause, Rest, intake
from bridge.flow.standing import connected, is_paused, stands, told_gap
from bridge.ledger import Tx, accounts, deliveries, lanes, posts
from bridge.ledger.accounts import State
from bridge.ledger.lanes import Lease

REREAD_FOR = timedelta(days=3)
REREAD_MOST = 40
DEGRADED_AFTER = 3
UNREAD_AT_LEAST = timedelta(minutes=5)
"""An account that was not read for longer than this, and than three polls, has a gap to tell of."""


def poll(bridge: Bridge, lease: Lease) -> Pause:
    """Read what is new, keep it, move the cursor: in one transaction, so that nothing between a
    read and its cursor can be lost.

    The first read only finds its place. A paused account is read when it is resumed.
    """
    account = lease.account
    if is_paused(bridge, account):
        return Rest()
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
        new = keep(tx, account, batch.items, "poll")
        usual = max(UNREAD_AT_LEAST, 3 * channel.every)
        gap = accounts.read_to(tx, account, batch.cursor, items=new, more=batch.more, usual=usual)
        told_gap(tx, account, gap, "posts")
        connected(tx, account)
    return Rest(bridge.clock() if batch.more else bridge.clock() + channel.every)


def reread(bridge: Bridge, lease: Lease) -> Pause:
    """Look again at the newest posts: edits and deletions arrive no other way."""
    account = lease.account
    if is_paused(bridge, account):
        return Rest()
    channel = bridge.channel(account)
    assert isinstance(channel, Rereads)
    since, first = bridge.clock() - REREAD_FOR, channel.reread_public_first
    with bridge.ledger.reading() as tx:
        known = posts.to_reread(tx, account, since, REREAD_MOST, public_first=first)
    if known:
        items = channel.reread(known)
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            keep(tx, account, items, "reread")
    return Rest(bridge.clock() + channel.reread_every)


def keep(tx: Tx, account: str, items: tuple[Raw, ...], via: str) -> int:
    """Each item once, however often and whichever way it comes. How many were new."""
    new = [
        deliveries.receive(tx, source=account, key=item.key, via=via, body=item.body)
        for item in items
    ]
    count = sum(delivery_id is not None for delivery_id in new)
    if count:
        lanes.wake(tx, intake(account), account=account)
    return count
