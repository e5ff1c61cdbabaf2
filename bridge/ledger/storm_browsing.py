"""Storms as the console shows them: all there are, and one with whoever was folded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bridge.ledger.people import from_row
from bridge.ledger.posts import GONE, newest_revision
from bridge.ledger.store import Tx
from bridge.ledger.storm_tables import storm_posts
from bridge.ledger.storm_tables import storms as rows
from bridge.ledger.storms import FOLDED, LEFT, Storm, one
from bridge.ledger.tables import people, posts
from bridge.model import Person


@dataclass(frozen=True, slots=True)
class Folded:
    """A post that was folded: by whom, how alike it is, and where it stands now. `permalink` leads
    to it on its network, "" where it has none. `conversation_id`: with a ticket of its own since,
    None while it is folded."""

    post_id: int
    account: str
    author: Person
    likeness: float
    said_at: datetime
    is_gone: bool
    permalink: str
    conversation_id: int | None


def every(tx: Tx, most: int) -> tuple[Storm, ...]:
    """The newest first."""
    ids = tx.conn.execute(select(rows.c.id).order_by(rows.c.id.desc()).limit(most)).scalars()
    return tuple(one(tx, storm_id) for storm_id in ids.all())


def if_there(tx: Tx, storm_id: int) -> Storm | None:
    """A storm by a number that somebody wrote."""
    found = tx.conn.execute(select(rows.c.id).where(rows.c.id == storm_id)).first()
    return one(tx, storm_id) if found else None


def by_minute(tx: Tx, storm_id: int) -> tuple[tuple[datetime, int], ...]:
    """Each minute in which something was said that was folded, and how many posts."""
    said = tx.conn.execute(
        select(storm_posts.c.said_at).where(
            storm_posts.c.storm_id == storm_id, storm_posts.c.state == FOLDED
        )
    ).scalars()
    counts = Counter(at.replace(second=0, microsecond=0) for at in said)
    return tuple(sorted(counts.items()))


def folded(tx: Tx, storm_id: int, after: int, most: int) -> tuple[Folded, ...]:
    """Who was folded, also those who have a ticket of their own since, by the ledger's number of
    the post; `after` is the last one seen."""
    found = tx.conn.execute(
        select(
            storm_posts.c.post_id,
            storm_posts.c.likeness,
            storm_posts.c.said_at,
            posts.c.account,
            storm_posts.c.state.label("stands_as"),
            posts.c.conversation_id,
            posts.c.state,
            people,
        )
        .join(posts, posts.c.id == storm_posts.c.post_id)
        .join(people, people.c.id == storm_posts.c.person_id)
        .where(
            storm_posts.c.storm_id == storm_id,
            storm_posts.c.state.in_((FOLDED, LEFT)),
            storm_posts.c.post_id > after,
        )
        .order_by(storm_posts.c.post_id)
        .limit(most)
    ).all()
    return tuple(
        Folded(
            post_id=row.post_id,
            account=row.account,
            author=from_row(row),
            likeness=row.likeness,
            said_at=row.said_at,
            is_gone=row.state == GONE,
            permalink=newest_revision(tx, row.post_id).permalink,
            conversation_id=row.conversation_id if row.stands_as == LEFT else None,
        )
        for row in found
    )
