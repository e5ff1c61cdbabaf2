"""What is counted: what customers wrote, what became of answers, ratings, cost.

Only instants, kinds and codes leave here, no words. Every question is about a period: `since` is
in it, `until` is not. What was begun in it is followed up to now.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bridge.ledger.periods import Period, of_account, theirs
from bridge.ledger.service_tables import holds, ratings
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    conversations,
    costs,
    outcomes,
    people,
    posts,
    replies,
)
from bridge.model import Kind, Outcome, Visibility

FAILED = tuple(
    str(outcome)
    for outcome in (
        Outcome.REFUSED,
        Outcome.EXPIRED,
        Outcome.NEEDS_SIGN_IN,
        Outcome.UNKNOWN,
        Outcome.REJECTED,
    )
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One post of somebody else's. `ticketed`: it went to a ticket."""

    account: str
    network: str
    kind: Kind
    visibility: Visibility
    at: datetime
    ticketed: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """So many replies on an account came to a code; `later` of them arrived after all."""

    account: str
    outcome: Outcome
    code: str
    replies: int
    later: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Millionths of a dollar that a day (in UTC, as YYYY-MM-DD) has cost, and for what."""

    account: str
    day: str
    what: str
    times: int
    millionths: int


@dataclass(frozen=True, slots=True)
class Rated:
    """How satisfied customers of an account were: score → how many gave it."""

    account: str
    asked: int
    scores: tuple[tuple[int, int], ...]


def heard(tx: Tx, period: Period, account: str = "") -> tuple[Heard, ...]:
    """What others said in a period, by the networks' clocks. `account` "" means every one."""
    rows = tx.conn.execute(
        select(
            posts.c.account,
            people.c.network,
            posts.c.kind,
            posts.c.visibility,
            posts.c.created_at,
            posts.c.conversation_id,
        )
        .join(people, people.c.id == posts.c.person_id)
        .where(*theirs(tx, period, account))
        .order_by(posts.c.created_at, posts.c.id)
    )
    return tuple(
        Heard(
            row.account,
            row.network,
            Kind(row.kind),
            Visibility(row.visibility),
            row.created_at,
            row.conversation_id is not None,
        )
        for row in rows
    )


def failures(tx: Tx, period: Period, account: str = "") -> tuple[Failure, ...]:
    """Each reply once for each code that it came to in the period."""
    rows = tx.conn.execute(
        select(
            conversations.c.account,
            outcomes.c.outcome,
            outcomes.c.code,
            func.count(replies.c.id.distinct()).label("replies"),
            func.count(replies.c.id.distinct())
            .filter(replies.c.outcome == Outcome.DELIVERED)
            .label("later"),
        )
        .join(replies, replies.c.id == outcomes.c.reply_id)
        .join(conversations, conversations.c.id == replies.c.conversation_id)
        .where(
            outcomes.c.intent_id.is_(None),  # what became of the reply, not of one try of a part
            outcomes.c.outcome.in_(FAILED),
            outcomes.c.at >= period.since,
            outcomes.c.at < period.until,
            *of_account(conversations.c.account, account),
        )
        .group_by(conversations.c.account, outcomes.c.outcome, outcomes.c.code)
        .order_by(conversations.c.account, outcomes.c.code)
    )
    return tuple(
        Failure(row.account, Outcome(row.outcome), row.code, row.replies, row.later) for row in rows
    )


def held(tx: Tx, period: Period, account: str = "") -> dict[tuple[str, str], int]:
    """(account, what became of the hold) → how many replies were held back in the period."""
    rows = tx.conn.execute(
        select(conversations.c.account, holds.c.state, func.count())
        .join(replies, replies.c.id == holds.c.reply_id)
        .join(conversations, conversations.c.id == replies.c.conversation_id)
        .where(
            holds.c.held_at >= period.since,
            holds.c.held_at < period.until,
            *of_account(conversations.c.account, account),
        )
        .group_by(conversations.c.account, holds.c.state)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def rated(tx: Tx, period: Period, account: str = "") -> tuple[Rated, ...]:
    """By account: who was asked in the period, and the scores that were given in it."""
    scores: dict[str, dict[int, int]] = defaultdict(dict)
    asked = tx.tally(
        ratings.c.account,
        ratings.c.asked_at >= period.since,
        ratings.c.asked_at < period.until,
        *of_account(ratings.c.account, account),
    )
    for name, score, times in tx.conn.execute(
        select(ratings.c.account, ratings.c.score, func.count())
        .where(
            ratings.c.answered_at >= period.since,
            ratings.c.answered_at < period.until,
            ratings.c.score.is_not(None),
            *of_account(ratings.c.account, account),
        )
        .group_by(ratings.c.account, ratings.c.score)
    ):
        scores[name][score] = times
    return tuple(
        Rated(name, asked.get(name, 0), tuple(sorted(scores[name].items())))
        for name in sorted({*asked, *scores})
    )


def spent(tx: Tx, period: Period, account: str = "") -> tuple[Spent, ...]:
    """Whole days, as they are called in the period's own zone: costs are kept by days of UTC, and
    the part of a day that lies in another one cannot be told."""
    rows = tx.conn.execute(
        select(costs)
        .where(
            costs.c.day >= period.since.strftime("%Y-%m-%d"),
            costs.c.day < period.until.strftime("%Y-%m-%d"),
            *of_account(costs.c.account, account),
        )
        .order_by(costs.c.day, costs.c.account, costs.c.what)
    )
    return tuple(
        Spent(row.account, row.day, row.what, int(row.times), int(row.millionths)) for row in rows
    )
