"""What one person said in a storm, taken out of it. No row of a storm holds a word of anybody, but
each names who was folded; and the storm is known by the numbers of one post, which may be theirs.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, delete, or_, select, update

from bridge.ledger import steps as steps_of
from bridge.ledger import storm_lately
from bridge.ledger import storms as of_storms
from bridge.ledger.conversations import lane_of
from bridge.ledger.posts import newest_revision
from bridge.ledger.store import Tx
from bridge.ledger.storm_tables import storm_keys, storm_posts, storms
from bridge.ledger.tables import steps
from bridge.ledger.traces import Traces
from bridge.text import alike


def incidents(tx: Tx, traces: Traces) -> set[int]:
    """The conversations of storms in which they were, are, or may be shown."""
    found = select(storms.c.conversation_id).where(_with(traces))
    return set(tx.conn.execute(found).scalars())


def of_person(tx: Tx, erasure_id: int, traces: Traces, counts: Counter[str]) -> None:
    """Before their posts go."""
    for row in tx.conn.execute(select(storms).where(_with(traces)).order_by(storms.c.id)).all():
        lane = lane_of(row.conversation_id)
        takes_off = [f"{row.id}:off:{post_id}" for post_id in traces.post_ids]
        counts["steps"] += tx.conn.execute(
            delete(steps).where(
                steps.c.lane == lane, steps.c.kind == "storm", steps.c.about.in_(takes_off)
            )
        ).rowcount
        if row.post_id in traces.post_ids:
            _known_by_another(tx, row.id, traces)
        if row.ended_at is not None:
            # The list that named them was taken off the ticket.
            steps_of.add(tx, lane, "storm", f"{row.id}:list:{erasure_id}", account=row.helpdesk)
    counts["storm_posts"] += tx.conn.execute(delete(storm_posts).where(_theirs(traces))).rowcount
    counts["lately_said"] += storm_lately.forget_lately(tx, traces.post_ids)


def _known_by_another(tx: Tx, storm_id: int, traces: Traces) -> None:
    """From now on others are compared with somebody else's post in it."""
    other: int | None = tx.conn.execute(
        select(storm_posts.c.post_id)
        .where(
            storm_posts.c.storm_id == storm_id,
            storm_posts.c.state == of_storms.FOLDED,
            ~_theirs(traces),
        )
        .order_by(storm_posts.c.likeness.desc(), storm_posts.c.post_id)
        .limit(1)
    ).scalar_one_or_none()
    post = newest_revision(tx, other) if other is not None else None
    sketch = alike.sketch("\n".join(filter(None, (post.subject, post.text)))) if post else ()
    here = storms.c.id == storm_id
    # What theirs named goes with it: who names anything has a ticket of their own from then on.
    tx.conn.execute(update(storms).where(here).values(post_id=other, named=""))
    if not sketch and other is not None:
        return  # too short to be anybody's: all of them said the very same
    keys = tx.conn.execute(
        delete(storm_keys).where(storm_keys.c.storm_id == storm_id).returning(storm_keys.c.key)
    ).all()
    tx.conn.execute(update(storms).where(here).values(sketch=alike.packed(sketch)))
    if keys and sketch:
        of_storms.be_found(tx, storm_id, alike.bands(sketch))


def _theirs(traces: Traces) -> ColumnElement[bool]:
    return or_(storm_posts.c.person_id == traces.row, storm_posts.c.post_id.in_(traces.post_ids))


def _with(traces: Traces) -> ColumnElement[bool]:
    members = select(storm_posts.c.storm_id).where(_theirs(traces))
    return or_(storms.c.id.in_(members), storms.c.post_id.in_(traces.post_ids))
