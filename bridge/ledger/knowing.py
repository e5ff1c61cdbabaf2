"""Customers as the console shows them: found by what somebody typed, and one of them whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from bridge.ledger import customers, facts, naming
from bridge.ledger.belonging import is_us
from bridge.ledger.crm_tables import customer_links
from bridge.ledger.customers import Edge
from bridge.ledger.sequences import below_newest
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, people
from bridge.records import Fact

FAR_BACK = 100_000
AT_A_TIME = 200
MOST = 200
"""Conversations and merges that are shown of one customer: a person reads them."""


@dataclass(frozen=True, slots=True)
class Identity:
    id: int
    network: str
    network_id: str
    handle: str
    name: str
    profile_url: str
    helpdesk_id: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """`identities` are never empty, the oldest first."""

    number: int
    identities: tuple[Identity, ...]

    @property
    def name(self) -> str:
        named = max(self.identities, key=lambda each: (bool(each.name), each.seen_at))
        return named.name or named.handle or f"customer_{self.number}"

    @property
    def seen_at(self) -> datetime:
        return max(each.seen_at for each in self.identities)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that one of the identities began."""

    id: int
    account: str
    identity: int
    ticket_id: str
    last_word_at: datetime


@dataclass(frozen=True, slots=True)
class Whole:
    """`edges` also hold those that were undone, and lead to who was a part of this customer."""

    customer: Customer
    edges: tuple[Edge, ...]
    talks: tuple[Talk, ...]
    more_talks: bool


def find(tx: Tx, text: str, most: int) -> tuple[Customer, ...]:
    """Those known last come first. Upper and lower case are the same for ASCII letters. Names are
    looked for among the people met last, `FAR_BACK` of them; what is exact, among all."""
    typed = text.strip()
    where: list[ColumnElement[bool]] = [~is_us()]
    if typed:
        part = typed.removeprefix("@")
        where.append(
            or_(
                people.c.name.icontains(part, autoescape=True),
                people.c.handle.icontains(part, autoescape=True),
            )
            & (people.c.id > below_newest(people, FAR_BACK))
        )
    numbers: dict[int, None] = {}
    for number in _newest_first(tx, where):
        numbers[number] = None
        if len(numbers) == most:
            break
    exact = {customers.customer_of(tx, each) for each in naming.meant(tx, typed)} if typed else ()
    found = [one(tx, number) for number in {**dict.fromkeys(exact), **numbers}]
    known = [each for each in found if each is not None]
    known.sort(key=lambda each: max(person.id for person in each.identities), reverse=True)
    return tuple(known[:most])


def _newest_first(tx: Tx, where: list[ColumnElement[bool]]) -> Iterator[int]:
    """The customers of such people, page by page: one may be met several times."""
    before: int | None = None
    while True:
        page = where if before is None else [*where, people.c.id < before]
        rows = tx.conn.execute(
            select(people.c.id, func.coalesce(customer_links.c.customer_id, people.c.id))
            .outerjoin(customer_links, customer_links.c.person_id == people.c.id)
            .where(*page)
            .order_by(people.c.id.desc())
            .limit(AT_A_TIME)
        ).all()
        yield from (row[1] for row in rows)
        if len(rows) < AT_A_TIME:
            return
        before = rows[-1][0]


def one(tx: Tx, number: int) -> Customer | None:
    """None for a number that is no customer's, or no longer."""
    ids = customers.members(tx, number)
    rows = tx.conn.execute(select(people).where(people.c.id.in_(ids)).order_by(people.c.id)).all()
    if not rows:
        return None
    return Customer(
        number,
        tuple(
            Identity(
                row.id,
                row.network,
                row.network_id,
                row.handle,
                row.name,
                row.profile_url,
                row.helpdesk_id,
                row.seen_at,
            )
            for row in rows
        ),
    )


def facts_of(tx: Tx, customer: Customer) -> dict[int, tuple[Fact, ...]]:
    """Identity → what is known of it, and from where."""
    return facts.of_each(tx, [each.id for each in customer.identities])


def whole(tx: Tx, number: int) -> Whole | None:
    found = one(tx, number)
    if found is None:
        return None
    ids = [each.id for each in found.identities]
    rows = tx.conn.execute(
        select(conversations)
        .where(conversations.c.person_id.in_(ids))
        .order_by(conversations.c.last_word_at.desc(), conversations.c.id.desc())
        .limit(MOST + 1)
    ).all()
    talks = tuple(
        Talk(row.id, row.account, row.person_id, row.ticket_id, row.last_word_at)
        for row in rows[:MOST]
    )
    return Whole(found, customers.edges(tx, ids)[-MOST:], talks, len(rows) > MOST)
