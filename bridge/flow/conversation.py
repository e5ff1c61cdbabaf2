"""A conversation's lane: one step at a time, in the order they were asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import structlog

from bridge.errors import Again, Misconfigured, NeedsSignIn, NobodyKnows, PersonMustAct
from bridge.flow import lanes as names
from bridge.flow import turns
from bridge.flow.acting import carry_out
from bridge.flow.answers import look
from bridge.flow.bridge import Bridge
from bridge.flow.delivery import deliver
from bridge.flow.handover import notice, reset_choice
from bridge.flow.joining import carry_out as join
from bridge.flow.lanes import Pause, Rest, Rested
from bridge.flow.merging import follow, follow_all
from bridge.flow.ops import tell_ops
from bridge.flow.outcomes import tell_later
from bridge.flow.promises import nudge, tell_reply_by
from bridge.flow.reception import greet
from bridge.flow.reports import tell_report
from bridge.flow.retrying import tell_waiting
from bridge.flow.satisfaction import ask, tell_rating, thank
from bridge.flow.standing import helpdesk_signed_out
from bridge.flow.storm_telling import tell_storm
from bridge.flow.telling import tell_edit, tell_ours, tell_post, tell_remark, tell_removal
from bridge.flow.telling_many import tell as tell_many
from bridge.flow.tickets import FOLLOW
from bridge.flow.turns import Ended, Turn
from bridge.ledger import asides, lanes, steps
from bridge.ledger.beside import MERGED
from bridge.ledger.conversations import NoConversation
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step

STEPS: dict[str, Callable[[Bridge, Lease, Step], Ended | None]] = {
    "post": tell_post,
    "edit": tell_edit,
    "removal": tell_removal,
    "remark": tell_remark,
    "report": tell_report,
    "ours": tell_ours,
    "look": look,
    MERGED: follow_all,
    FOLLOW: follow,
    "reply": deliver,
    "notice": notice,
    "act": carry_out,
    "join": join,
    "note": tell_later,
    "many": tell_many,
    "retry": tell_waiting,
    "reset": reset_choice,
    "ops": tell_ops,
    "greet": greet,
    "reply_by": tell_reply_by,
    "nudge": nudge,
    "csat": ask,
    "rating": tell_rating,
    "thanks": thank,
    "storm": tell_storm,
}
"""`Ended` where the step was settled with its receipt, in one transaction."""

WAIT_FOR_NETWORKS = ("reply", "notice", "act", "greet", "csat", "thanks")
"""Steps that wait for a network. What stands on the ticket is known whole while they do."""


def converse(bridge: Bridge, lease: Lease) -> Pause:
    """Do what waits in the lane. `Again` leaves the step at its head."""
    with bridge.ledger.reading() as tx:
        turn = turns.next_in(tx, lease.lane)
    if turn is None:
        return Rest()
    while turn is not None:
        with _named(turn.step, delivery=turn.delivery):
            turn = _end(bridge, lease, turn.step, _carried_out(bridge, lease, turn.step))
        if turn is not None and bridge.room().is_short:
            return Rest(bridge.clock())  # others wait too
    return Rested()


def do_step(bridge: Bridge, lease: Lease, step: Step) -> None:
    """One step alone, and what becomes of it, in a lane that somebody else gives back. Raises
    `Again` where it must be tried later."""
    came_to = _carried_out(bridge, lease, step)
    if isinstance(came_to, Ended):
        return
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        turns.settle(tx, lease, step, came_to.state, came_to.because)


@dataclass(frozen=True, slots=True)
class _CameTo:
    """What a step has come to, where it is still to be put down."""

    state: str
    because: str = ""


def _carried_out(bridge: Bridge, lease: Lease, step: Step) -> _CameTo | Ended:
    try:
        ended = STEPS[step.kind](bridge, lease, step)
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
    except NoConversation:
        return _forgotten(bridge, lease)
    except PersonMustAct as refusal:
        # It would fail the same way for ever; the conversation goes on, a person is shown this.
        return _CameTo(steps.SET_ASIDE, refusal.because)
    return ended or _CameTo(steps.DONE)


def _forgotten(bridge: Bridge, lease: Lease) -> Ended:
    """Somebody found the conversation, waited for its lane while its person was erased, and put a
    step into it then. Nothing of it is left to be done, nor to be kept. Raises `NoConversation`
    where it is another one that is missing."""
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        if asides.conversation_still(tx, lease.lane) is not None:
            raise NoConversation(
                f"a step in {lease.lane} is about a conversation that is not there"
            )
        steps.forget(tx, lease.lane)
        lanes.finish(tx, lease)
    return Ended(None)


def _end(bridge: Bridge, lease: Lease, step: Step, came_to: _CameTo | Ended) -> Turn | None:
    """What the lane has to do next."""
    if isinstance(came_to, Ended):
        return came_to.following
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        return turns.end(tx, lease, step, came_to.state, came_to.because).following


def _named(step: Step, delivery: int | None) -> AbstractContextManager[None]:
    return structlog.contextvars.bound_contextvars(
        step=step.kind, about=step.about, delivery=delivery
    )


def _tried(bridge: Bridge, lease: Lease, step: Step, because: str) -> None:
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        steps.tried(tx, step.id, because)
        if step.kind in WAIT_FOR_NETWORKS and steps.waits(tx, lease.lane, "look"):
            lanes.wake(tx, names.glance(lease.lane), account=lease.account)
