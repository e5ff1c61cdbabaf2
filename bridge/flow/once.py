"""Changing the outside world once: record, check the lease, act, record what came of it.

An intent that may already have been carried out (the process died, the answer was lost) is looked
up on the far side first. Only when it is not there is it sent again, with the same key and the
same frozen body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bridge.departing import departing
from bridge.errors import Again, NobodyKnows, PersonMustAct, Refused
from bridge.flow.bridge import Bridge
from bridge.flow.standing import well
from bridge.ledger import Tx, intents, lanes
from bridge.ledger.accounts import About
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.model import Outcome, Receipt

log = structlog.get_logger()


Look = Callable[[Intent], Receipt | None]


@dataclass(frozen=True, slots=True)
class Body:
    """What will be sent, frozen, and the steps whose words are in it (none where it is clear)."""

    text: str
    covers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """One change to make on a far side.

    `compose` gives the frozen body: called once before anything is sent, and again only after a
    refusal. `ready` fetches what `act` needs, before the last look at the lease. `act` carries it
    out. `look` finds what an earlier try made: None means that it is certainly not there. `safe`
    means that the far side itself tells a repeated key from a new one, so no look is needed.
    `then` records what follows from the receipt, in the same transaction. `gives_up` is for what
    a person can look at: after a few lost answers they are asked, instead of sending it for ever.
    `opened` reads the ticket that came of it from its receipt.
    """

    key: str
    kind: str
    far_side: str
    conversation_id: int
    compose: Callable[[], Body]
    act: Callable[[Intent], Receipt]
    look: Look | None
    then: Callable[[Tx, Intent, Receipt], None]
    ready: Callable[[], None] | None = None
    ticket_id: str = ""
    reply_id: int | None = None
    safe: bool = False
    gives_up: bool = False
    opened: Callable[[Receipt], str] | None = None


def do_once(bridge: Bridge, lease: Lease, deed: Deed) -> Receipt:
    """Carry a deed out, or find that it was.

    Raises `Again` (the step stays at the head of its lane), `PersonMustAct` (the intent is closed
    as refused) or `NobodyKnows` (it was sent, it cannot be found, and sending it again might
    double it).
    """
    with bridge.ledger.reading() as tx:
        intent = intents.find(tx, deed.key)
    if intent is None and deed.ready is None:
        return _send(bridge, lease, deed, _recorded_leaving(bridge, lease, deed))
    if intent is None or intent.state == intents.REFUSED:
        intent = _recorded(bridge, lease, deed, refused=intent is not None)
    if intent.receipt is not None:
        return intent.receipt
    if intent.in_doubt:
        found = _found(bridge, intent, deed)
        if found is not None:
            return _settle(bridge, lease, deed, intent, found, "found on the far side")
    if deed.ready is not None:
        try:
            deed.ready()
        except PersonMustAct as refusal:
            _refused(bridge, lease, intent, refusal)
            raise
    return _send(bridge, lease, deed, _leaving(bridge, lease, intent))


def look_again(bridge: Bridge, intent: Intent, look: Look) -> Receipt | None:
    """What an intent that was sent has become, if it can be found.

    Raises `Again` while the far side may still be carrying it out: a look then could miss it.
    """
    assert intent.tried_at is not None
    settled_by = intent.tried_at + bridge.patience.unknown
    wait = (settled_by - bridge.clock()).total_seconds()
    if wait > 0:
        raise Again("waiting to see what became of a write whose answer was lost", wait)
    return look(intent)


@dataclass(frozen=True, slots=True)
class _Leaving:
    """An intent as it stood before this try of it, and until when it may leave."""

    intent: Intent
    by: datetime


def _recorded(bridge: Bridge, lease: Lease, deed: Deed, *, refused: bool) -> Intent:
    # Nothing came of what was refused, and what was wrong with it may have been mended since.
    body = deed.compose()
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        if refused:
            return intents.freeze_anew(tx, deed.key, body.text, body.covers)
        return _intend(tx, deed, body, leaving=False)


def _recorded_leaving(bridge: Bridge, lease: Lease, deed: Deed) -> _Leaving:
    """Recorded and about to be sent, in one transaction, where nothing is between the two."""
    body = deed.compose()
    with bridge.ledger.writing() as tx:
        by = _renewed(bridge, tx, lease)
        return _Leaving(_intend(tx, deed, body, leaving=True), by)


def _leaving(bridge: Bridge, lease: Lease, intent: Intent) -> _Leaving:
    with bridge.ledger.writing() as tx:
        by = _renewed(bridge, tx, lease)
        intents.trying(tx, intent.id)
        return _Leaving(intent, by)


def _renewed(bridge: Bridge, tx: Tx, lease: Lease) -> datetime:
    """The last look at the lease before the world is changed: a worker that froze stops here, and
    one that freezes later, where the bytes leave. Half of the lease is left for the request to
    arrive and be carried out, before anybody else may look for it."""
    lease_for = timedelta(seconds=bridge.settings.lease_seconds)
    lanes.renew(tx, lease, lease_for)
    return tx.now + lease_for / 2


def _intend(tx: Tx, deed: Deed, body: Body, *, leaving: bool) -> Intent:
    return intents.intend(
        tx,
        key=deed.key,
        kind=deed.kind,
        far_side=deed.far_side,
        conversation_id=deed.conversation_id,
        body=body.text,
        covers=body.covers,
        ticket_id=deed.ticket_id,
        reply_id=deed.reply_id,
        leaving=leaving,
    )


def _found(bridge: Bridge, intent: Intent, deed: Deed) -> Receipt | None:
    found = look_again(bridge, intent, deed.look or _cannot_look)
    if found is not None:
        return found
    if deed.look is None and not deed.safe:
        raise NobodyKnows("it was sent, no answer came, and it cannot be looked up")
    if deed.gives_up:
        with bridge.ledger.reading() as tx:
            lost = intents.times_unknown(tx, intent.id)
        if lost >= bridge.patience.unknown_tries:
            raise NobodyKnows(f"it was sent {lost} times, and no answer ever came")
    return None


def _cannot_look(_intent: Intent) -> Receipt | None:
    return None


def _send(bridge: Bridge, lease: Lease, deed: Deed, leaving: _Leaving) -> Receipt:
    intent = leaving.intent

    def still_ours() -> datetime:
        with bridge.ledger.writing() as tx:
            return _renewed(bridge, tx, lease)

    try:
        with departing(bridge.clock, leaving.by, still_ours):
            receipt = deed.act(intent)
    except Again:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            if not intent.in_doubt:  # of the try before this one, nothing was proven
                intents.unsent(tx, intent.id)
        raise
    except PersonMustAct as refusal:
        _refused(bridge, lease, intent, refusal)
        raise
    except NobodyKnows as lost:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            times = intents.times_unknown(tx, intent.id)
            intents.note(
                tx,
                Outcome.UNKNOWN,
                intent_id=intent.id,
                reply_id=intent.reply_id,
                because=lost.because,
            )
        wait = min(bridge.patience.unknown * 2 ** min(times, 12), bridge.patience.longest)
        raise Again(lost.because, wait.total_seconds()) from lost
    return _settle(bridge, lease, deed, intent, receipt, "")


def _refused(bridge: Bridge, lease: Lease, intent: Intent, refusal: PersonMustAct) -> None:
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        intents.refuse(tx, intent, refusal.outcome, refusal.code, refusal.because)


def _settle(
    bridge: Bridge, lease: Lease, deed: Deed, intent: Intent, receipt: Receipt, because: str
) -> Receipt:
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        refusal = _not_its_own(tx, intent, receipt) if not because else None
        if refusal is None:
            opened = deed.opened(receipt) if deed.opened else ""
            intents.settle(tx, intent, receipt, because=because, opened=opened)
            deed.then(tx, intent, receipt)
            if deed.far_side == bridge.desk:
                well(tx, bridge.desk, About.SENDING)
        else:
            intents.refuse(tx, intent, refusal.outcome, refusal.code, refusal.because)
    if refusal is not None:
        raise refusal
    log.info("done once", key=intent.key, far_side=intent.far_side, receipt=receipt.id)
    return receipt


def _not_its_own(tx: Tx, intent: Intent, receipt: Receipt) -> Refused | None:
    """Where the far side shows another message of ours as the one it has: where a second one is
    not allowed, the same words to the same person."""
    if not intents.is_anothers(tx, intent, receipt.id):
        return None
    return Refused("it takes no other message, and what it has is an earlier one of ours")
