"""All that the ledger knows of one conversation, as the console shows it.

At most `MOST` rows of each kind, the newest: a person reads them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import ColumnElement, Table, or_, select

from bridge.ledger import deadlines
from bridge.ledger.conversations import lane_of
from bridge.ledger.seen import (
    Arrived,
    AskedAct,
    Call,
    Heading,
    Hold,
    Learnt,
    Queued,
    Rating,
    Reported,
    SeenPost,
    SeenReply,
    Trail,
    Version,
    Whole,
)
from bridge.ledger.service_tables import acts, holds, ratings
from bridge.ledger.shapes import draft_from_json, post_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    audit,
    conversations,
    deliveries,
    intents,
    outcomes,
    people,
    posts,
    receipts,
    replies,
    reports,
    revisions,
    steps,
    tickets,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MOST = 400

S = TypeVar("S", bound="DataclassInstance")


def heading(tx: Tx, conversation_id: int) -> Heading | None:
    row = tx.conn.execute(
        select(
            conversations,
            people.c.network,
            people.c.network_id,
            people.c.handle,
            people.c.name,
            people.c.profile_url,
        )
        .join(people, people.c.id == conversations.c.person_id)
        .where(conversations.c.id == conversation_id)
    ).one_or_none()
    if row is None:
        return None
    had = tx.conn.execute(
        select(tickets.c.ticket_id)
        .where(tickets.c.conversation_id == conversation_id)
        .order_by(tickets.c.since, tickets.c.ticket_id)
    ).scalars()
    promised = deadlines.of(tx, conversation_id)
    return Heading(
        id=row.id,
        account=row.account,
        external_id=row.external_id,
        network=row.network,
        person_id=row.network_id,
        handle=row.handle,
        name=row.name,
        profile_url=row.profile_url,
        ticket_id=row.ticket_id,
        tickets=tuple(had),
        opened_at=row.opened_at,
        last_word_at=row.last_word_at,
        reply_by=promised.reply_by if promised else None,
    )


def whole(tx: Tx, conversation_id: int) -> Whole | None:
    """None for a conversation that never was, or was erased."""
    head = heading(tx, conversation_id)
    if head is None:
        return None
    here = conversation_id
    seen = _posts(tx, here)
    answered = _replies(tx, here)
    calls = _calls(tx, here)
    trail = _plainly(tx, Trail, audit, audit.c.conversation_id == here)
    queued = _plainly(tx, Queued, steps, steps.c.lane == lane_of(here))
    counted = {
        "posts": len(seen),
        "replies": len(answered),
        "calls": len(calls),
        "audit lines": len(trail),
        "steps": len(queued),
    }
    return Whole(
        heading=head,
        posts=seen,
        replies=answered,
        calls=calls,
        learnt=_learnt(tx, calls, answered),
        trail=trail,
        steps=queued,
        arrived=_arrived(tx, seen, trail),
        reports=_reports(tx, calls),
        holds=_plainly(tx, Hold, holds, holds.c.reply_id.in_([each.id for each in answered])),
        acts=_plainly(tx, AskedAct, acts, acts.c.conversation_id == here),
        ratings=_plainly(tx, Rating, ratings, ratings.c.conversation_id == here),
        cut=tuple(name for name, count in counted.items() if count >= MOST),
    )


def _newest(tx: Tx, table: Table, *where: ColumnElement[bool]) -> list[int]:
    rows = tx.conn.execute(
        select(table.c.id).where(*where).order_by(table.c.id.desc()).limit(MOST)
    ).scalars()
    return list(rows)


def _plainly(tx: Tx, shape: type[S], table: Table, *where: ColumnElement[bool]) -> tuple[S, ...]:
    """The newest rows, the oldest of them first, each in a shape whose fields are its columns: no
    more is read, a body may be megabytes."""
    columns = [table.c[each.name] for each in fields(shape)]
    rows = tx.conn.execute(
        select(*columns).where(*where).order_by(table.c.id.desc()).limit(MOST)
    ).all()
    return tuple(shape(*row) for row in reversed(rows))


def _posts(tx: Tx, here: int) -> tuple[SeenPost, ...]:
    ids = _newest(tx, posts, posts.c.conversation_id == here)
    told: dict[int, list[Version]] = {}
    for row in tx.conn.execute(
        select(revisions).where(revisions.c.post_id.in_(ids)).order_by(revisions.c.id)
    ):
        version = Version(row.id, post_from_json(row.body), row.received_at, row.delivery_id)
        told.setdefault(row.post_id, []).append(version)
    rows = tx.conn.execute(select(posts).where(posts.c.id.in_(ids)).order_by(posts.c.id))
    return tuple(
        SeenPost(
            id=row.id,
            network_id=row.network_id,
            kind=row.kind,
            visibility=row.visibility,
            by_us=row.by_us,
            state=row.state,
            rule=row.rule,
            because=row.because,
            mapping_revision=row.mapping_revision,
            comment_id=row.comment_id,
            created_at=row.created_at,
            versions=tuple(told.get(row.id, ())),
        )
        for row in rows
    )


def _replies(tx: Tx, here: int) -> tuple[SeenReply, ...]:
    ids = _newest(tx, replies, replies.c.conversation_id == here)
    rows = tx.conn.execute(select(replies).where(replies.c.id.in_(ids)).order_by(replies.c.id))
    return tuple(
        SeenReply(
            id=row.id,
            ticket_id=row.ticket_id,
            comment_id=row.comment_id,
            author=row.author_name,
            text=draft_from_json(row.body).text if row.body else "",
            visibility=row.visibility,
            because=row.because,
            answers=row.answers,
            overruled=row.overruled,
            attempt=row.attempt,
            outcome=row.outcome,
            written_at=row.written_at,
            found_at=row.found_at,
        )
        for row in rows
    )


def _calls(tx: Tx, here: int) -> tuple[Call, ...]:
    ids = _newest(tx, intents, intents.c.conversation_id == here)
    rows = tx.conn.execute(
        select(intents, receipts.c.remote_id, receipts.c.permalink, receipts.c.at)
        .outerjoin(receipts, receipts.c.intent_id == intents.c.id)
        .where(intents.c.id.in_(ids))
        .order_by(intents.c.id)
    )
    return tuple(
        Call(
            id=row.id,
            kind=row.kind,
            far_side=row.far_side,
            reply_id=row.reply_id,
            ticket_id=row.ticket_id,
            state=row.state,
            tries=row.tries,
            made_at=row.made_at,
            tried_at=row.tried_at,
            remote_id=row.remote_id or "",
            permalink=row.permalink or "",
            received_at=row.at,
        )
        for row in rows
    )


def _learnt(tx: Tx, calls: tuple[Call, ...], answered: tuple[SeenReply, ...]) -> tuple[Learnt, ...]:
    of_calls = outcomes.c.intent_id.in_([each.id for each in calls])
    of_replies = outcomes.c.reply_id.in_([each.id for each in answered])
    return _plainly(tx, Learnt, outcomes, or_(of_calls, of_replies))


def _arrived(tx: Tx, seen: tuple[SeenPost, ...], trail: tuple[Trail, ...]) -> tuple[Arrived, ...]:
    """What brought its posts and their changes. The helpdesk's pings say nothing of their own."""
    wanted = {each.delivery_id for post in seen for each in post.versions}
    wanted |= {each.delivery_id for each in trail}
    ids = sorted(each for each in wanted if each is not None)[-MOST:]
    return _plainly(tx, Arrived, deliveries, deliveries.c.id.in_(ids))


