"""Who said what when in the conversations of a period: what waiting and answering are told from.

Only instants, kinds and codes leave here, no words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, exists, func, select, union

from bridge.ledger.belonging import is_copy
from bridge.ledger.periods import Period, of_account, theirs
from bridge.ledger.posts import GONE
from bridge.ledger.service_tables import ratings
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    conversations,
    intents,
    people,
    posts,
    receipts,
    replies,
    reports,
    revisions,
    tickets,
)
from bridge.model import Arrival, Visibility

BY_AGENT, BY_ACT = "send", "act"
"""Kinds of intents at a network. Every other kind is what the bridge says by itself."""


class Who(StrEnum):
    """Who said it: a customer, an agent (wherever they wrote it), or the bridge by itself."""

    CUSTOMER = "customer"
    AGENT = "agent"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said in a conversation. `person` is the customer who said it or who is answered,
    None where it may be any of them. `gone`: its author took it back."""

    conversation: int
    account: str
    network: str
    who: Who
    person: int | None
    visibility: Visibility
    at: datetime
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Solved:
    """A ticket of a conversation; `at` None: it is not solved."""

    conversation: int
    account: str
    since: datetime
    at: datetime | None


def said(tx: Tx, period: Period, account: str = "") -> tuple[Said, ...]:
    """Everything ever said in the conversations in which somebody wrote, or a ticket was solved,
    in the period: only from its beginning can be told what waited for an answer."""
    here = _conversations(tx, period, account)
    return (*_customers(tx, here), *_sent(tx, here), *_elsewhere(tx, here))


def solved(tx: Tx, period: Period, account: str = "") -> tuple[Solved, ...]:
    """All tickets of those conversations, oldest first."""
    rows = tx.conn.execute(
        select(
            tickets.c.conversation_id, conversations.c.account, tickets.c.since, tickets.c.solved_at
        )
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(tickets.c.conversation_id.in_(_conversations(tx, period, account)))
        .order_by(tickets.c.since, tickets.c.ticket_id)
    )
    return tuple(Solved(row.conversation_id, row.account, row.since, row.solved_at) for row in rows)


def _conversations(tx: Tx, period: Period, account: str) -> Select[tuple[int]]:
    written = select(posts.c.conversation_id).where(
        *theirs(tx, period, account), posts.c.conversation_id.is_not(None)
    )
    ended = (
        select(tickets.c.conversation_id)
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(
            tickets.c.solved_at >= period.since,
            tickets.c.solved_at < period.until,
            *of_account(conversations.c.account, account),
        )
    )
    both = union(written, ended).subquery()
    return select(both.c[0])


def _customers(tx: Tx, here: Select[tuple[int]]) -> tuple[Said, ...]:
    """Not what is an answer to our question how satisfied they are: it waits for none."""
    score = exists().where(ratings.c.post_id == posts.c.id)
    rows = tx.conn.execute(
        select(posts, people.c.network)
        .join(people, people.c.id == posts.c.person_id)
        .where(
            posts.c.conversation_id.in_(here),
            posts.c.by_us.is_(False),
            posts.c.kind != "",
            ~score,
        )
        .order_by(posts.c.created_at, posts.c.id)
    )
    return tuple(
        Said(
            row.conversation_id,
            row.account,
            row.network,
            Who.CUSTOMER,
            row.person_id,
            Visibility(row.visibility),
            row.created_at,
            row.state == GONE,
        )
        for row in rows
    )


def _sent(tx: Tx, here: Select[tuple[int]]) -> tuple[Said, ...]:
    """Messages of ours that the network took. When: by its own clock where the message came back
    or the network told of it, else by ours. One that did not arrive, as it told later, is none."""
    own, told, answered = posts.alias("own"), reports.alias("told"), posts.alias("answered")
    lost = reports.alias("lost")
    did_not_arrive = exists().where(
        lost.c.account == receipts.c.far_side,
        lost.c.remote_id == receipts.c.remote_id,
        lost.c.state == Arrival.FAILED,
    )
    rows = tx.conn.execute(
        select(
            intents.c.conversation_id,
            intents.c.kind,
            conversations.c.account,
            people.c.network,
            func.coalesce(own.c.created_at, told.c.at, receipts.c.at).label("at"),
            replies.c.visibility,
            answered.c.person_id,
            answered.c.created_at.label("asked_at"),
        )
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .join(conversations, conversations.c.id == intents.c.conversation_id)
        .join(people, people.c.id == conversations.c.person_id)
        .outerjoin(
            own,
            (own.c.account == receipts.c.far_side)
            & (own.c.network_id == receipts.c.remote_id)
            & own.c.by_us,
        )
        .outerjoin(
            told,
            (told.c.account == receipts.c.far_side)
            & (told.c.remote_id == receipts.c.remote_id)
            & (told.c.state == Arrival.SENT),
        )
        .outerjoin(replies, replies.c.id == intents.c.reply_id)
        .outerjoin(answered, answered.c.id == replies.c.answers)
        .where(
            intents.c.conversation_id.in_(here),
            intents.c.far_side == conversations.c.account,
            intents.c.kind != BY_ACT,
            ~did_not_arrive,
        )
        .order_by(intents.c.id)
    )
    return tuple(
        Said(
            row.conversation_id,
            row.account,
            row.network,
            Who.AGENT if row.kind == BY_AGENT else Who.AUTOMATIC,
            row.person_id,
            Visibility(row.visibility or Visibility.PRIVATE),
            # Clocks differ: an answer is never older than what it answers.
            max(row.at, row.asked_at) if row.asked_at else row.at,
        )
        for row in rows
    )


def _elsewhere(tx: Tx, here: Select[tuple[int]]) -> tuple[Said, ...]:
    """What was answered in the network's own app: posts of the account's own that we did not
    send."""
    rows = tx.conn.execute(
        select(posts, revisions.c.body, people.c.network)
        .join(revisions, revisions.c.post_id == posts.c.id)
        .join(conversations, conversations.c.id == posts.c.conversation_id)
        .join(people, people.c.id == conversations.c.person_id)
        .where(posts.c.conversation_id.in_(here), posts.c.by_us.is_(True), ~is_copy())
        .order_by(posts.c.id, revisions.c.id)
    ).all()
    first = {row.id: row for row in reversed(rows)}
    public = [row for row in first.values() if row.visibility == Visibility.PUBLIC]
    parents = {row.id: str(json.loads(row.body).get("parent_id") or "") for row in public}
    who = _authors(tx, here, frozenset(parents.values()))
    return tuple(
        Said(
            row.conversation_id,
            row.account,
            row.network,
            Who.AGENT,
            who.get((row.account, parents.get(row.id, ""))),
            Visibility(row.visibility),
            row.created_at,
        )
        for row in first.values()
    )


def _authors(
    tx: Tx, here: Select[tuple[int]], wanted: frozenset[str]
) -> dict[tuple[str, str], int]:
    """(account, network's id) of a post of others → who wrote it."""
    if not wanted - {""}:
        return {}
    rows = tx.conn.execute(
        select(posts.c.account, posts.c.network_id, posts.c.person_id).where(
            posts.c.conversation_id.in_(here), posts.c.by_us.is_(False)
        )
    )
    return {
        (row.account, row.network_id): row.person_id for row in rows if row.network_id in wanted
    }
