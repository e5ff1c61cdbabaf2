"""Which people and conversations are meant: by a customer, by a network's id, by a ticket."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from bridge.ledger.crm_tables import customer_links
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, people, posts, tickets

MOST = 30_000
"""What is looked for at once: databases bind only so many. Far more than anybody has."""


def person_at(tx: Tx, network: str, network_id: str) -> frozenset[int]:
    """Whoever has this id on the network; nobody, if that is unknown."""
    found = tx.conn.execute(
        select(people.c.id).where(people.c.network == network, people.c.network_id == network_id)
    )
    return frozenset(found.scalars())


def customers_of(tx: Tx, persons: Collection[int]) -> frozenset[int]:
    """The numbers of the customers that these people are."""
    homes = dict(
        tx.conn.execute(
            select(customer_links.c.person_id, customer_links.c.customer_id).where(
                customer_links.c.person_id.in_(persons)
            )
        ).all()
    )
    return frozenset(homes.get(each, each) for each in persons)


def conversations_of(tx: Tx, ticket_id: str) -> frozenset[int]:
    """Whatever has this ticket, or ever had it."""
    found = tx.conn.execute(
        select(tickets.c.conversation_id).where(tickets.c.ticket_id == ticket_id).limit(MOST)
    )
    return frozenset(found.scalars())


def conversations_with(tx: Tx, persons: Collection[int]) -> frozenset[int]:
    """The newest ones that one of these people began, or spoke in."""
    began = select(conversations.c.id).where(conversations.c.person_id.in_(persons))
    spoke = select(posts.c.conversation_id).where(
        posts.c.person_id.in_(persons), posts.c.conversation_id.is_not(None)
    )
    both = began.union(spoke).subquery()
    found = tx.conn.execute(select(both.c[0]).order_by(both.c[0].desc()).limit(MOST))
    return frozenset(found.scalars())


def people_in(tx: Tx, among: Collection[int]) -> frozenset[int]:
    """Everybody who began one of these conversations, or spoke in it; not the brand."""
    began = select(conversations.c.person_id).where(conversations.c.id.in_(among))
    spoke = select(posts.c.person_id).where(
        posts.c.conversation_id.in_(among), posts.c.person_id.is_not(None), ~posts.c.by_us
    )
    both = began.union(spoke).subquery()
    return frozenset(tx.conn.execute(select(both.c[0]).limit(MOST)).scalars())
