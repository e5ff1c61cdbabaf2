"""Who is one human being: proved edges between people of the networks, and what follows from them.

A customer is everybody who hangs together by edges that stand, and has the smallest of their
numbers. `merges` are the edges: undone ones stay, as the record. `customer_links` is worked out
from those that stand, and holds nobody who is their own customer alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, or_, select, text, update

from bridge.errors import BridgeError
from bridge.ledger.belonging import is_us
from bridge.ledger.crm_tables import customer_links, merges
from bridge.ledger.portions import portions
from bridge.ledger.store import Tx
from bridge.ledger.tables import people

LOCK = "customers"


class Proof(StrEnum):
    """By what two are known to be one. A guess is none."""

    SAME_ID = "same_id"
    """Networks or the helpdesk have them under one id."""
    CONFIRMED_LINK = "confirmed_link"
    """The one's profile links to the other's, and a network has checked that it links back."""
    AGENT = "agent"
    """An agent's word in the helpdesk."""
    CRM = "crm"
    """A CRM's word through the API."""


class CannotMerge(BridgeError):
    """These two cannot be one customer. `code` is `unknown` for a person or a merge that is not
    there, `same` for a person and themselves, `brand` for the brand's own identity."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(because)
        self.code = code


@dataclass(frozen=True, slots=True)
class Edge:
    """Two people are one by this proof; or were held to be, until it was undone."""

    id: int
    person_id: int
    other_id: int
    proof: Proof
    evidence: str
    by: str
    at: datetime
    undone_at: datetime | None
    undone_by: str
    undone_because: str


def merge(tx: Tx, person_id: int, other_id: int, *, proof: Proof, evidence: str, by: str) -> int:
    """Put down that two people are one; the number of the edge. Where one stands between these two,
    whatever its proof, it is that one's, and nothing is changed.

    Takes a lock that is held until the transaction ends, so call it last in a transaction that
    writes about people. Raises `CannotMerge`.
    """
    one, other = sorted((person_id, other_id))
    if one == other:
        raise CannotMerge("same", f"identity_{one} cannot be merged with itself")
    _one_at_a_time(tx)
    _can_be_merged(tx, (one, other))
    standing = between(tx, one, other)
    if standing is not None:
        return standing.id
    number: int = tx.conn.execute(
        merges.insert()
        .values(person_id=one, other_id=other, proof=proof, evidence=evidence, by=by, at=tx.now)
        .returning(merges.c.id)
    ).scalar_one()
    _work_out(tx, (one, other))
    return number


def undo(tx: Tx, merge_id: int, *, by: str, because: str) -> bool:
    """Two people are not one, by this edge: False where that was said before. Others may still
    join them. Raises `CannotMerge` (`unknown`). Locks as `merge` does."""
    _one_at_a_time(tx)
    row = tx.conn.execute(select(merges).where(merges.c.id == merge_id)).one_or_none()
    if row is None:
        raise CannotMerge("unknown", f"there is no merge_{merge_id}")
    if row.undone_at is not None:
        return False
    tx.conn.execute(
        update(merges)
        .where(merges.c.id == merge_id)
        .values(undone_at=tx.now, undone_by=by, undone_because=because)
    )
    _work_out(tx, (row.person_id, row.other_id))
    return True


def customer_of(tx: Tx, person_id: int) -> int:
    """The number of the customer whose identity this is."""
    found: int | None = tx.conn.execute(
        select(customer_links.c.customer_id).where(customer_links.c.person_id == person_id)
    ).scalar_one_or_none()
    return found or person_id


def members(tx: Tx, customer_id: int) -> tuple[int, ...]:
    """The people who are a customer, ascending; none for a number that is no customer's now."""
    linked = tx.conn.execute(
        select(customer_links.c.person_id, customer_links.c.customer_id).where(
            or_(
                customer_links.c.customer_id == customer_id,
                customer_links.c.person_id == customer_id,
            )
        )
    ).all()
    if linked:
        return tuple(sorted(row.person_id for row in linked if row.customer_id == customer_id))
    return tuple(
        tx.conn.execute(select(people.c.id).where(people.c.id == customer_id, ~is_us())).scalars()
    )


def between(tx: Tx, person_id: int, other_id: int) -> Edge | None:
    """The edge that stands between exactly these two."""
    one, other = sorted((person_id, other_id))
    row = tx.conn.execute(
        select(merges).where(
            merges.c.person_id == one, merges.c.other_id == other, merges.c.undone_at.is_(None)
        )
    ).first()
    return _edge(row) if row else None


