"""What an agent asks for in an internal note: each word, and who carries it out.

The note itself is the proof of who asked: the helpdesk says who wrote it.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.flow import answering_many, holding, joining, moderating, retrying, unfolding
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx
from bridge.ledger.conversations import Conversation
from bridge.model import AgentComment
from bridge.text.commands import ACTS, Command, Order

Act = Callable[[Bridge, Tx, Conversation, AgentComment, Order], None]
"""Records what follows, in the transaction that takes the note up, and calls nobody."""

ORDERS: dict[Command, Act] = {
    Command.RETRY: retrying.asked,
    Command.ANYWAY: holding.anyway,
    Command.DM: holding.privately,
    Command.APPROVE: holding.approve,
    Command.WITHDRAW: holding.withdraw,
    Command.SAME: joining.asked,
    Command.NOTSAME: joining.asked,
    Command.ANSWER_ALL: answering_many.answer_all,
    Command.STOP: answering_many.stop,
    Command.TAKE_OUT: unfolding.asked,
    **dict.fromkeys(ACTS, moderating.asked),
}

TO_MANY: dict[Command, Act] = {
    Command.ANSWER_ALL: answering_many.answer_all,
    Command.APPROVE: answering_many.nothing_here,
    Command.ANYWAY: answering_many.nothing_here,
    Command.DM: answering_many.nothing_here,
    Command.RETRY: answering_many.nothing_here,
    Command.WITHDRAW: answering_many.withdraw,
    Command.STOP: answering_many.stop,
    Command.TAKE_OUT: unfolding.asked,
    **dict.fromkeys(ACTS, moderating.asked),
}
"""On an incident's own ticket, whose answers go to many."""
