"""A reply on its way to the network: what became of it, and what the ticket is told."""

from __future__ import annotations

from typing import NoReturn

from bridge.errors import Again, BridgeError, Expired, NeedsSignIn, NobodyKnows, PersonMustAct
from bridge.flow import guarding, outcomes
from bridge.flow.bridge import Bridge
from bridge.flow.reached import reached
from bridge.flow.sending import send
from bridge.flow.standing import is_paused, stands
from bridge.flow.taking_back import is_taken_back
from bridge.ledger import intents, posts, replies
from bridge.ledger.accounts import About, State
from bridge.ledger.conversations import Conversation
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.ledger.steps import Step
from bridge.model import Outcome, Visibility


def deliver(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Send one reply, all its parts, and say on the ticket when something is wrong."""
    reply_id, attempt = (int(part) for part in step.about.split(":"))
    with bridge.ledger.reading() as tx:
        reply = replies.one(tx, reply_id)
    assert reply is not None
    if reply.attempt != attempt:
        return
    conversation = outcomes.conversation_of(bridge, reply)
    if reply.outcome == Outcome.DELIVERED:
        _delivered(bridge, lease, reply, conversation)
        return
    if reply.outcome in (Outcome.REFUSED, Outcome.EXPIRED, Outcome.UNKNOWN):
        _tell_failure(bridge, lease, reply, conversation)  # the process died before it was told
        return
    if reply.outcome == Outcome.WITHDRAWN:
        return  # while this waited in the lane
    if reply.outcome == Outcome.HELD:
        guarding.tell(bridge, lease, reply, conversation)  # the process died before it was told
        return
    if guarding.stop(bridge, lease, reply, conversation):
        return
    if is_paused(bridge, conversation.account):
        _hold(bridge, lease, reply, conversation)
    if is_taken_back(bridge, lease, reply, step):
        return
    try:
        send(bridge, lease, reply, conversation)
    except NeedsSignIn as dead:
        account, because = conversation.account, dead.because
        stands(bridge, lease, account, State.NEEDS_SIGN_IN, because, about=About.SENDING)
        if _too_late(bridge, step):
            _failed(bridge, lease, reply, conversation, _given_up(bridge, reply, dead))
            return
        if reply.outcome != Outcome.NEEDS_SIGN_IN:
            outcomes.record(bridge, lease, reply, Outcome.NEEDS_SIGN_IN, dead.code, dead.because)
        _tell(bridge, lease, reply, conversation, dead.code, "", Outcome.NEEDS_SIGN_IN)
        raise Again(dead.because, bridge.patience.sign_in.total_seconds()) from dead
    except (PersonMustAct, NobodyKnows) as failure:
        _failed(bridge, lease, reply, conversation, failure)
    except Again as later:
        if _too_late(bridge, step):
            _failed(bridge, lease, reply, conversation, _given_up(bridge, reply, later))
            return
        if bridge.clock() - step.made_at > bridge.patience.speak_up:
            if reply.outcome == "":
                outcomes.record(
                    bridge, lease, reply, Outcome.WILL_RETRY, "will_retry", later.because
                )
            _tell(bridge, lease, reply, conversation, "will_retry", "", Outcome.WILL_RETRY)
        raise
    else:
        _delivered(bridge, lease, reply, conversation)


def _hold(bridge: Bridge, lease: Lease, reply: Taken, conversation: Conversation) -> NoReturn:
    """An admin has paused the account: the reply waits, for however long, and the ticket says so.
    Raises `Again`."""
    because = "the account is paused"
    if reply.outcome == "":
        outcomes.record(bridge, lease, reply, Outcome.WILL_RETRY, "paused", because)
    _tell(bridge, lease, reply, conversation, "paused", "", Outcome.WILL_RETRY)
    raise Again(because, bridge.patience.sign_in.total_seconds())


def _delivered(bridge: Bridge, lease: Lease, reply: Taken, conversation: Conversation) -> None:
    stands(bridge, lease, conversation.account, State.CONNECTED, about=About.SENDING)
    if reply.overruled:
        outcomes.tell(
            bridge,
            lease,
            conversation,
            f"reply:{reply.id}:private",
            "went_privately",
            "",
            failed=False,
        )
    with bridge.ledger.reading() as tx:
        troubled = intents.troubled(tx, reply.id)
    if troubled:
        outcomes.tell_delivered(bridge, lease, reply)


class GaveUp(Expired):
    """It could not be sent for so long that a person should know and decide."""

    code = "gave_up"


def _given_up(bridge: Bridge, reply: Taken, failure: BridgeError) -> BridgeError:
    """What is true of a reply that is not tried any longer: a part whose answer was lost may have
    arrived after all."""
    with bridge.ledger.reading() as tx:
        if intents.is_open(tx, reply.id):
            return NobodyKnows(failure.because)
    return failure if isinstance(failure, NeedsSignIn) else GaveUp(failure.because)


def _too_late(bridge: Bridge, step: Step) -> bool:
    return bridge.clock() - step.made_at > bridge.patience.give_up


def _failed(
    bridge: Bridge, lease: Lease, reply: Taken, conversation: Conversation, failure: BridgeError
) -> None:
    if isinstance(failure, PersonMustAct):
        code = failure.code
        if code == "refused" and _is_handover(bridge, reply):
            code = "dm_failed_no_notice"
        outcomes.record(bridge, lease, reply, failure.outcome, code, failure.because)
    else:
        outcomes.record(bridge, lease, reply, Outcome.UNKNOWN, "unknown", failure.because)
    _tell_failure(bridge, lease, reply, conversation)


def _is_handover(bridge: Bridge, reply: Taken) -> bool:
    if reply.draft is None or reply.answers is None:
        return False
    with bridge.ledger.reading() as tx:
        answered = posts.one(tx, reply.answers)
    return (reply.draft.visibility, answered.visibility) == (
        Visibility.PRIVATE,
        Visibility.PUBLIC,
    )


def _tell_failure(bridge: Bridge, lease: Lease, reply: Taken, conversation: Conversation) -> None:
    with bridge.ledger.reading() as tx:
        known = intents.last_outcome(tx, reply.id)
    assert known is not None
    _tell(bridge, lease, reply, conversation, known.code, known.because, known.outcome)


def _tell(
    bridge: Bridge,
    lease: Lease,
    reply: Taken,
    conversation: Conversation,
    code: str,
    detail: str,
    outcome: Outcome,
) -> None:
    with bridge.ledger.reading() as tx:
        so_much = reached(tx, reply.id)
    outcomes.tell(
        bridge,
        lease,
        conversation,
        f"reply:{reply.id}:{reply.attempt}:{code}",
        code,
        detail,
        failed=True,
        delivery=outcome,
        so_much=so_much,
    )
