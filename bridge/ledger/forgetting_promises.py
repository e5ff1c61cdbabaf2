"""What was promised to one person and asked of them, taken out with the rest of them. None of these
rows holds a word of theirs; they must not outlive those that do, nor keep them."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import delete, or_, select

from bridge.ledger.conversations import lane_of
from bridge.ledger.service_tables import deadlines, ratings
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, steps
from bridge.ledger.traces import Traces


def of_whole(tx: Tx, conversation_id: int, counts: Counter[str]) -> None:
    """Of a conversation that goes as a whole, before its posts do."""
    for table in (deadlines, ratings):
        counts[table.name] += tx.conn.execute(
            delete(table).where(table.c.conversation_id == conversation_id)
        ).rowcount


def of_shared(
    tx: Tx, traces: Traces, conversation_id: int, stem: str, counts: Counter[str]
) -> list[str]:
    """Of a conversation in which others go on. How the keys begin of what was written about it on
    the ticket."""
    lane = lane_of(conversation_id)
    counts["steps"] += tx.conn.execute(
        delete(steps).where(
            steps.c.lane == lane,
            steps.c.kind == "greet",
            steps.c.about.in_(map(str, traces.post_ids)),
        )
    ).rowcount
    begun = select(conversations.c.id).where(conversations.c.person_id == traces.row)
    theirs = tx.conn.execute(
        select(ratings.c.id).where(
            ratings.c.conversation_id == conversation_id,
            or_(ratings.c.post_id.in_(traces.post_ids), ratings.c.conversation_id.in_(begun)),
        )
    ).scalars()
    written: list[str] = []
    for rating_id in list(theirs):
        counts["steps"] += tx.conn.execute(
            delete(steps).where(
                steps.c.lane == lane,
                or_(
                    (steps.c.kind == "csat") & (steps.c.about == str(rating_id)),
                    steps.c.kind.in_(("rating", "thanks"))
                    & steps.c.about.startswith(f"{rating_id}:"),
                ),
            )
        ).rowcount
        counts["ratings"] += tx.conn.execute(
            delete(ratings).where(ratings.c.id == rating_id)
        ).rowcount
        written.append(f"{stem}:rating:{rating_id}:")
    return written
