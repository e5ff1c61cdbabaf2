"""A conversation's lane: one step at a time, in the order they were asked for."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bridge.errors import Again, Misconfigured, NeedsSignIn, NobodyKnows, PersonMustAct
from bridge.flow import lanes as names
from bridge.flow.answers import look
from bridge.flow.bridge import Bridge
from bridge.flow.delivery import deliver
from bridge.flow.handover import notice, reset_choice
from bridge.flow.lanes import Pause, Rest
from bridge.flow.ops import tell_ops
from bridge.flow.outcomes import tell_later
from bridge.flow.reports import tell_report
from bridge.flow.retrying import tell_waiting
from bridge.flow.standing import helpdesk_signed_out
from bridge.flow.telling import tell_edit, tell_ours, tell_post, tell_remark, tell_removal
from bridge.ledger import audit, lanes, posts, steps
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step

log = structlog.get_logger()

STEPS: dict[str, Callable[[Bridge, Lease, Step], None]] = {
    "post": tell_post,
    "edit": tell_edit,
    "removal": tell_removal,
    "remark": tell_remark,
    "report": tell_report,
    "ours": tell_ours,
    "look": look,
    "reply": deliver,
    "notice": notice,
    "note": tell_later,
    "retry": tell_waiting,
    "reset": reset_choice,
    "ops": tell_ops,
}

WAIT_FOR_NETWORKS = ("reply", "notice")
"""Steps that wait for a network. What stands on the ticket is known whole while they do."""


def converse(bridge: Bridge, lease: Lease) -> Pause:
    """Do what waits in the lane. `Again` leaves the step at its head."""
    while True:
        with bridge.ledger.reading() as tx:
            step = next(iter(steps.waiting(tx, lease.lane, most=1)), None)
            if step is None:
                return Rest()
            delivery = posts.delivery_of(tx, step.kind, step.about)
        with structlog.contextvars.bound_contextvars(
            step=step.kind, about=step.about, delivery=delivery
        ):
            do_step(bridge, lease, step)


def do_step(bridge: Bridge, lease: Lease, step: Step) -> None:
    """One step, and what becomes of it. Raises `Again` where it must be tried later."""
    state, because = steps.DONE, ""
    try:
        STEPS[step.kind](bridge, lease, step)
    except Again as later:
        _tried(bridge, lease, step, later.because)
        raise
    except NobodyKnows as lost:
        # What a step itself does not take for an end is looked up again.
        _tried(bridge, lease, step, lost.because)
        raise Again(lost.because) from lost
    except NeedsSignIn as dead:
        _tried(bridge, lease, step, dead.because)
        raise helpdesk_signed_out(bridge, lease, dead) from dead
    except Misconfigured as wrong:
        # The settings are at fault, not this message: it waits until they are mended.
        _tried(bridge, lease, step, wrong.because)
        raise Again(wrong.because, bridge.patience.sign_in.total_seconds()) from wrong
    except PersonMustAct as refusal:
        # It would fail the same way for ever; the conversation goes on, a person is shown this.
        state, because = steps.SET_ASIDE, refusal.because
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        steps.settle(tx, step.id, state, because)
        log.info("step settled", state=state, because=because)
        if state == steps.SET_ASIDE:
            conversation_id = int(lease.lane.partition(":")[2])
            audit.add(tx, f"{step.kind} set aside", because, conversation_id=conversation_id)


def _tried(bridge: Bridge, lease: Lease, step: Step, because: str) -> None:
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        steps.tried(tx, step.id, because)
        if step.kind in WAIT_FOR_NETWORKS and steps.waits(tx, lease.lane, "look"):
            lanes.wake(tx, names.glance(lease.lane), account=lease.account)
