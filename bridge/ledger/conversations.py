"""Conversations: what shares one ticket, and the keys by which a post finds its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Row, bindparam, select, update

from bridge.ledger.made import Insert, inserting
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversation_keys, conversations, people, tickets


@dataclass(frozen=True, slots=True)
class Conversation:
    """`requester` is (network, network's id) of the person it was opened for."""

    id: int
    account: str
    external_id: str
    requester: tuple[str, str]
    ticket_id: str
    last_word_at: datetime


def lane_of(conversation_id: int) -> str:
    return f"conversation:{conversation_id}"


def _leading(new: Insert) -> Insert:
    return new.on_conflict_do_update(
        index_elements=["account", "key"], set_={"conversation_id": new.excluded.conversation_id}
    )


_BEGIN = conversations.insert().returning(conversations.c.id)
_LEAD = inserting(conversation_keys, _leading)
_WHOLE = select(conversations, people.c.network, people.c.network_id).join(
    people, people.c.id == conversations.c.person_id
)
_ONE = _WHOLE.where(conversations.c.id == bindparam("the_conversation"))
_BY_KEY = _WHOLE.join(
    conversation_keys, conversation_keys.c.conversation_id == conversations.c.id
).where(
    conversation_keys.c.account == bindparam("the_account"),
    conversation_keys.c.key == bindparam("the_key"),
)
_BY_TICKET = select(tickets.c.conversation_id).where(
    tickets.c.helpdesk == bindparam("the_helpdesk"), tickets.c.ticket_id == bindparam("the_ticket")
)
_THIS = update(conversations).where(conversations.c.id == bindparam("the_conversation"))
_HEARD = _THIS.where(conversations.c.last_word_at < bindparam("before"))
_POINT = inserting(
    tickets, lambda new: new.on_conflict_do_nothing(index_elements=["helpdesk", "ticket_id"])
)


def begin(tx: Tx, account: str, person_id: int, key: str, word_at: datetime) -> int:
    """A new conversation; `key` leads to it from now on, also if it led elsewhere before."""
    conversation_id: int = tx.conn.execute(
        _BEGIN,
        {
            "account": account,
            "external_id": f"bridge:{uuid4().hex}",
            "person_id": person_id,
            "opened_at": tx.now,
            "last_word_at": word_at,
        },
    ).scalar_one()
    lead(tx, account, key, conversation_id)
    return conversation_id


def lead(tx: Tx, account: str, key: str, conversation_id: int) -> None:
    """Let a key lead to a conversation."""
    leads = {"account": account, "key": key, "conversation_id": conversation_id}
    tx.conn.execute(_LEAD.on(tx), leads)


def by_key(tx: Tx, account: str, key: str) -> Conversation | None:
    row = tx.conn.execute(_BY_KEY, {"the_account": account, "the_key": key}).one_or_none()
    return _conversation(row) if row is not None else None


class NoConversation(LookupError):
    """There is none of that number, or none any more: the person that it was with was erased."""


def one(tx: Tx, conversation_id: int) -> Conversation:
    """Raises `NoConversation`."""
    row = tx.conn.execute(_ONE, {"the_conversation": conversation_id}).one_or_none()
    if row is None:
        raise NoConversation(f"there is no conversation {conversation_id}")
    return _conversation(row)


def by_ticket(tx: Tx, helpdesk: str, ticket_id: str) -> int | None:
    """The conversation of a ticket, also of one that has since been continued elsewhere."""
    found: int | None = tx.conn.execute(
        _BY_TICKET, {"the_helpdesk": helpdesk, "the_ticket": ticket_id}
    ).scalar_one_or_none()
    return found


def heard(tx: Tx, conversation_id: int, at: datetime) -> None:
    """Somebody said something: the reopen window counts from the latest word."""
    tx.conn.execute(_HEARD, {"the_conversation": conversation_id, "before": at, "last_word_at": at})


def point(tx: Tx, conversation_id: int, helpdesk: str, ticket_id: str) -> None:
    """From now on the conversation goes on in this ticket."""
    ticket = {"helpdesk": helpdesk, "ticket_id": ticket_id, "since": tx.now}
    tx.conn.execute(_POINT.on(tx), {"conversation_id": conversation_id, **ticket})
    tx.conn.execute(_THIS, {"the_conversation": conversation_id, "ticket_id": ticket_id})


def _conversation(row: Row[tuple[object, ...]]) -> Conversation:
    return Conversation(
        id=row.id,
        account=row.account,
        external_id=row.external_id,
        requester=(row.network, row.network_id),
        ticket_id=row.ticket_id,
        last_word_at=row.last_word_at,
    )
