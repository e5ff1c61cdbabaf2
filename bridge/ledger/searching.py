"""Finding conversations: by who wrote, by ticket, by a network's id or link, by words.

Everything but names and words is found by an index. Those are looked for among people met last,
in the newest versions of posts and in the newest replies only (`FAR_BACK` of each): LIKE reads each
one of them. Upper and lower case are the same for ASCII letters; others must be written as they
were.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from bridge.ledger import replies, steps
from bridge.ledger.periods import heard_on
from bridge.ledger.sequences import below_newest
from bridge.ledger.shapes import draft_from_json, post_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    accounts,
    conversations,
    intents,
    people,
    posts,
    receipts,
    revisions,
    tickets,
)
from bridge.ledger.tables import replies as reply_rows
from bridge.ledger.tables import steps as step_rows
from bridge.model import Outcome

LANE = "conversation:"
FAR_BACK = 100_000
MOST_FOUND = 500
EXCERPT = 160

UNDELIVERED, HELD, SET_ASIDE, WAITING, NO_TICKET = (
    "undelivered",
    "held",
    "set aside",
    "waiting",
    "no ticket",
)
STATES = (UNDELIVERED, HELD, SET_ASIDE, WAITING, NO_TICKET)


@dataclass(frozen=True, slots=True)
class Search:
    """`text` is what somebody typed, "" for everything. `before` is where the page above ended:
    the last conversation's last word and number."""

    text: str = ""
    account: str = ""
    state: str = ""
    before: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One conversation in a list. `excerpt` is from the newest post, "" where there is none."""

    id: int
    account: str
    network: str
    handle: str
    name: str
    ticket_id: str
    last_word_at: datetime
    excerpt: str
    kind: str
    visibility: str
    troubles: tuple[str, ...]


def find(tx: Tx, search: Search, most: int) -> tuple[Found, ...]:
    """Those with the latest word first."""
    wanted: list[ColumnElement[bool]] = []
    if search.text.strip():
        wanted.append(conversations.c.id.in_(matching(tx, search.text.strip())))
    if search.account:
        wanted.append(conversations.c.account == search.account)
    if search.state:
        wanted.append(_in_state(search.state))
    if search.before is not None:
        at, number = search.before
        wanted.append(
            or_(
                conversations.c.last_word_at < at,
                and_(conversations.c.last_word_at == at, conversations.c.id < number),
            )
        )
    rows = tx.conn.execute(
        select(conversations, people.c.network, people.c.handle, people.c.name)
        .join(people, people.c.id == conversations.c.person_id)
        .where(*wanted)
        .order_by(conversations.c.last_word_at.desc(), conversations.c.id.desc())
        .limit(most)
    ).all()
    ids = [row.id for row in rows]
    last = _last_posts(tx, ids)
    troubled = {state: _having(tx, ids, state) for state in (UNDELIVERED, HELD, SET_ASIDE)}
    return tuple(
        Found(
            id=row.id,
            account=row.account,
            network=row.network,
            handle=row.handle,
            name=row.name,
            ticket_id=row.ticket_id,
            last_word_at=row.last_word_at,
            excerpt=last.get(row.id, ("", "", ""))[0],
            kind=last.get(row.id, ("", "", ""))[1],
            visibility=last.get(row.id, ("", "", ""))[2],
            troubles=tuple(state for state, having in troubled.items() if row.id in having),
        )
        for row in rows
    )


def matching(tx: Tx, text: str) -> list[int]:
    """The conversations in which what was typed stands, at most `MOST_FOUND`, the newest first."""
    found: set[int] = set()
    for question in (*_exact(tx, text), *_by_person(text)):
        found.update(tx.conn.execute(question.limit(MOST_FOUND)).scalars())
    if len(text) > 1 or not text.isascii():
        found.update(_by_words(tx, text))
    return sorted(filter(None, found), reverse=True)[:MOST_FOUND]


def _exact(tx: Tx, text: str) -> list[Select[int]]:
    """A ticket, a number of ours, a network's id, or a link that ends in one."""
    number = text.removeprefix("#")
    last = text.partition("?")[0].rstrip("/").rpartition("/")[2] if "/" in text else text
    names = {text, last}
    sides = {*heard_on(tx), *tx.conn.execute(select(accounts.c.name)).scalars()}
    asked: list[Select[int]] = [
        select(tickets.c.conversation_id).where(tickets.c.ticket_id == number),
        select(conversations.c.id).where(conversations.c.external_id == text),
        select(posts.c.conversation_id).where(
            posts.c.network_id.in_(names), posts.c.conversation_id.is_not(None)
        ),
        select(intents.c.conversation_id)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(receipts.c.far_side.in_(sides), receipts.c.remote_id.in_(names)),
        select(intents.c.conversation_id)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .where(receipts.c.permalink == text, receipts.c.permalink != literal_column("''")),
    ]
    kind, sign, of = text.partition(":")
    if sign and kind == "conversation" and of.isdecimal() and len(of) < 18:
        asked.append(select(conversations.c.id).where(conversations.c.id == int(of)))
    return asked


