"""What a network tells later of a message of ours, told on the ticket where it changes anything."""

from __future__ import annotations

from bridge.flow import outcomes
from bridge.flow.bridge import Bridge
from bridge.flow.reached import is_lost, reached
from bridge.flow.retrying import try_again
from bridge.ledger import conversations, intents, lanes, replies, reports
from bridge.ledger.intents import Intent
from bridge.ledger.lanes import Lease
from bridge.ledger.reports import Told
from bridge.ledger.steps import Step
from bridge.model import Arrival, Outcome, Reached, Receipt


def tell_report(bridge: Bridge, lease: Lease, step: Step) -> None:
    """A message that nobody could say anything of exists after all; or one that the network had
    taken did not arrive."""
    with bridge.ledger.reading() as tx:
        told = reports.one(tx, int(step.about))
        intent = intents.find(tx, told.mark) if told.mark else None
        intent = intent or intents.with_receipt(tx, told.account, told.remote_id)
    if intent is None:
        return
    if intent.receipt is None and intent.in_doubt:
        _settle(bridge, lease, intent, told)
    if told.state is Arrival.FAILED:
        _failed(bridge, lease, intent, told)


def _settle(bridge: Bridge, lease: Lease, intent: Intent, told: Told) -> None:
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        intents.settle(tx, intent, Receipt(told.remote_id), because="the network told of it")
        reply = replies.one(tx, intent.reply_id) if intent.reply_id is not None else None
        if reply is None or reply.outcome != Outcome.UNKNOWN or told.state is Arrival.FAILED:
            return
        if not is_lost(intents.of_reply(tx, reply.id)):
            # What follows a delivery has not been done, and other parts may be missing.
            conversation = conversations.one(tx, reply.conversation_id)
            try_again(tx, conversation, reply.id, "the network told that it has it after all")


def _failed(bridge: Bridge, lease: Lease, intent: Intent, told: Told) -> None:
    with bridge.ledger.reading() as tx:
        conversation = conversations.one(tx, intent.conversation_id)
        reply = replies.one(tx, intent.reply_id) if intent.reply_id is not None else None
        so_much = reached(tx, reply.id) if reply is not None else Reached.NOTHING
    code = told.code or "failed_later"
    if reply is not None and reply.outcome != Outcome.WITHDRAWN:
        outcomes.record(bridge, lease, reply, Outcome.REFUSED, code, told.because)
    outcomes.tell(
        bridge,
        lease,
        conversation,
        f"report:{told.id}",
        code,
        told.because,
        failed=True,
        delivery=Outcome.REFUSED,
        so_much=so_much,
    )
