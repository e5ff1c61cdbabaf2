"""Numbered revisions of the mapping: every ticket's audit names the one that routed it."""

from __future__ import annotations

from sqlalchemy import func, select

from bridge.ledger.store import Tx
from bridge.ledger.tables import mapping_revisions


def publish(tx: Tx, digest: str, text: str, *, author: str = "", comment: str = "") -> int:
    """The number of this mapping: the latest one's if nothing changed, else the next."""
    latest = tx.conn.execute(
        select(mapping_revisions).order_by(mapping_revisions.c.number.desc()).limit(1)
    ).one_or_none()
    if latest is not None and latest.digest == digest:
        number: int = latest.number
        return number
    number = (latest.number if latest else 0) + 1
    added = tx.conn.execute(
        tx.insert(mapping_revisions)
        .values(
            number=number,
            digest=digest,
            text=text,
            author=author,
            comment=comment,
            published_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["number"])
        .returning(mapping_revisions.c.number)
    ).scalar_one_or_none()
    # Two processes starting at once publish the same file: the second takes the first one's word.
    if added is not None:
        return number
    return publish(tx, digest, text, author=author, comment=comment)


def latest_number(tx: Tx) -> int:
    number: int | None = tx.conn.execute(select(func.max(mapping_revisions.c.number))).scalar_one()
    return number or 0
