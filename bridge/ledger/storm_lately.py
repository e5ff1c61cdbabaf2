"""What was said lately on tickets of its own: of what is alike among it, storms are made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Text, any_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from bridge.ledger.store import Tx
from bridge.ledger.storm_tables import lately_keys, lately_said
from bridge.ledger.tables import posts

AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Lately:
    """Something that was said a short while ago, on a ticket of its own."""

    post_id: int
    person_id: int
    sketch: bytes


def remember(tx: Tx, post_id: int, sketch: bytes, keys: Iterable[str], said_at: datetime) -> None:
    """A post that has a ticket of its own, and under what it is found by those that are alike."""
    tx.conn.execute(
        lately_said.insert().values(post_id=post_id, sketch=sketch, said_at=said_at).inline()
    )
    rows = [{"key": key, "post_id": post_id, "said_at": said_at} for key in dict.fromkeys(keys)]
    tx.conn.execute(lately_keys.insert().inline(), rows)


def lately(
    tx: Tx,
    keys: Iterable[str],
    since: datetime,
    until: datetime,
    most: int,
    *,
    of_each: bool = False,
) -> tuple[Lately, ...]:
    """What was said in a span and shares a key, what shares most of them first. `of_each`: of one
    person only that which shares most."""
    times = func.count().label("times")
    shared = (
        select(lately_keys.c.post_id, posts.c.person_id, times)
        .join(posts, posts.c.id == lately_keys.c.post_id)
        .where(
            among(tx, lately_keys.c.key, keys),
            lately_keys.c.said_at.between(since, until),
            posts.c.person_id.is_not(None),
        )
        .group_by(lately_keys.c.post_id, posts.c.person_id)
    )
    if of_each:
        ordered = shared.add_columns(
            func.row_number()
            .over(
                partition_by=posts.c.person_id,
                order_by=(func.count().desc(), lately_keys.c.post_id.desc()),
            )
            .label("place")
        ).subquery()
        found = select(ordered).where(ordered.c.place == 1)
        found = found.order_by(ordered.c.times.desc(), ordered.c.post_id.desc())
    else:
        found = shared.order_by(func.count().desc(), lately_keys.c.post_id.desc())
    chosen = found.limit(most).subquery()
    rows = tx.conn.execute(
        select(lately_said.c.post_id, chosen.c.person_id, lately_said.c.sketch)
        .join(chosen, chosen.c.post_id == lately_said.c.post_id)
        .order_by(lately_said.c.post_id)
    )
    return tuple(Lately(row.post_id, row.person_id, row.sketch) for row in rows)


def forget_lately(tx: Tx, post_ids: Iterable[int]) -> int:
    """How many were remembered."""
    ids = tuple(post_ids)
    count = 0
    for start in range(0, len(ids), AT_A_TIME):
        some = ids[start : start + AT_A_TIME]
        tx.conn.execute(delete(lately_keys).where(lately_keys.c.post_id.in_(some)))
        count += tx.conn.execute(
            delete(lately_said).where(lately_said.c.post_id.in_(some))
        ).rowcount
    return count


def prune(tx: Tx, before: datetime, most: int) -> int:
    """Let go of what was said before, in a small batch; how many that were."""
    old = select(lately_said.c.post_id).where(lately_said.c.said_at < before).limit(most)
    return forget_lately(tx, tx.conn.execute(old).scalars().all())


def among(tx: Tx, column: Column[str], keys: Iterable[str]) -> ColumnElement[bool]:
    """As `in_`, with all of them in one parameter: to put two dozen into each statement costs more
    than to carry it out."""
    wanted = sorted(keys)
    if tx.postgres:
        return column == any_(literal(wanted, ARRAY(Text)))
    each = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(each.c.value))
