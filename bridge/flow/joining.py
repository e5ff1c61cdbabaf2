"""`#same` and `#notsame`: an agent says in a note that two people are one customer, or are not.

What the note means is found when it is taken up, by the ledger's numbers alone; it is carried out
as a step of its own, because merging takes a lock that must be taken last.
"""

from __future__ import annotations

from bridge.flow import outcomes
from bridge.flow.bridge import Bridge
from bridge.ledger import Tx, audit, conversations, customers, lanes, naming, people, steps
from bridge.ledger.conversations import Conversation, lane_of
from bridge.ledger.customers import CannotMerge, Proof
from bridge.ledger.lanes import Lease
from bridge.ledger.steps import Step
from bridge.model import AgentComment
from bridge.text import words
from bridge.text.commands import Command, Order

STEP = "join"
MOST_NAMED = 8


def asked(
    _bridge: Bridge, tx: Tx, conversation: Conversation, comment: AgentComment, order: Order
) -> None:
    """An agent names somebody who is, or is not, the one this ticket is from."""
    here = people.id_of(tx, *conversation.requester)
    meant = naming.meant(tx, order.reason.partition("\n")[0]) if order.reason else ()
    others = tuple(each for each in meant if each != here)
    if here is None or not meant:
        _note(tx, conversation, "same_nobody", comment)
    elif not others:
        _note(tx, conversation, "same_self", comment)
    elif len(others) > 1 and not _are_one(tx, others):
        numbers = ", ".join(f"identity_{each}" for each in others)
        _note(tx, conversation, "same_several", comment, numbers)
    else:
        about = f"{comment.id}:{order.command}:{here}:{others[0]}"
        by = comment.author_name.replace(":", " ") or "an agent"
        steps.add(tx, lane_of(conversation.id), STEP, f"{about}:{by}", account=conversation.account)


def carry_out(bridge: Bridge, lease: Lease, step: Step) -> None:
    """Merge them, or take it back, and say on the ticket what has become of it."""
    comment_id, command, here, other, by = step.about.split(":", 4)
    one, two = int(here), int(other)
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        conversation = conversations.one(tx, int(lease.lane.partition(":")[2]))
        proof = f"note {comment_id} on ticket {conversation.ticket_id}"
        if command == Command.SAME:
            code, detail = _merge(tx, one, two, by, proof)
        else:
            code, detail = _part(tx, one, two, by, proof)
        what = f"{by} wrote #{command} identity_{two}"
        audit.add(tx, what, code, conversation_id=conversation.id)
    account = bridge.mapping.accounts.get(conversation.account)
    text = words.note(
        code,
        network=account.network if account else conversation.account,
        detail=detail,
        language=bridge.mapping.agents_language,
        number=f"identity_{two}",
    )
    outcomes.tell(
        bridge,
        lease,
        conversation,
        f"same:{comment_id}",
        code,
        "",
        failed=False,
        reopen=code not in ("same_joined", "same_parted"),
        text=text,
    )


def _merge(tx: Tx, here: int, other: int, by: str, proof: str) -> tuple[str, str]:
    """(code of the sentence, what there is to add)."""
    standing = customers.between(tx, here, other)
    if standing is not None and standing.evidence != proof:
        return "same_already", _named(tx, here)
    try:
        customers.merge(tx, here, other, proof=Proof.AGENT, evidence=proof, by=by)
    except CannotMerge:
        return "same_nobody", ""  # erased meanwhile
    return "same_joined", _named(tx, here)


def _part(tx: Tx, here: int, other: int, by: str, proof: str) -> tuple[str, str]:
    before = [
        each for each in customers.edges(tx, (here,)) if other in (each.person_id, each.other_id)
    ]
    standing = customers.between(tx, here, other)
    if standing is not None:
        customers.undo(tx, standing.id, by=by, because=proof)
    elif not any(each.undone_because == proof for each in before):
        joined = customers.customer_of(tx, here) == customers.customer_of(tx, other)
        return ("same_through", _named(tx, here)) if joined else ("same_none", "")
    if customers.customer_of(tx, here) == customers.customer_of(tx, other):
        return "same_through", _named(tx, here)
    return "same_parted", ""


def _are_one(tx: Tx, ids: tuple[int, ...]) -> bool:
    return len({customers.customer_of(tx, each) for each in ids}) == 1


def _named(tx: Tx, person_id: int) -> str:
    """Everybody who is one customer with somebody: handles, which an erasure finds everywhere, and
    numbers, but no names."""
    ids = customers.members(tx, customers.customer_of(tx, person_id))
    told = []
    for each in ids[:MOST_NAMED]:
        found = people.one(tx, each)
        network = words.network_name(found.network) if found else ""
        handle = f" @{found.handle}" if found and found.handle else ""
        told.append(f"{network}{handle} (identity_{each})")
    if len(ids) > MOST_NAMED:
        told.append(f"+ {len(ids) - MOST_NAMED}")
    return ", ".join(told)


def _note(
    tx: Tx, conversation: Conversation, code: str, comment: AgentComment, detail: str = ""
) -> None:
    about = f"{code}:{comment.id}:{detail}" if detail else f"{code}:{comment.id}"
    steps.add(tx, lane_of(conversation.id), "note", about, account=conversation.account)
