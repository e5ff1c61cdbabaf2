"""How an account, or the helpdesk, stands: put down by whoever just found out."""

from __future__ import annotations

from bridge.errors import Again, NeedsSignIn
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, accounts, lanes
from bridge.ledger.accounts import State
from bridge.ledger.lanes import Lease


def stands(bridge: Bridge, lease: Lease, account: str, state: State, because: str = "") -> None:
    """Put it down if it is news; with an account that works again, what was held goes on."""
    with bridge.ledger.reading() as tx:
        if accounts.standing(tx, account).state is state:
            return
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        if state is State.CONNECTED:
            connected(tx, account)
        else:
            accounts.stands(tx, account, state, because)


def connected(tx: Tx, account: str) -> None:
    """An account works. What was held may go on, unless it was asked to wait: being asked to
    slow down in one place says nothing about how long another must wait."""
    before = accounts.standing(tx, account).state
    if accounts.stands(tx, account, State.CONNECTED) and before is not State.RATE_LIMITED:
        lanes.unhold(tx, account)


def helpdesk_signed_out(bridge: Bridge, lease: Lease, dead: NeedsSignIn) -> Again:
    """The helpdesk is at fault, not this message: whatever needs it waits."""
    stands(bridge, lease, bridge.desk, State.NEEDS_SIGN_IN, dead.because)
    return Again(dead.because, bridge.patience.sign_in.total_seconds())
