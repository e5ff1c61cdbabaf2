"""Conversations: what shares one ticket, and the keys by which a post finds its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Row, select, update

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


def begin(tx: Tx, account: str, person_id: int, key: str, word_at: datetime) -> int:
    """A new conversation; `key` leads to it from now on, also if it led elsewhere before."""
    conversation_id: int = tx.conn.execute(
        conversations.insert()
        .values(
            account=account,
            external_id=f"bridge:{uuid4().hex}",
            person_id=person_id,
            opened_at=tx.now,
            last_word_at=word_at,
        )
        .returning(conversations.c.id)
    ).scalar_one()
    lead(tx, account, key, conversation_id)
    return conversation_id


def lead(tx: Tx, account: str, key: str, conversation_id: int) -> None:
    """Let a key lead to a conversation."""
    tx.conn.execute(
        tx.insert(conversation_keys)
        .values(account=account, key=key, conversation_id=conversation_id)
        .on_conflict_do_update(
            index_elements=["account", "key"], set_={"conversation_id": conversation_id}
        )
    )


def by_key(tx: Tx, account: str, key: str) -> Conversation | None:
    found = tx.conn.execute(
        select(conversation_keys.c.conversation_id).where(
            conversation_keys.c.account == account, conversation_keys.c.key == key
        )
    ).scalar_one_or_none()
    return one(tx, found) if found is not None else None


def one(tx: Tx, conversation_id: int) -> Conversation:
    row = tx.conn.execute(
        select(conversations, people.c.network, people.c.network_id)
        .join(people, people.c.id == conversations.c.person_id)
        .where(conversations.c.id == conversation_id)
    ).one()
    return _conversation(row)


def by_ticket(tx: Tx, helpdesk: str, ticket_id: str) -> int | None:
    """The conversation of a ticket, also of one that has since been continued elsewhere."""
    found: int | None = tx.conn.execute(
        select(tickets.c.conversation_id).where(
            tickets.c.helpdesk == helpdesk, tickets.c.ticket_id == ticket_id
        )
    ).scalar_one_or_none()
    return found


def heard(tx: Tx, conversation_id: int, at: datetime) -> None:
    """Somebody said something: the reopen window counts from the latest word."""
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.last_word_at < at)
        .values(last_word_at=at)
    )


def point(tx: Tx, conversation_id: int, helpdesk: str, ticket_id: str) -> None:
    """From now on the conversation goes on in this ticket."""
    tx.conn.execute(
        tx.insert(tickets)
        .values(
            helpdesk=helpdesk, ticket_id=ticket_id, conversation_id=conversation_id, since=tx.now
        )
        .on_conflict_do_nothing(index_elements=["helpdesk", "ticket_id"])
    )
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(ticket_id=ticket_id)
    )


def _conversation(row: Row[tuple[object, ...]]) -> Conversation:
    return Conversation(
        id=row.id,
        account=row.account,
        external_id=row.external_id,
        requester=(row.network, row.network_id),
        ticket_id=row.ticket_id,
        last_word_at=row.last_word_at,
    )
