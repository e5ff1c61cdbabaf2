"""The end of a step: it is settled, and what its lane has to do next is looked up, in one
transaction. With nothing more to do, the lane is given back in that transaction, too."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bridge.ledger import Tx, audit, lanes, steps
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Turn:
    """A step whose turn it is, and the delivery that it goes back to."""

    step: Step
    delivery: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A step is settled. `following` None: nothing came after it, and the lane is given back."""

    following: Turn | None


def next_in(tx: Tx, lane: str) -> Turn | None:
    """What a lane has to do next."""
    head = steps.head(tx, lane)
    return Turn(*head) if head else None


def settle(tx: Tx, lease: Lease, step: Step, state: str = steps.DONE, because: str = "") -> None:
    """What became of a step. `lanes.fence` is the caller's."""
    steps.settle(tx, step.id, state, because)
    log.info("step settled", state=state, because=because)
    if state == steps.SET_ASIDE:
        conversation_id = int(lease.lane.partition(":")[2])
        audit.add(tx, f"{step.kind} set aside", because, conversation_id=conversation_id)


def end(tx: Tx, lease: Lease, step: Step, state: str = steps.DONE, because: str = "") -> Ended:
    """The same, and the lane goes on or is given back. To be called after `lanes.fence` of the
    same transaction, and last: whoever adds a step from there on waits for it, and wakes the lane.
    """
    settle(tx, lease, step, state, because)
    following = next_in(tx, lease.lane)
    if following is None:
        lanes.finish(tx, lease)
    return Ended(following)
