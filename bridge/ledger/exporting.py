"""What the ledger has of people besides the records a CRM is told: for those who ask what is known
of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from bridge.ledger import belonging, customers, traces
from bridge.ledger.changes import Ref
from bridge.ledger.crm_tables import changes, endpoints, sendings, target_rows, targets
from bridge.ledger.portions import portions
from bridge.ledger.posts import GONE, texts
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, deliveries, people, posts, revisions
from bridge.records import Why

MOST_OTHERS = 500


@dataclass(frozen=True, slots=True)
class WentTo:
    """Something outside that was told of a record. `remote_id` is what it is called there, "" where
    that is not known; `state` what became of it, as our ledger calls it."""

    where: str
    what: str
    record: str
    remote_id: str
    state: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """Raw deliveries that brought posts, and are still kept byte for byte."""

    kept: int
    oldest: datetime | None


def crms(tx: Tx, records: Iterable[str]) -> tuple[WentTo, ...]:
    """Rows in CRMs, by the records' ids."""
    found: list[WentTo] = []
    for some in portions(tuple(records)):
        rows = tx.conn.execute(
            select(target_rows, targets.c.crm)
            .join(targets, targets.c.name == target_rows.c.target)
            .where(target_rows.c.object_id.in_(some))
            .order_by(target_rows.c.target, target_rows.c.object_id)
        )
        found += [
            WentTo(row.target, row.crm, row.object_id, row.remote_id, row.state, row.at)
            for row in rows
        ]
    return tuple(found)


def webhooks(tx: Tx, records: Iterable[tuple[str, int]]) -> tuple[WentTo, ...]:
    """Endpoints that were told of records (kind, number): the newest sending of each."""
    found: list[WentTo] = []
    for kind, numbers in belonging.by_kind(records):
        last = (
            select(func.max(sendings.c.id))
            .where(sendings.c.kind == kind, sendings.c.number.in_(numbers))
            .group_by(sendings.c.endpoint_id, sendings.c.number)
        )
        rows = tx.conn.execute(
            select(sendings, endpoints.c.name)
            .join(endpoints, endpoints.c.id == sendings.c.endpoint_id)
            .where(sendings.c.id.in_(last.scalar_subquery()))
            .order_by(sendings.c.id)
        )
        found += [
            WentTo(row.name, "webhook", f"{kind}_{row.number}", "", row.state, row.settled_at)
            for row in rows
        ]
    return tuple(found)


def untold(tx: Tx, person_ids: tuple[int, ...]) -> tuple[Ref, ...]:
    """Posts that went from the network, of which the change feed tells nothing any more while their
    words are kept. When they went is forgotten."""
    theirs = select(posts.c.id).where(posts.c.person_id.in_(person_ids), posts.c.state == GONE)
    ours = (
        select(posts.c.id)
        .join(conversations, conversations.c.id == posts.c.conversation_id)
        .where(conversations.c.person_id.in_(person_ids), posts.c.by_us, posts.c.state == GONE)
    )
    gone = theirs.union(ours).subquery()
    told = exists().where(changes.c.kind == "post", changes.c.number == posts.c.id)
    rows = tx.conn.execute(
        select(posts.c.id, posts.c.created_at).where(posts.c.id.in_(select(gone.c.id)), ~told)
    ).all()
    belongs = belonging.of(tx, [("post", row.id) for row in rows])
    return tuple(
        Ref("post", row.id, 0, row.created_at, None, Why.PLATFORM)
        for row in rows
        if ("post", row.id) in belongs
        and belongs["post", row.id].person_id in person_ids
        and belongs["post", row.id].gone == Why.PLATFORM
    )


def versions(tx: Tx, post_id: int) -> tuple[str, ...]:
    """Every text that a post has had, as it came."""
    return texts(tx, post_id)


def arrived(tx: Tx, person_ids: tuple[int, ...]) -> Arrived:
    brought = (
        select(revisions.c.delivery_id)
        .join(posts, posts.c.id == revisions.c.post_id)
        .where(posts.c.person_id.in_(person_ids))
    )
    row = tx.conn.execute(
        select(func.count(), func.min(deliveries.c.received_at)).where(
            deliveries.c.id.in_(brought), deliveries.c.emptied_at.is_(None)
        )
    ).one()
    return Arrived(row[0], row[1])


def others_names(
    tx: Tx, person_ids: tuple[int, ...], told: Collection[int] = ()
) -> dict[int | None, tuple[str, ...]]:
    """Conversation → by what other people who write in it are known, but for what these share.
    None → those who were once held to be the same, and those whose numbers notes have `told`: a
    note may name them anywhere."""
    here = select(posts.c.conversation_id).where(
        posts.c.person_id.in_(person_ids), posts.c.conversation_id.is_not(None)
    )
    beside = tx.conn.execute(
        select(posts.c.conversation_id, posts.c.person_id)
        .where(
            posts.c.conversation_id.in_(here),
            posts.c.person_id.not_in(person_ids),
            posts.c.by_us.is_(False),
        )
        .distinct()
        .limit(MOST_OTHERS)
    ).all()
    once = {
        each
        for edge in customers.edges(tx, person_ids)
        for each in (edge.person_id, edge.other_id)
        if each not in person_ids
    }
    named = sorted({*told} - {*person_ids})[:MOST_OTHERS]
    once.update(tx.conn.execute(select(people.c.id).where(people.c.id.in_(named))).scalars())
    own = {name for each in person_ids for name in traces.gather(tx, each).names}
    known = {each: traces.gather(tx, each) for each in {*once, *(row.person_id for row in beside)}}
    found: dict[int | None, tuple[str, ...]] = {}
    for place, other in (*beside, *((None, each) for each in sorted(once))):
        words = (*known[other].names, *known[other].said)
        found[place] = (*found.get(place, ()), *(each for each in words if each not in own))
    return found