def _reports(tx: Tx, calls: tuple[Call, ...]) -> tuple[Reported, ...]:
    ids = [each.remote_id for each in calls if each.remote_id]
    sides = {each.far_side for each in calls}
    return _plainly(
        tx, Reported, reports, reports.c.account.in_(sides), reports.c.remote_id.in_(ids)
    )


def last_events(tx: Tx, most: int) -> tuple[tuple[Trail, int | None], ...]:
    """The newest lines of the audit, with the conversation that each is about."""
    rows = tx.conn.execute(select(audit).order_by(audit.c.id.desc()).limit(most))
    return tuple(
        (Trail(row.at, row.what, row.because, row.delivery_id), row.conversation_id) for row in rows
    )


def brought_by(tx: Tx, delivery_id: int) -> tuple[int, ...]:
    """The conversations that a delivery has something to do with."""
    of_posts = (
        select(posts.c.conversation_id)
        .join(revisions, revisions.c.post_id == posts.c.id)
        .where(revisions.c.delivery_id == delivery_id, posts.c.conversation_id.is_not(None))
    )
    of_trail = select(audit.c.conversation_id).where(
        audit.c.delivery_id == delivery_id, audit.c.conversation_id.is_not(None)
    )
    found = {*tx.conn.execute(of_posts).scalars(), *tx.conn.execute(of_trail).scalars()}
    return tuple(sorted(found))