def _by_person(text: str) -> list[Select[int]]:
    """Whose handle or name has it, as the one who began or who wrote a post."""
    part = _like(text.removeprefix("@"))
    who = (
        select(people.c.id)
        .where(
            people.c.id > below_newest(people, FAR_BACK),
            or_(people.c.handle.ilike(part, escape="\\"), people.c.name.ilike(part, escape="\\")),
        )
        .order_by(people.c.seen_at.desc())
        .limit(MOST_FOUND)
        .scalar_subquery()
    )
    return [
        select(conversations.c.id)
        .where(conversations.c.person_id.in_(who))
        .order_by(conversations.c.id.desc()),
        select(posts.c.conversation_id)
        .where(posts.c.person_id.in_(who), posts.c.conversation_id.is_not(None))
        .order_by(posts.c.id.desc()),
    ]


def _by_words(tx: Tx, text: str) -> set[int]:
    """In what was said or is linked: the JSON is searched, then what was found is read."""
    part = _like(json.dumps(text)[1:-1])
    said = text.lower()
    last: int = tx.conn.execute(select(below_newest(revisions, FAR_BACK))).scalar_one()
    rows = tx.conn.execute(
        select(posts.c.conversation_id, revisions.c.body)
        .join(posts, posts.c.id == revisions.c.post_id)
        .where(
            revisions.c.id > last,
            revisions.c.body.ilike(part, escape="\\"),
            posts.c.conversation_id.is_not(None),
        )
        .order_by(revisions.c.id.desc())
        .limit(MOST_FOUND)
    ).all()
    found = {row.conversation_id for row in rows if said in _words_of(row.body)}
    last = tx.conn.execute(select(below_newest(reply_rows, FAR_BACK))).scalar_one()
    answers = tx.conn.execute(
        select(reply_rows.c.conversation_id, reply_rows.c.body)
        .where(
            reply_rows.c.id > last,
            reply_rows.c.body.ilike(part, escape="\\"),
        )
        .order_by(reply_rows.c.id.desc())
        .limit(MOST_FOUND)
    ).all()
    found |= {
        row.conversation_id for row in answers if said in draft_from_json(row.body).text.lower()
    }
    return found


def _words_of(body: str) -> str:
    post = post_from_json(body)
    return "\n".join((post.text, post.subject, post.permalink)).lower()


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _in_state(state: str) -> ColumnElement[bool]:
    """A condition on a conversation. Raises `KeyError` for a state that is none of `STATES`."""
    here = conversations.c.id
    return {
        UNDELIVERED: here.in_(
            select(reply_rows.c.conversation_id).where(
                reply_rows.c.outcome.in_(replies.UNDELIVERED), replies.IS_NOT_OUT
            )
        ),
        HELD: here.in_(
            select(reply_rows.c.conversation_id).where(
                reply_rows.c.outcome == Outcome.HELD, replies.IS_NOT_OUT
            )
        ),
        SET_ASIDE: here.in_(_in_lanes(steps.IS_SET_ASIDE)),
        WAITING: here.in_(_in_lanes(steps.IS_OPEN)),
        NO_TICKET: conversations.c.ticket_id == "",
    }[state]


def _in_lanes(which: ColumnElement[bool]) -> Select[int]:
    """The conversations that have such a step. Read from the steps' side: they are few."""
    number = cast(func.substr(step_rows.c.lane, len(LANE) + 1), BigInteger)
    return select(number).where(which, func.substr(step_rows.c.lane, 1, len(LANE)) == LANE)


def _having(tx: Tx, ids: list[int], state: str) -> frozenset[int]:
    rows = tx.conn.execute(
        select(conversations.c.id).where(conversations.c.id.in_(ids), _in_state(state))
    )
    return frozenset(rows.scalars())


def _last_posts(tx: Tx, ids: list[int]) -> dict[int, tuple[str, str, str]]:
    """Conversation → (excerpt, kind, visibility) of its newest post."""
    newest = (
        select(func.max(posts.c.id))
        .where(posts.c.conversation_id.in_(ids), posts.c.kind != "")
        .group_by(posts.c.conversation_id)
    )
    last = list(tx.conn.execute(newest).scalars())
    rows = tx.conn.execute(
        select(
            posts.c.conversation_id,
            posts.c.kind,
            posts.c.visibility,
            posts.c.state,
            revisions.c.body,
        )
        .join(revisions, revisions.c.post_id == posts.c.id)
        .where(posts.c.id.in_(last))
        .order_by(revisions.c.revision, revisions.c.id)
    )
    told = {}
    for row in rows:
        post = post_from_json(row.body)
        words = " ".join((post.text or post.subject).split())
        excerpt = words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1]}…"
        told[row.conversation_id] = (excerpt, row.kind, row.visibility)
    return told


def reaches_back(tx: Tx) -> bool:
    """Whether there are versions of posts so old that their words are not looked for."""
    last: int = tx.conn.execute(select(below_newest(revisions, FAR_BACK))).scalar_one()
    return last > 0
