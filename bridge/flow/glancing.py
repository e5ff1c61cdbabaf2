"""What agents write is read though the head of their conversation's lane must wait.

A reply that a network does not take holds everything behind it, for as long as it takes. Reading
the ticket changes nothing of that order: what is found is queued behind what is there already. But
only while the head waits for a network: a write on the ticket whose answer was lost would be
missing from what we know of the ticket, and an answer to it would be taken for another one's.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from bridge.errors import Again, LeaseLost
from bridge.flow.bridge import Bridge
from bridge.flow.conversation import WAIT_FOR_NETWORKS, do_step
from bridge.flow.lanes import Pause, Rest
from bridge.flow.retrying import STEP as ASKED
from bridge.ledger import lanes, replies, steps
from bridge.ledger.conversations import lane_of
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step
from bridge.model import Outcome

SOON = timedelta(seconds=2)
MOST = 200


def glance(bridge: Bridge, lease: Lease) -> Pause:
    """Take the conversation's lane for a moment and give it back as it was, held as long."""
    lane = lane_of(int(lease.lane.partition(":")[2]))
    lease_for = timedelta(seconds=bridge.settings.lease_seconds)
    with bridge.ledger.writing() as tx:
        # By another name: the sign of life is for what this worker itself has in hand.
        theirs = lanes.take(tx, lane, f"{lease.holder} glancing", lease_for)
    if theirs is None:
        return Rest(bridge.clock() + SOON)
    goes_on = False
    try:
        goes_on = _read_ahead(bridge, theirs)
    except LeaseLost:
        return Rest(bridge.clock() + SOON)
    finally:
        with suppress(LeaseLost), bridge.ledger.writing() as tx:
            lanes.put_back(tx, theirs)
            if goes_on:
                lanes.release_now(tx, lane)
    return Rest()


def _read_ahead(bridge: Bridge, lease: Lease) -> bool:
    """Do the looks behind a held head, and answer what they found. True if the head is done."""
    with bridge.ledger.reading() as tx:
        if not lanes.is_held(tx, lease.lane):
            return False
    head, looks = _waiting(bridge, lease, "look")
    if head is None or head.kind not in WAIT_FOR_NETWORKS:
        return False
    for step in looks:
        do_step(bridge, lease, step)
    _, asked = _waiting(bridge, lease, ASKED)
    if asked and _signed_out(bridge, head):
        # They were told to write it once the account is connected again: perhaps it is.
        with suppress(Again):
            do_step(bridge, lease, head)
            return True
    for step in (*asked, *_waiting(bridge, lease, "note")[1]):
        do_step(bridge, lease, step)
    return False


def _waiting(bridge: Bridge, lease: Lease, kind: str) -> tuple[Step | None, list[Step]]:
    """The head of the lane, and the steps of one kind behind it."""
    with bridge.ledger.reading() as tx:
        waiting = steps.waiting(tx, lease.lane, most=MOST)
    if not waiting:
        return None, []
    return waiting[0], [step for step in waiting[1:] if step.kind == kind]


def _signed_out(bridge: Bridge, head: Step) -> bool:
    if head.kind != "reply":
        return False
    with bridge.ledger.reading() as tx:
        reply = replies.one(tx, int(head.about.partition(":")[0]))
    return reply is not None and reply.outcome == Outcome.NEEDS_SIGN_IN
