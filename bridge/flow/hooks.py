"""Whether a network still calls us, asked of the network itself. Most stop without a word."""

from __future__ import annotations

from bridge.channels.contract import KeepsHook
from bridge.errors import Again, BridgeError
from bridge.flow.bridge import Bridge
from bridge.flow.standing import trouble, well
from bridge.ledger import accounts, lanes
from bridge.ledger.accounts import About, State
from bridge.ledger.lanes import Lease


def look_at_hook(bridge: Bridge, lease: Lease, name: str) -> None:
    """Look, and let the channel revive what it can; what stays wrong is the account's trouble."""
    channel = bridge.channels.get(name)
    if not isinstance(channel, KeepsHook):
        return
    with bridge.ledger.reading() as tx:
        looked = accounts.standing(tx, name).hooked_at
        paused = accounts.trouble(tx, name, About.PAUSED)
    due = looked is None or bridge.clock() - looked >= channel.hook_every
    if paused is not None or not due:
        return
    try:
        wrong = channel.keep_hook()
    except Again:
        return
    except BridgeError as failed:
        wrong = failed.because
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        accounts.hooked(tx, name, tx.now)
        if wrong:
            trouble(tx, name, State.WEBHOOK_DEAD, wrong, About.HOOK)
        else:
            well(tx, name, About.HOOK)
