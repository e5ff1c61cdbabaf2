"""Which rank what arrives has, and what is hastened because its time runs out while it waits."""

from __future__ import annotations

from datetime import timedelta

from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, deadlines
from bridge.ledger.lanes import Lease, fence
from bridge.ledger.ranks import Rank, hasten_due, hasten_waiting
from bridge.model import MINUTE, Post, Visibility

NEAR = 15 * MINUTE
"""So long before an answer is due its conversation is among the first."""


def rank_of(bridge: Bridge, tx: Tx, post: Post, conversation_id: int) -> Rank:
    """The rank of a post that its ticket is to be told of."""
    if post.visibility is Visibility.PRIVATE:
        return Rank.SOON
    target = _target(bridge, post.account)
    if target is None:
        return Rank.ORDINARY
    standing = deadlines.of(tx, conversation_id)
    due = standing.reply_by if standing is not None else post.created_at + target
    return Rank.SOON if due - NEAR <= tx.now else Rank.ORDINARY


def hasten(bridge: Bridge, lease: Lease) -> None:
    """Let what waits in its lane, and is due before long, go first."""
    with bridge.ledger.writing() as tx:
        fence(tx, lease)
        hasten_due(tx, tx.now + NEAR)
        for account in bridge.mapping.accounts:
            target = _target(bridge, account)
            if target is not None:
                # Of what no ticket was told yet nothing is counted; opening hours only make it
                # later, and sooner than needed does no harm.
                hasten_waiting(tx, account, tx.now - max(target - NEAR, timedelta()))


def _target(bridge: Bridge, account: str) -> timedelta | None:
    targets = bridge.mapping.service(account).targets
    return targets.of(Visibility.PUBLIC) if targets else None
