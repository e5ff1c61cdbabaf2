"""How much of a reply has arrived on its network: it may be several messages, each tried anew."""

from __future__ import annotations

from bridge.ledger import Tx, intents, reports
from bridge.ledger.intents import Intent
from bridge.model import Reached


def reached(tx: Tx, reply_id: int) -> Reached:
    """Of a reply that was not delivered as a whole."""
    tries = intents.of_reply(tx, reply_id)
    if is_lost(tries):
        return Reached.UNKNOWN
    return Reached.PART if any(_stands(tx, each) for each in tries) else Reached.NOTHING


def is_lost(tries: tuple[Intent, ...]) -> bool:
    """Whether a part of a reply is left of which nothing is known. Another try of that is for a
    person to ask for, who has looked."""
    arrived = {_part(each) for each in tries if each.receipt is not None}
    return any(each.in_doubt and _part(each) not in arrived for each in tries)


def _stands(tx: Tx, sent: Intent) -> bool:
    """Whether the network has taken it, and has not said since that it did not arrive."""
    receipt = sent.receipt
    return receipt is not None and reports.failure(tx, sent.far_side, receipt.id) is None


def _part(intent: Intent) -> str:
    """Its key without the number of the try."""
    return intent.key.rpartition(":")[0]
