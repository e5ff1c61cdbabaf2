"""What others said lately, as it was last heard: for trying rules on what really came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bridge.ledger.posts import GONE, LIVE
from bridge.ledger.shapes import post_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import posts, revisions
from bridge.model import Post


@dataclass(frozen=True, slots=True)
class Heard:
    """A post of somebody else at its newest revision. `at` is when the bridge first heard of it,
    which is the instant that it was routed by; `conversation_id` is None where it got no ticket."""

    id: int
    conversation_id: int | None
    at: datetime
    post: Post


def heard(tx: Tx, accounts: Iterable[str], since: datetime, most: int) -> tuple[Heard, ...]:
    """Posts written since an instant, the newest first."""
    chosen = (
        select(posts.c.id, posts.c.conversation_id, posts.c.created_at)
        .where(
            posts.c.account.in_(tuple(accounts)),
            posts.c.state.in_((LIVE, GONE)),
            posts.c.created_at >= since,
            posts.c.by_us.is_(False),
            posts.c.kind != "",
        )
        .order_by(posts.c.created_at.desc(), posts.c.id.desc())
        .limit(most)
        .subquery()
    )
    versions = (
        select(
            chosen.c.id,
            chosen.c.conversation_id,
            chosen.c.created_at,
            revisions.c.body,
            func.min(revisions.c.received_at).over(partition_by=chosen.c.id).label("at"),
            func.row_number()
            .over(
                partition_by=chosen.c.id,
                order_by=(revisions.c.revision.desc(), revisions.c.id.desc()),
            )
            .label("place"),
        )
        .join(chosen, revisions.c.post_id == chosen.c.id)
        .subquery()
    )
    rows = tx.conn.execute(
        select(versions)
        .where(versions.c.place == 1)
        .order_by(versions.c.created_at.desc(), versions.c.id.desc())
    )
    return tuple(
        Heard(row.id, row.conversation_id, row.at, post_from_json(row.body)) for row in rows
    )
