"""How an account, or the helpdesk, stands: put down by whoever just found out.

It is logged once when an account's state changes for the worse, and once when all is well again.
"""

from __future__ import annotations

import structlog

from bridge.errors import Again, NeedsSignIn
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, accounts, audit, lanes
from bridge.ledger.accounts import About, Gap, State
from bridge.ledger.lanes import Lease

log = structlog.get_logger()


def stands(
    bridge: Bridge,
    lease: Lease,
    account: str,
    state: State,
    because: str = "",
    *,
    about: About = About.READING,
) -> None:
    """Put it down if it is news; with an account that works again, what was held goes on."""
    with bridge.ledger.reading() as tx:
        before = accounts.trouble(tx, account, about)
    stood = (before.state, before.because) if before else (State.CONNECTED, "")
    if stood == (state, because):
        return
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        if state is State.CONNECTED:
            well(tx, account, about)
        else:
            trouble(tx, account, state, because, about)


def trouble(tx: Tx, account: str, state: State, because: str, about: About) -> None:
    if accounts.stands(tx, account, state, because, about=about):
        _log(tx, account)


def well(tx: Tx, account: str, about: About) -> None:
    """Nothing is wrong with this subject. What was held may go on, unless it was asked to wait:
    being asked to slow down in one place says nothing about how long another must wait."""
    before = accounts.trouble(tx, account, about)
    if before is None:
        return
    if accounts.stands(tx, account, State.CONNECTED, about=about):
        _log(tx, account)
    if before.state is not State.RATE_LIMITED:
        lanes.unhold(tx, account)


def connected(tx: Tx, account: str) -> None:
    """An account was read. A sign-in that works again for reading is given a chance to send."""
    before = accounts.trouble(tx, account, About.READING)
    well(tx, account, About.READING)
    if before is not None and before.state is State.NEEDS_SIGN_IN:
        well(tx, account, About.SENDING)


def is_paused(bridge: Bridge, account: str) -> bool:
    """Whether an admin holds the account: it is not read, and nothing is sent."""
    with bridge.ledger.reading() as tx:
        return accounts.trouble(tx, account, About.PAUSED) is not None


def paused(tx: Tx, account: str, because: str) -> None:
    """An admin holds the account."""
    trouble(tx, account, State.DISABLED, because, About.PAUSED)
    audit.add(tx, f"{account} paused", because)


def resumed(tx: Tx, account: str) -> None:
    """It goes on: it is read again, and what was held is sent, in order."""
    well(tx, account, About.PAUSED)
    audit.add(tx, f"{account} resumed")
    for lane in (names.poll(account), names.reread(account), names.watch(account)):
        if lanes.is_there(tx, lane):
            lanes.wake(tx, lane)


def told_gap(tx: Tx, account: str, gap: Gap | None, what: str) -> None:
    """A time in which nobody read the account is over, and this is what it brought."""
    if gap is None or gap.until is None:
        return
    says = f"{account}: {span(gap)}, {gap.items} {what}"
    audit.add(tx, "recovered", says)
    log.info("recovered", account=account, because=says)


def span(gap: Gap) -> str:
    """In UTC: "14:02 to 14:31", with the day where it is not one and the same."""
    assert gap.until is not None
    same_day = gap.since.date() == gap.until.date()
    form = "%H:%M" if same_day else "%Y-%m-%d %H:%M"
    return f"{gap.since:{form}} to {gap.until:{form}}"


def helpdesk_signed_out(
    bridge: Bridge, lease: Lease, dead: NeedsSignIn, about: About = About.SENDING
) -> Again:
    """The helpdesk is at fault, not this message: whatever needs it waits. Its tickets and its
    export are two subjects, because a user may be allowed the one and not the other."""
    stands(bridge, lease, bridge.desk, State.NEEDS_SIGN_IN, dead.because, about=about)
    return Again(dead.because, bridge.patience.sign_in.total_seconds())


def _log(tx: Tx, account: str) -> None:
    now_is = accounts.standing(tx, account)
    if now_is.state is State.CONNECTED:
        log.info("account works again", account=account)
    else:
        log.warning(
            "account in trouble", account=account, state=now_is.state, because=now_is.because
        )
