"""Whether a network still calls us, asked of the network itself. Most stop without a word."""

from __future__ import annotations

from datetime import timedelta

from bridge.channels.contract import KeepsHook
from bridge.errors import Again, BridgeError, NeedsSignIn
from bridge.flow.bridge import Bridge
from bridge.flow.standing import trouble, well
from bridge.ledger import accounts, lanes
from bridge.ledger.accounts import About, State
from bridge.ledger.lanes import Lease

SOON = timedelta(minutes=2)
"""How soon it is looked at again while something is wrong: our own address may have been away."""


def look_at_hook(bridge: Bridge, lease: Lease, name: str) -> None:
    """Look, and let the channel revive what it can; what stays wrong is the account's trouble."""
    channel = bridge.channels.get(name)
    if not isinstance(channel, KeepsHook):
        return
    with bridge.ledger.reading() as tx:
        looked = accounts.standing(tx, name).hooked_at
        paused = accounts.trouble(tx, name, About.PAUSED)
        wrong_before = accounts.trouble(tx, name, About.HOOK)
    every = min(channel.hook_every, SOON) if wrong_before else channel.hook_every
    due = looked is None or bridge.clock() - looked >= every
    if paused is not None or not due:
        return
    state = State.WEBHOOK_DEAD
    try:
        wrong = channel.keep_hook()
    except Again:
        return
    except BridgeError as failed:
        wrong = failed.because
        if isinstance(failed, NeedsSignIn):
            state = State.NEEDS_SIGN_IN
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        accounts.hooked(tx, name, tx.now)
        if wrong:
            trouble(tx, name, state, wrong, About.HOOK)
        else:
            well(tx, name, About.HOOK)
