"""The customer history as a CRM is told it: records, read from the rows as they stand now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, select

from bridge.ledger import said_history
from bridge.ledger.changes import Ref
from bridge.ledger.crm_tables import customer_links, merges, profile_facts
from bridge.ledger.portions import portions
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, people, tickets
from bridge.records import (
    RECORDS,
    Change,
    ConversationRecord,
    CustomerRecord,
    Fact,
    IdentityRecord,
    MergeRecord,
    Record,
    TicketRecord,
    Why,
)

NoteText = Callable[[str], str]
"""What a frozen note says, in plain text: the helpdesk's adapter knows how it is written."""

EMPTY = (Why.ERASED, Why.RETENTION)
"""Of what is gone for these reasons nothing is left but that it was."""


def changes(tx: Tx, refs: Sequence[Ref], note_text: NoteText) -> tuple[Change, ...]:
    """The records of these, in this order. One whose row went just now is left out: its tombstone
    has a later number."""
    by_kind: dict[str, list[Ref]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref)
    found: dict[str, Record] = {}
    for kind, wanted in by_kind.items():
        for some in portions(wanted):
            found |= _records(tx, kind, some, note_text)
    return tuple(
        Change(ref.seq, ref.at, ref.resource, found[ref.id]) for ref in refs if ref.id in found
    )


def _records(tx: Tx, kind: str, refs: Sequence[Ref], note_text: NoteText) -> dict[str, Record]:
    bare = {ref.id: _bare(ref) for ref in refs if ref.gone_because in EMPTY}
    alive = {ref.number: ref for ref in refs if ref.id not in bare}
    if not alive:
        return bare
    if kind in _READ:
        return bare | _READ[kind](tx, list(alive))
    return bare | said_history.interactions(tx, kind, alive, note_text)


def _bare(ref: Ref) -> Record:
    return RECORDS[ref.resource](
        id=ref.id, deleted=True, deleted_at=ref.gone_at, deleted_reason=ref.gone_because
    )


def _customers(tx: Tx, ids: list[int]) -> dict[str, Record]:
    """A customer's number is that of the person with whom they were first known."""
    homes = dict(
        tx.conn.execute(
            select(customer_links.c.person_id, customer_links.c.customer_id).where(
                customer_links.c.person_id.in_(ids) | customer_links.c.customer_id.in_(ids)
            )
        ).all()
    )
    everybody = {*ids, *homes}
    rows = tx.conn.execute(
        select(people.c.id, people.c.name, people.c.handle)
        .where(people.c.id.in_(everybody))
        .order_by(people.c.id)
    ).all()
    found: dict[str, Record] = {}
    for number in ids:
        theirs = [row for row in rows if homes.get(row.id, row.id) == number]
        if theirs:
            # Not the last one seen: that changes with every word, and is told to nobody.
            named = next((row for row in theirs if row.name), theirs[0])
            found[f"customer_{number}"] = CustomerRecord(
                id=f"customer_{number}",
                name=named.name or named.handle,
                identity_ids=tuple(f"identity_{row.id}" for row in theirs),
            )
        elif number in homes:
            found[f"customer_{number}"] = CustomerRecord(
                id=f"customer_{number}", merged_into=f"customer_{homes[number]}"
            )
    return found


def _identities(tx: Tx, ids: list[int]) -> dict[str, Record]:
    facts: dict[int, list[Fact]] = {}
    for row in tx.conn.execute(
        select(profile_facts)
        .where(profile_facts.c.person_id.in_(ids))
        .order_by(profile_facts.c.fact, profile_facts.c.source)
    ):
        facts.setdefault(row.person_id, []).append(
            Fact(row.fact, row.value, row.source, row.learnt_at)
        )
    homes = dict(
        tx.conn.execute(
            select(customer_links.c.person_id, customer_links.c.customer_id).where(
                customer_links.c.person_id.in_(ids)
            )
        ).all()
    )
    rows = tx.conn.execute(select(people).where(people.c.id.in_(ids)))
    return {
        f"identity_{row.id}": IdentityRecord(
            id=f"identity_{row.id}",
            customer_id=f"customer_{homes.get(row.id, row.id)}",
            platform=row.network,
            platform_user_id=row.network_id,
            handle=row.handle,
            name=row.name,
            external_url=row.profile_url,
            avatar_url=row.avatar_url,
            followers=row.followers,
            language=row.language,
            helpdesk_user_id=row.helpdesk_id,
            facts=tuple(facts.get(row.id, ())),
        )
        for row in rows
    }


def _conversations(tx: Tx, ids: list[int]) -> dict[str, Record]:
    had: dict[int, list[Row[Any]]] = {}
    for row in tx.conn.execute(
        select(tickets)
        .where(tickets.c.conversation_id.in_(ids))
        .order_by(tickets.c.since, tickets.c.ticket_id)
    ):
        had.setdefault(row.conversation_id, []).append(row)
    rows = tx.conn.execute(
        select(conversations, people.c.network)
        .join(people, people.c.id == conversations.c.person_id)
        .where(conversations.c.id.in_(ids))
    )
    return {
        f"conversation_{row.id}": ConversationRecord(
            id=f"conversation_{row.id}",
            account=row.account,
            platform=row.network,
            identity_id=f"identity_{row.person_id}",
            ticket_system=_system(had.get(row.id, [])),
            ticket_id=row.ticket_id,
            tickets=tuple(
                TicketRecord(each.ticket_id, each.status, each.since, each.solved_at)
                for each in had.get(row.id, ())
            ),
            opened_at=row.opened_at,
            last_word_at=row.last_word_at,
        )
        for row in rows
    }


def _system(had: list[Row[Any]]) -> str:
    return str(had[-1].helpdesk).removeprefix("helpdesk:") if had else ""


def _merges(tx: Tx, ids: list[int]) -> dict[str, Record]:
    rows = tx.conn.execute(
        select(merges, customer_links.c.customer_id)
        .outerjoin(customer_links, customer_links.c.person_id == merges.c.person_id)
        .where(merges.c.id.in_(ids))
    )
    return {
        f"merge_{row.id}": MergeRecord(
            id=f"merge_{row.id}",
            identity_id=f"identity_{row.person_id}",
            other_identity_id=f"identity_{row.other_id}",
            customer_id="" if row.undone_at else f"customer_{row.customer_id or row.person_id}",
            proof=row.proof,
            evidence=row.evidence,
            by=row.by,
            merged_at=row.at,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
            undone_because=row.undone_because,
        )
        for row in rows
    }


_READ: dict[str, Callable[[Tx, list[int]], dict[str, Record]]] = {
    "customer": _customers,
    "identity": _identities,
    "conversation": _conversations,
    "merge": _merges,
}
