"""Taking a person out of what others said, and out of sentences and frozen bodies."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Column, Select, Table, select, update

from bridge.ledger.broadcast_tables import broadcasts
from bridge.ledger.crm_tables import merges, sendings
from bridge.ledger.service_tables import acts, holds
from bridge.ledger.shapes import post_from_json, post_to_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    accounts,
    audit,
    deliveries,
    intents,
    lanes,
    outcomes,
    posts,
    receipts,
    replies,
    reports,
    revisions,
    steps,
)
from bridge.ledger.traces import Traces

AT_A_TIME = 500

SPOKEN: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (audit, "id", ("what", "because")),
    (outcomes, "id", ("because",)),
    (steps, "id", ("because",)),
    (posts, "id", ("because",)),
    (replies, "id", ("body", "because")),
    (intents, "id", ("body",)),
    (revisions, "id", ("body",)),
    (receipts, "intent_id", ("permalink",)),
    (reports, "id", ("because",)),
    (acts, "id", ("reason", "because")),
    (holds, "id", ("findings",)),
    (broadcasts, "id", ("text",)),
    (merges, "id", ("evidence", "undone_because")),
    (sendings, "id", ("because",)),
    (lanes, "key", ("because",)),
    (accounts, "name", ("because",)),
    (deliveries, "id", ("because", "about")),
)
"""Everywhere that something a person wrote, or a sentence about them, can stand."""


def quoting(tx: Tx, traces: Traces) -> list[tuple[int, int | None]]:
    """(revision, conversation) of others' posts that show this person above them or name them."""
    found: list[tuple[int, int | None]] = []
    last = 0
    while True:
        rows = tx.conn.execute(
            select(revisions.c.id, revisions.c.body, posts.c.conversation_id)
            .join(posts, posts.c.id == revisions.c.post_id)
            .where(revisions.c.id > last, posts.c.person_id != traces.row)
            .order_by(revisions.c.id)
            .limit(AT_A_TIME)
        ).all()
        if not rows:
            return found
        last = rows[-1].id
        found += [
            (row.id, row.conversation_id)
            for row in rows
            if traces.anywhere.search(row.body)
            or any(traces.is_by(above.author) for above in post_from_json(row.body).history)
        ]


def take_out(tx: Tx, traces: Traces, revision_id: int) -> None:
    """What shows them in one revision of somebody else's post."""
    body: str = tx.conn.execute(
        select(revisions.c.body).where(revisions.c.id == revision_id)
    ).scalar_one()
    tx.conn.execute(
        update(revisions)
        .where(revisions.c.id == revision_id)
        .values(body=post_to_json(traces.without(post_from_json(body))))
    )


def sweep(tx: Tx, traces: Traces, conversation_ids: tuple[int, ...], counts: Counter[str]) -> None:
    """What is left in sentences and frozen bodies: in the conversations that were touched by
    everything they said and are called, elsewhere by what is nobody else's."""
    near = set(conversation_ids)
    for table, key, columns in SPOKEN:
        last: object = None
        while True:
            rows = tx.conn.execute(_page(table, table.c[key], last)).mappings().all()
            if not rows:
                break
            last = rows[-1][key]
            for row in rows:
                everything = row.get("conversation_id") in near
                changed = {
                    name: traces.scrubbed(row[name])
                    for name in columns
                    if (traces.everything if everything else traces.anywhere).search(row[name])
                }
                if changed:
                    tx.conn.execute(update(table).where(table.c[key] == row[key]).values(**changed))
                    counts[table.name] += 1


def _page(table: Table, key: Column[object], last: object) -> Select[tuple[object, ...]]:
    page = select(table).order_by(key).limit(AT_A_TIME)
    return page if last is None else page.where(key > last)
