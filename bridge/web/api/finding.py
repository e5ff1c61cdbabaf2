"""From what a list is asked for to what the feed is asked."""

from __future__ import annotations

from collections.abc import Callable

from bridge.crm.feed import Asked
from bridge.ledger import Ledger, Tx, customers, finding
from bridge.records import Resource
from bridge.web.api.asking import Query

Numbers = frozenset[int]


def asked(ledger: Ledger, resource: Resource, query: Query) -> Asked:
    """Filters narrow one another: what is found fits all of them."""
    people: Numbers | None = None
    conversations: Numbers | None = None
    if query.customer or query.identity or query.platform or query.ticket or query.conversation:
        with ledger.reading() as tx:
            people, conversations = _FOUND[resource](tx, query)
    return Asked(
        resources=(resource,),
        cursor=query.cursor,
        updated_since=query.updated_since,
        limit=query.limit,
        kinds=query.type,
        people=None if people is None else tuple(sorted(people)),
        conversations=None if conversations is None else tuple(sorted(conversations)),
    )


def _people(tx: Tx, query: Query) -> Numbers | None:
    """Whoever is meant by customer, by identity and by a network's id."""
    found: list[Numbers] = []
    if query.customer:
        found.append(frozenset(customers.members(tx, query.customer)))
    if query.identity:
        found.append(frozenset({query.identity}))
    if query.platform:
        found.append(finding.person_at(tx, query.platform, query.platform_user_id))
    return frozenset.intersection(*found) if found else None


def _customers(tx: Tx, query: Query) -> tuple[Numbers | None, Numbers | None]:
    people = _people(tx, query)
    if query.ticket:
        there = finding.people_in(tx, finding.conversations_of(tx, query.ticket))
        people = there if people is None else people & there
    return None if people is None else finding.customers_of(tx, people), None


def _identities(tx: Tx, query: Query) -> tuple[Numbers | None, Numbers | None]:
    return _people(tx, query), None


def _conversations(tx: Tx, query: Query) -> tuple[Numbers | None, Numbers | None]:
    people = _people(tx, query)
    found = None if people is None else finding.conversations_with(tx, people)
    if query.ticket:
        by_ticket = finding.conversations_of(tx, query.ticket)
        found = by_ticket if found is None else found & by_ticket
    return None, found


def _interactions(tx: Tx, query: Query) -> tuple[Numbers | None, Numbers | None]:
    found = frozenset({query.conversation}) if query.conversation else None
    if query.ticket:
        by_ticket = finding.conversations_of(tx, query.ticket)
        found = by_ticket if found is None else found & by_ticket
    return _people(tx, query), found


_FOUND: dict[Resource, Callable[[Tx, Query], tuple[Numbers | None, Numbers | None]]] = {
    Resource.CUSTOMER: _customers,
    Resource.IDENTITY: _identities,
    Resource.CONVERSATION: _conversations,
    Resource.INTERACTION: _interactions,
    Resource.MERGE: _identities,
}
