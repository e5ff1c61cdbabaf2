"""What there is to tell of a storm: how many, who, where, and a few samples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, func, select, update

from bridge.ledger.people import from_row
from bridge.ledger.posts import GONE, LIVE
from bridge.ledger.store import Tx
from bridge.ledger.storm_tables import storm_posts, storms
from bridge.ledger.storms import BESIDE, FOLDED, LEFT
from bridge.ledger.tables import conversations, people, posts
from bridge.model import Person


@dataclass(frozen=True, slots=True)
class Tally:
    """`posts` were folded; `removed` of them are gone from the network. `people` wrote them, with
    `reach` followers together as far as is known. `accounts` are (account, how many of them).
    `left` were folded besides, and have tickets of their own since."""

    posts: int
    removed: int
    people: int
    reach: int
    accounts: tuple[tuple[str, int], ...]
    last_at: datetime | None
    left: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One post that was folded, as the list of a storm names it. `has_ticket`: of its own, since it
    was edited or taken out."""

    post_id: int
    account: str
    network_id: str
    author: Person
    said_at: datetime
    is_gone: bool
    has_ticket: bool


def show(tx: Tx, post_ids: tuple[int, ...]) -> tuple[int, ...]:
    """The words of these posts are about to stand on the incident's ticket: of those that still
    are folded and stand. Whoever removes one at this moment is seen here, or sees that it is
    shown (`member_still`)."""
    tx.conn.execute(
        update(storm_posts).where(storm_posts.c.post_id.in_(post_ids)).values(shown=True)
    )
    stands = set(
        tx.conn.execute(
            select(posts.c.id)
            .join(storm_posts, storm_posts.c.post_id == posts.c.id)
            .where(posts.c.id.in_(post_ids), posts.c.state == LIVE, storm_posts.c.state == FOLDED)
        ).scalars()
    )
    return tuple(each for each in post_ids if each in stands)


def tally(tx: Tx, storm_id: int) -> Tally:
    here = and_(storm_posts.c.storm_id == storm_id, storm_posts.c.state == FOLDED)
    rows = tx.conn.execute(
        select(
            posts.c.account,
            func.count(),
            func.count(case((posts.c.state == GONE, 1))),
            func.max(storm_posts.c.joined_at),
        )
        .join(posts, posts.c.id == storm_posts.c.post_id)
        .where(here)
        .group_by(posts.c.account)
        .order_by(func.count().desc(), posts.c.account)
    ).all()
    wrote = select(storm_posts.c.person_id).where(here)
    who = tx.conn.execute(
        select(func.count(), func.coalesce(func.sum(people.c.followers), 0)).where(
            people.c.id.in_(wrote)
        )
    ).one()
    left: int = tx.conn.execute(
        select(func.count()).where(storm_posts.c.storm_id == storm_id, storm_posts.c.state == LEFT)
    ).scalar_one()
    return Tally(
        posts=sum(row[1] for row in rows),
        removed=sum(row[2] for row in rows),
        people=who[0],
        reach=int(who[1]),
        accounts=tuple((row[0], row[1]) for row in rows),
        last_at=max((row[3] for row in rows), default=None),
        left=left,
    )


def folded(tx: Tx, storm_id: int) -> tuple[int, datetime | None]:
    """How many posts were folded, and when the newest was."""
    row = tx.conn.execute(
        select(func.count(), func.max(storm_posts.c.joined_at)).where(
            storm_posts.c.storm_id == storm_id, storm_posts.c.state == FOLDED
        )
    ).one()
    return row[0], row[1]


def joined_since(tx: Tx, storm_id: int, since: datetime) -> int:
    """How many were folded since an instant."""
    return tx.conn.execute(
        select(func.count()).where(
            storm_posts.c.storm_id == storm_id,
            storm_posts.c.state == FOLDED,
            storm_posts.c.joined_at > since,
        )
    ).scalar_one()


def samples(tx: Tx, storm_id: int, most: int) -> tuple[int, ...]:
    """Folded posts that still stand: those of the most followed first, the rest the newest. Of one
    person only one."""
    stands = (
        select(storm_posts.c.post_id, storm_posts.c.person_id)
        .join(posts, posts.c.id == storm_posts.c.post_id)
        .join(people, people.c.id == storm_posts.c.person_id)
        .where(
            storm_posts.c.storm_id == storm_id,
            storm_posts.c.state == FOLDED,
            posts.c.state == LIVE,
        )
        .limit(2 * most)
    )
    followed = stands.where(people.c.followers > 0).order_by(
        people.c.followers.desc(), storm_posts.c.post_id
    )
    newest = stands.order_by(storm_posts.c.post_id.desc())
    found: dict[int, int] = {}
    for rows, upto in ((followed, (most + 1) // 2), (newest, most)):
        for row in tx.conn.execute(rows).all():
            if len(found) < upto:
                found.setdefault(row.person_id, row.post_id)
    return tuple(found.values())


def tickets_beside(tx: Tx, storm_id: int) -> tuple[str, ...]:
    """The tickets of what was said before the storm was noticed, as far as they are open yet."""
    rows = tx.conn.execute(
        select(conversations.c.id, conversations.c.ticket_id)
        .where(
            conversations.c.ticket_id != "",
            exists().where(
                storm_posts.c.storm_id == storm_id,
                storm_posts.c.state.in_((BESIDE, LEFT)),
                storm_posts.c.post_id == posts.c.id,
                posts.c.conversation_id == conversations.c.id,
            ),
        )
        .order_by(conversations.c.id)
    )
    return tuple(dict.fromkeys(row.ticket_id for row in rows))


def listed(tx: Tx, storm_id: int, after: int, most: int) -> tuple[Listed, ...]:
    """Who was folded, by the ledger's number of the post; `after` is the last one seen."""
    rows = tx.conn.execute(
        select(
            posts.c.id.label("post_id"),
            posts.c.account,
            posts.c.network_id.label("said_as"),
            posts.c.state,
            storm_posts.c.said_at,
            storm_posts.c.state.label("stands_as"),
            people,
        )
        .select_from(storm_posts)
        .join(posts, posts.c.id == storm_posts.c.post_id)
        .join(people, people.c.id == storm_posts.c.person_id)
        .where(
            storm_posts.c.storm_id == storm_id,
            storm_posts.c.state.in_((FOLDED, LEFT)),
            storm_posts.c.post_id > after,
        )
        .order_by(storm_posts.c.post_id)
        .limit(most)
    )
    return tuple(
        Listed(
            post_id=row.post_id,
            account=row.account,
            network_id=row.said_as,
            author=from_row(row),
            said_at=row.said_at,
            is_gone=row.state == GONE,
            has_ticket=row.stands_as == LEFT,
        )
        for row in rows
    )


def counts(tx: Tx) -> tuple[int, int]:
    """How many storms are open, and how many posts are folded into those."""
    here = storms.c.ended_at.is_(None)
    open_: int = tx.conn.execute(select(func.count()).select_from(storms).where(here)).scalar_one()
    folded_: int = tx.conn.execute(
        select(func.count())
        .select_from(storm_posts)
        .join(storms, storms.c.id == storm_posts.c.storm_id)
        .where(here, storm_posts.c.state == FOLDED)
    ).scalar_one()
    return open_, folded_