def was_undone(tx: Tx, person_id: int, other_id: int) -> bool:
    """Whether somebody has said that these two, or two whom they would join, are not one. What is
    found out by itself must not say it again."""
    one, other = (
        frozenset(members(tx, customer_of(tx, each))) | {each} for each in (person_id, other_id)
    )
    if other_id in one:
        one, other = frozenset({person_id}), frozenset({other_id})
    return any(
        each.undone_at is not None
        and (
            (each.person_id in one and each.other_id in other)
            or (each.person_id in other and each.other_id in one)
        )
        for each in edges(tx, one if len(one) < len(other) else other)
    )


def edges(tx: Tx, person_ids: Iterable[int]) -> tuple[Edge, ...]:
    """Every edge of these people, also undone ones, oldest first."""
    wanted = tuple(person_ids)
    rows = tx.conn.execute(
        select(merges)
        .where(or_(merges.c.person_id.in_(wanted), merges.c.other_id.in_(wanted)))
        .order_by(merges.c.id)
    )
    return tuple(_edge(row) for row in rows)


def forget(tx: Tx, person_id: int) -> tuple[int, ...]:
    """Take a person out of every customer, with all their edges; the numbers of those.

    Who was joined through them alone stays joined: an edge between the neighbours takes over the
    proof of one that goes, and says no more of the person than that they were.
    """
    _one_at_a_time(tx)
    theirs = edges(tx, (person_id,))
    tx.conn.execute(delete(merges).where(merges.c.id.in_([each.id for each in theirs])))
    standing = [each for each in theirs if each.undone_at is None]
    others = [each.other_id if each.person_id == person_id else each.person_id for each in standing]
    for before, after, edge in zip(others, others[1:], standing[1:], strict=False):
        one, other = sorted((before, after))
        if between(tx, one, other) is None:
            tx.conn.execute(
                merges.insert().values(
                    person_id=one,
                    other_id=other,
                    proof=edge.proof,
                    evidence=THROUGH_ERASED,
                    by=edge.by,
                    at=edge.at,
                )
            )
    tx.conn.execute(delete(customer_links).where(customer_links.c.person_id == person_id))
    _work_out(tx, others)
    return tuple(each.id for each in theirs)


THROUGH_ERASED = "both were merged with an identity that has been erased"


def _one_at_a_time(tx: Tx) -> None:
    """On SQLite whoever writes is alone anyway. Merges are rare: one lock for all of them cannot
    be taken in two orders."""
    if tx.postgres:
        tx.conn.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:n, 0))"), {"n": LOCK})


def _can_be_merged(tx: Tx, ids: tuple[int, int]) -> None:
    """A row that is read here cannot be erased before this transaction ends: erasing takes the
    same lock."""
    rows: dict[int, bool] = dict(
        tx.conn.execute(select(people.c.id, is_us()).where(people.c.id.in_(ids))).all()
    )
    for number in ids:
        if number not in rows:
            raise CannotMerge("unknown", f"there is no identity_{number}")
        if rows[number]:
            raise CannotMerge("brand", f"identity_{number} is the brand itself, and no customer")


def _work_out(tx: Tx, ids: Iterable[int]) -> None:
    """Write anew, for everybody who hangs together with these or did, whose customer has changed
    and nobody else's."""
    seen: set[int] = set()
    wanted: dict[int, int] = {}
    for start in ids:
        if start not in seen:
            together = _together(tx, start)
            seen |= together
            if len(together) > 1:
                wanted |= dict.fromkeys(together, min(together))
    before = {
        row.person_id: row.customer_id
        for some in portions(sorted(seen))
        for row in tx.conn.execute(
            select(customer_links).where(customer_links.c.person_id.in_(some))
        )
    }
    alone = [each for each in before if each not in wanted]
    for some in portions(alone):
        tx.conn.execute(delete(customer_links).where(customer_links.c.person_id.in_(some)))
    news = [
        {"person_id": each, "customer_id": number}
        for each, number in sorted(wanted.items())
        if before.get(each) != number
    ]
    if news:
        statement = tx.insert(customer_links)
        tx.conn.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id"],
                set_={"customer_id": statement.excluded.customer_id},
            ),
            news,
        )


def _together(tx: Tx, start: int) -> set[int]:
    """Everybody who hangs together with somebody by edges that stand."""
    found, edge_of = {start}, [start]
    while edge_of:
        near: set[int] = set()
        for some in portions(edge_of):
            rows = tx.conn.execute(
                select(merges.c.person_id, merges.c.other_id).where(
                    or_(merges.c.person_id.in_(some), merges.c.other_id.in_(some)),
                    merges.c.undone_at.is_(None),
                )
            )
            near.update(number for row in rows for number in row)
        edge_of = sorted(near - found)
        found |= near
    return found


def _edge(row: Row[Any]) -> Edge:
    return Edge(
        id=row.id,
        person_id=row.person_id,
        other_id=row.other_id,
        proof=Proof(row.proof),
        evidence=row.evidence,
        by=row.by,
        at=row.at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        undone_because=row.undone_because,
    )
