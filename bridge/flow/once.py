"""Changing the outside world once: record, check the lease, act, record what came of it.

An intent that may already have been carried out (the process died, the answer was lost) is looked
up on the far side first. Only when it is not there is it sent again, with the same key and the
same frozen body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bridge.errors import Again, NobodyKnows, PersonMustAct
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, intents, lanes
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.model import Outcome, Receipt

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Deed:
    """One change to make on a far side.

    `compose` gives the frozen body (called once, before anything is sent). `act` carries it out.
    `look` finds what an earlier try made: None means that it is certainly not there. `safe` means
    that the far side itself tells a repeated key from a new one, so no look is needed.
    `then` records what follows from the receipt, in the same transaction.
    """

    key: str
    kind: str
    far_side: str
    conversation_id: int
    compose: Callable[[], str]
    act: Callable[[Intent], Receipt]
    look: Callable[[Intent], Receipt | None] | None
    then: Callable[[Tx, Intent, Receipt], None]
    ticket_id: str = ""
    reply_id: int | None = None
    safe: bool = False


def do_once(bridge: Bridge, lease: Lease, deed: Deed) -> Receipt:
    """Carry a deed out, or find that it was.

    Raises `Again` (the step stays at the head of its lane), `PersonMustAct` (the intent is closed
    as refused) or `NobodyKnows` (it was sent, it cannot be found, and sending it again might
    double it).
    """
    intent = _recorded(bridge, lease, deed)
    if intent.receipt is not None:
        return intent.receipt
    if intent.state == intents.OPEN and intent.tries:
        found = _look(bridge, intent, deed)
        if found is not None:
            return _settle(bridge, lease, deed, intent, found, "found on the far side")
    return _send(bridge, lease, deed, intent)


def _recorded(bridge: Bridge, lease: Lease, deed: Deed) -> Intent:
    with bridge.ledger.reading() as tx:
        intent = intents.find(tx, deed.key)
    if intent is not None:
        return intent
    body = deed.compose()
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        return intents.intend(
            tx,
            key=deed.key,
            kind=deed.kind,
            far_side=deed.far_side,
            conversation_id=deed.conversation_id,
            body=body,
            ticket_id=deed.ticket_id,
            reply_id=deed.reply_id,
        )


def _look(bridge: Bridge, intent: Intent, deed: Deed) -> Receipt | None:
    assert intent.tried_at is not None
    settled_by = intent.tried_at + bridge.patience.unknown
    wait = (settled_by - bridge.clock()).total_seconds()
    if wait > 0:
        # The far side may still be carrying it out: a look now could miss what is about to come.
        raise Again("waiting to see what became of a write whose answer was lost", wait)
    if deed.look is not None:
        return deed.look(intent)
    if deed.safe:
        return None
    raise NobodyKnows("it was sent, no answer came, and it cannot be looked up")


def _send(bridge: Bridge, lease: Lease, deed: Deed, intent: Intent) -> Receipt:
    with bridge.ledger.writing() as tx:
        # The last look at the lease before the world is changed: a worker that froze stops here.
        lanes.fence(tx, lease)
        intents.trying(tx, intent.id)
    try:
        receipt = deed.act(intent)
    except Again:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            intents.unsent(tx, intent.id)
        raise
    except PersonMustAct as refusal:
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            intents.refuse(tx, intent, refusal.outcome, refusal.code, refusal.because)
        raise
    except NobodyKnows as lost:
        if intent.tries + 1 >= bridge.patience.unknown_tries:
            raise
        with bridge.ledger.writing() as tx:
            lanes.fence(tx, lease)
            intents.note(
                tx,
                Outcome.UNKNOWN,
                intent_id=intent.id,
                reply_id=intent.reply_id,
                because=lost.because,
            )
        raise Again(lost.because, bridge.patience.unknown.total_seconds()) from lost
    return _settle(bridge, lease, deed, intent, receipt, "")


def _settle(
    bridge: Bridge, lease: Lease, deed: Deed, intent: Intent, receipt: Receipt, because: str
) -> Receipt:
    log.info("done once", key=intent.key, far_side=intent.far_side, receipt=receipt.id)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        intents.settle(tx, intent, receipt, because=because, ticket_id=deed.ticket_id)
        deed.then(tx, intent, receipt)
    return receipt
