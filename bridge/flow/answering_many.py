"""An agent's public comment on an incident's ticket, and what becomes of it.

It is never sent by itself. A note says to whom it would go and how it looks there; only an
internal note that names this number of people sends it (`#answer-all r12 431`), so that nobody
confirms what they have not read. It goes out in public: private answers to many there are none.
"""

from __future__ import annotations

from bridge.flow import lanes as names
from bridge.flow import moderating
from bridge.flow.bridge import Bridge
from bridge.flow.telling_many import ENDED, HELD, STARTED, TAKEN_BACK, TAKEN_BACK_LATE, queue
from bridge.ledger import Tx, audit, beside, broadcast_sending, broadcasts, lanes, steps, storms
from bridge.ledger import replies as taken
from bridge.ledger.broadcasts import Broadcast
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.ranks import Rank
from bridge.model import OURSELVES, AgentComment
from bridge.text.commands import Command, Order, take_command


def is_incident(tx: Tx, conversation: Conversation) -> bool:
    """Whether a conversation is that of a storm."""
    return storms.of_conversation(tx, conversation.id) is not None


def is_of_many(bridge: Bridge, tx: Tx, ticket_id: str) -> bool:
    """Whether no customer stands on an incident's ticket besides (one was merged into it)."""
    here = beside.on_ticket(tx, bridge.desk, ticket_id)
    return all(each.requester[0] == OURSELVES for each in here)


def is_meant(tx: Tx, conversation: Conversation, order: Order) -> bool:
    """Whether an order names an answer to many of this incident."""
    if not order.number.startswith("r"):
        return False
    found = broadcasts.of_reply(tx, int(order.number[1:]))
    return found is not None and found.conversation_id == conversation.id


# ------------------------------------------------------------------ what agents write


def comment(bridge: Bridge, tx: Tx, conversation: Conversation, said: AgentComment) -> None:
    """A public comment: taken up once, and held. Nothing is sent, and nobody is called."""
    command, text = take_command(said.text)
    storm = storms.of_conversation(tx, conversation.id)
    assert storm is not None
    because = "it would go to many"
    reply_id = taken.take(
        tx, bridge.desk, said, conversation.id, draft=None, because=because, answers=None
    )
    if reply_id is None:
        return
    if command is Command.DM or said.reply_as == "private":
        _answer(tx, conversation, said, "many_not_private")
    elif command not in (Command.NONE, Command.PUBLIC):
        _answer(tx, conversation, said, "only_in_notes")
    elif said.attachments:
        _answer(tx, conversation, said, "many_no_files")
    else:
        number = broadcasts.make(tx, storm.id, conversation.id, reply_id, text.strip())
        audit.add(
            tx, f"{said.author_name} wrote an answer to many", because,
            conversation_id=conversation.id,
        )  # fmt: skip
        queue(bridge, tx, conversation.id, number, HELD)


def answer_all(
    bridge: Bridge, tx: Tx, conversation: Conversation, said: AgentComment, order: Order
) -> None:
    """`#answer-all r12 431`: it goes out, if that many people is what the note said."""
    found = _meant(tx, conversation, said, order, broadcasts.OPEN)
    if found is None:
        return
    if order.reason.rstrip(".").strip() != str(found.count):
        _answer(tx, conversation, said, "many_count", f"#answer-all {found.number} {found.count}")
        return
    wrote = taken.one(tx, found.reply_id)
    assert wrote is not None
    if found.needs_second and (not said.author_id or said.author_id == wrote.author_id):
        _answer(tx, conversation, said, "many_same_person", found.number)
        return
    if not broadcasts.confirm(tx, found.id, said):
        _answer(tx, conversation, said, "hold_decided", found.number)
        return
    what = f"{said.author_name} wrote #answer-all {found.number} {found.count}"
    audit.add(tx, what, "an answer to many", conversation_id=conversation.id)
    queue(bridge, tx, conversation.id, found.id, STARTED)
    _wake(tx, found)
    if broadcast_sending.end_if_done(tx, found.id):  # everybody was erased meanwhile
        queue(bridge, tx, conversation.id, found.id, ENDED)


def withdraw(
    bridge: Bridge, tx: Tx, conversation: Conversation, said: AgentComment, order: Order
) -> None:
    """`#withdraw r12`: it is not sent to anybody."""
    found = _meant(tx, conversation, said, order, broadcasts.NEW, broadcasts.OPEN)
    if found is None:
        return
    code = "withdrawn" if broadcasts.withdraw(tx, found.id) else "hold_decided"
    _answer(tx, conversation, said, code, found.number)


def stop(
    bridge: Bridge, tx: Tx, conversation: Conversation, said: AgentComment, order: Order
) -> None:
    """`#stop r12`: what has not been sent is not sent any more."""
    found = _meant(tx, conversation, said, order, broadcasts.SENDING)
    if found is None:
        return
    _wake(tx, found)  # before its row is locked, as whoever sends it locks them
    if broadcasts.stop(tx, found.id):
        what = f"{said.author_name} wrote #stop {found.number}"
        audit.add(tx, what, "an answer to many", conversation_id=conversation.id)
        queue(bridge, tx, conversation.id, found.id, ENDED)


def take_back(bridge: Bridge, tx: Tx, found: Broadcast, because: str) -> bool:
    """The comment does not stand on the ticket as it was taken up: as by `#withdraw`, or by `#stop`
    where it is under way. False where there is nothing left of it to be sent."""
    is_late = found.state == broadcasts.SENDING
    if is_late:
        _wake(tx, found)
    is_done = (broadcasts.stop if is_late else broadcasts.withdraw)(tx, found.id)
    if is_done:
        what = f"{found.number} was taken back, an answer to many"
        audit.add(tx, what, because, conversation_id=found.conversation_id)
        told = TAKEN_BACK_LATE if is_late else TAKEN_BACK
        queue(bridge, tx, found.conversation_id, found.id, told)
    return is_done


def nothing_here(
    bridge: Bridge, tx: Tx, conversation: Conversation, said: AgentComment, order: Order
) -> None:
    """A word that decides about one answer, where all go to many."""
    if order.command is Command.APPROVE and order.number.startswith("a"):
        moderating.approve(bridge, tx, conversation, said, order)
        return
    _answer(tx, conversation, said, "many_none", order.number)


def _meant(
    tx: Tx, conversation: Conversation, said: AgentComment, order: Order, *states: str
) -> Broadcast | None:
    """The answer that an order is about; None where there is none, and the ticket is told. Only
    `#answer-all` must name it."""
    found = None
    if order.number.startswith("r"):
        found = broadcasts.of_reply(tx, int(order.number[1:]))
    elif not order.number and order.command is not Command.ANSWER_ALL:
        found = broadcasts.newest(tx, conversation.id, *states)
    if found is None or found.conversation_id != conversation.id:
        _answer(tx, conversation, said, "many_none", order.number)
        return None
    if found.state not in states:
        _answer(tx, conversation, said, "hold_decided", found.number)
        return None
    return found


def _answer(
    tx: Tx, conversation: Conversation, said: AgentComment, code: str, detail: str = ""
) -> None:
    about = f"{code}:{said.id}:{detail}"
    steps.add(tx, lane_of(conversation.id), "note", about, account=conversation.account)


def _wake(tx: Tx, broadcast: Broadcast) -> None:
    """On each of its accounts, behind everything else."""
    for account in broadcast_sending.accounts_of(tx, broadcast.id):
        lanes.wake(tx, names.broadcast(account), account=account, rank=Rank.BULK)
