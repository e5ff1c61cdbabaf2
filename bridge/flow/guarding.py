"""What stops a public reply before anything of it is sent, and how the ticket is told.

Private replies are not looked at: there, personal data is between the customer and us.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.flow import outcomes
from bridge.flow.allowed import NotAllowed
from bridge.flow.bridge import Bridge
from bridge.flow.priorities import priority_of
from bridge.flow.sending import as_asked
from bridge.ledger import audit, holds, intents, lanes, replies
from bridge.ledger.conversations import Conversation
from bridge.ledger.lanes import Lease
from bridge.ledger.replies import Taken
from bridge.mapping.guards import Approval
from bridge.model import Outcome, Visibility
from bridge.text import held, phrases
from bridge.text.guard import Found, look_over


@dataclass(frozen=True, slots=True)
class Author:
    """The agent who wrote it, as the helpdesk knows them."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Held:
    """Why a reply is held: what was found, and why a second person must agree (if so)."""

    found: tuple[Found, ...]
    needs_second: bool


def why_held(
    bridge: Bridge, account: str, text: str, author: Author | None, urgency: Callable[[], str]
) -> Held | None:
    """None if this text may be posted in public as it is.

    `author` None: what depends on who wrote it is left out. `urgency` tells the ticket's priority;
    it is asked only where the mapping names some. Raises as it does.
    """
    guard = bridge.mapping.guard(account)
    found = look_over(text, guard)
    seconds = _needs_second(bridge, guard.approval, text, author, urgency)
    return Held((*found, *seconds), bool(seconds)) if found or seconds else None


def _needs_second(
    bridge: Bridge,
    approval: Approval,
    text: str,
    author: Author | None,
    urgency: Callable[[], str],
) -> list[Found]:
    found = []
    if author is not None:
        if approval.first_replies:
            with bridge.ledger.reading() as tx:
                so_far = 0
                if author.id:
                    so_far = replies.count_public(tx, author.id, approval.first_replies)
            if so_far < approval.first_replies:
                found.append(Found("held_beginner", f"{so_far} of {approval.first_replies}"))
        names = {author.id, phrases.comparable(author.name.strip())} - {""}
        if any(phrases.comparable(named) in names for named in approval.agents):
            found.append(Found("held_agent", author.name))
    found += [Found("held_words", word) for word in phrases.said(approval.words, text)]
    if approval.priorities:
        priority = urgency()
        if priority in approval.priorities:
            found.append(Found("held_priority", priority))
    return found


def stop(bridge: Bridge, lease: Lease, reply: Taken, conversation: Conversation) -> bool:
    """Hold a reply back if it must be, and tell its ticket. True if nothing may be sent.

    What somebody has released, or what may be out already in part, is not looked at again.
    """
    draft = reply.draft
    if draft is None or draft.visibility is not Visibility.PUBLIC or reply.answers is None:
        return False
    with bridge.ledger.reading() as tx:
        if holds.is_released(tx, reply.id) or intents.may_be_out(tx, reply.id):
            return False
    try:
        draft = as_asked(bridge, reply, draft)
    except NotAllowed:
        return False  # nothing is sent, and sending says why
    author = Author(reply.author_id, reply.author_name)

    def urgency() -> str:
        return priority_of(bridge, reply.ticket_id)

    why = why_held(bridge, conversation.account, draft.text, author, urgency)
    if why is None:
        return False
    because = ", ".join(dict.fromkeys(each.code for each in why.found))
    with bridge.ledger.writing() as tx:
        lanes.fence(tx, lease)
        holds.hold(tx, reply.id, reply.attempt, why.found, needs_second=why.needs_second)
        replies.came_to(tx, reply.id, Outcome.HELD)
        intents.note(tx, Outcome.HELD, reply_id=reply.id, code="held", because=because)
        audit.add(tx, "reply held", f"r{reply.id}: {because}", conversation_id=conversation.id)
    tell(bridge, lease, reply, conversation)
    return True


def tell(bridge: Bridge, lease: Lease, reply: Taken, conversation: Conversation) -> None:
    """The note on the ticket, once for each time that it was held."""
    with bridge.ledger.reading() as tx:
        hold = holds.of_reply(tx, reply.id)
    assert hold is not None
    account = bridge.mapping.accounts.get(conversation.account)
    text = held.note(
        hold.found,
        hold.number,
        needs_second=hold.needs_second,
        network=account.network if account else conversation.account,
        language=bridge.mapping.agents_language,
    )
    outcomes.tell(
        bridge,
        lease,
        conversation,
        f"reply:{reply.id}:{reply.attempt}:held",
        "held",
        "",
        failed=False,
        reopen=True,
        delivery=Outcome.HELD,
        text=text,
    )
