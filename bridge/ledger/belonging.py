"""Whose each record of the customer history is, in which conversation, and whether it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, exists, func, literal, null, or_, select

from bridge.ledger import legible
from bridge.ledger.crm_tables import customer_links, merges
from bridge.ledger.portions import portions
from bridge.ledger.posts import GONE
from bridge.ledger.service_tables import ratings
from bridge.ledger.shapes import Draft, draft_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    conversations,
    intents,
    people,
    posts,
    receipts,
    replies,
    reports,
)
from bridge.model import OURSELVES
from bridge.records import Why

Named = tuple[str, int]
"""A record's kind and the ledger's own number of it."""

_ADDRESSED = ("notice", "automatic")


@dataclass(frozen=True, slots=True)
class Belongs:
    """`gone` is why, for what still has its row; "" for what is there."""

    person_id: int | None = None
    conversation_id: int | None = None
    gone: str = ""


def by_kind(refs: Iterable[Named]) -> Iterator[tuple[str, list[int]]]:
    """(kind, numbers), a few hundred at a time: databases bind only so many."""
    numbers: dict[str, list[int]] = {}
    for kind, number in refs:
        numbers.setdefault(kind, []).append(number)
    for kind, wanted in numbers.items():
        for some in portions(wanted):
            yield kind, list(some)


def of(tx: Tx, refs: Iterable[Named]) -> dict[Named, Belongs]:
    """What has no row, or none that a CRM is told of, is not among them."""
    found: dict[Named, Belongs] = {}
    for kind, numbers in by_kind(refs):
        to = addressees(tx, _drafts(tx, kind, numbers)) if kind in _ADDRESSED else {}
        for row in tx.conn.execute(_ASKED[kind](numbers)):
            found[kind, row[0]] = Belongs(to.get(row[0], row[1]), row[2], row[3])
    return found


def addressees(tx: Tx, drafts: Mapping[int, Draft | None]) -> dict[int, int]:
    """To whom each text of the bridge's own was said, by its intent: in a thread of several people
    not always who began it. Those whose body cannot be read are left out."""
    to = {number: draft.to for number, draft in drafts.items() if draft}
    if not to:
        return {}
    known = {
        (row.network, row.network_id): row.id
        for row in tx.conn.execute(
            select(people.c.id, people.c.network, people.c.network_id).where(
                people.c.network.in_({each.network for each in to.values()}),
                people.c.network_id.in_({each.id for each in to.values()}),
            )
        )
    }
    return {
        number: known[each.network, each.id]
        for number, each in to.items()
        if (each.network, each.id) in known
    }


def _drafts(tx: Tx, kind: str, intent_ids: list[int]) -> dict[int, Draft | None]:
    rows = tx.conn.execute(select(intents.c.id, intents.c.body).where(intents.c.id.in_(intent_ids)))
    return {row.id: legible.read(draft_from_json, row.body, f"{kind}_{row.id}") for row in rows}


def is_copy() -> Any:
    """Whether a post of the account's own is a message of ours that came back."""
    mark = reports.alias("mark")
    return or_(
        exists().where(
            receipts.c.far_side == posts.c.account, receipts.c.remote_id == posts.c.network_id
        ),
        exists().where(
            mark.c.account == posts.c.account,
            mark.c.remote_id == posts.c.network_id,
            mark.c.mark != "",
            mark.c.mark == intents.c.key,
        ),
    )


def is_us() -> Any:
    """Whether somebody is the brand or the bridge itself: they are nobody's customer."""
    return or_(
        people.c.network == OURSELVES,
        exists().where(posts.c.person_id == people.c.id, posts.c.by_us),
    )


def _customers_own() -> Any:
    """Not the tickets in which the bridge tells an ops group of its own troubles."""
    return conversations.c.account.not_like("helpdesk:%")


def _identities(ids: list[int]) -> Select[Any]:
    return select(people.c.id, people.c.id, null(), literal("")).where(
        people.c.id.in_(ids), ~is_us()
    )


def _customers(ids: list[int]) -> Select[Any]:
    own = select(people.c.id).where(people.c.id.in_(ids), ~is_us())
    others = (
        select(customer_links.c.customer_id)
        .join(people, people.c.id == customer_links.c.person_id)
        .where(customer_links.c.customer_id.in_(ids))
    )
    both = own.union(others).subquery()
    return select(both.c[0], both.c[0], null(), literal(""))


def _conversations(ids: list[int]) -> Select[Any]:
    return select(
        conversations.c.id, conversations.c.person_id, conversations.c.id, literal("")
    ).where(conversations.c.id.in_(ids), _customers_own())


def _posts(ids: list[int]) -> Select[Any]:
    """A removal that came before its post has no kind: there is nothing to tell."""
    gone = case(
        (posts.c.by_us & is_copy(), literal(str(Why.DUPLICATE))),
        (posts.c.state == GONE, literal(str(Why.PLATFORM))),
        else_=literal(""),
    )
    whose = case((posts.c.by_us, conversations.c.person_id), else_=posts.c.person_id)
    return (
        select(posts.c.id, whose, posts.c.conversation_id, gone)
        .outerjoin(conversations, conversations.c.id == posts.c.conversation_id)
        .where(posts.c.id.in_(ids), posts.c.kind != "")
    )


def _replies(ids: list[int]) -> Select[Any]:
    """Not agents' notes: no word of them is kept."""
    return (
        select(
            replies.c.id,
            func.coalesce(posts.c.person_id, conversations.c.person_id),
            replies.c.conversation_id,
            literal(""),
        )
        .join(conversations, conversations.c.id == replies.c.conversation_id)
        .outerjoin(posts, posts.c.id == replies.c.answers)
        .where(replies.c.id.in_(ids), replies.c.visibility != "", _customers_own())
    )


def _intents(kind: str) -> Callable[[list[int]], Select[Any]]:
    def asked(ids: list[int]) -> Select[Any]:
        return (
            select(intents.c.id, conversations.c.person_id, intents.c.conversation_id, literal(""))
            .join(conversations, conversations.c.id == intents.c.conversation_id)
            .where(intents.c.id.in_(ids), intents.c.kind == kind, _customers_own())
        )

    return asked


def _ratings(ids: list[int]) -> Select[Any]:
    """One that was not asked for yet is none."""
    return (
        select(ratings.c.id, conversations.c.person_id, ratings.c.conversation_id, literal(""))
        .join(conversations, conversations.c.id == ratings.c.conversation_id)
        .where(ratings.c.id.in_(ids), ratings.c.asked_at.is_not(None), _customers_own())
    )


def _merges(ids: list[int]) -> Select[Any]:
    return select(merges.c.id, merges.c.person_id, null(), literal("")).where(merges.c.id.in_(ids))


_ASKED: dict[str, Callable[[list[int]], Select[Any]]] = {
    "identity": _identities,
    "customer": _customers,
    "conversation": _conversations,
    "post": _posts,
    "reply": _replies,
    "notice": _intents("notice"),
    "automatic": _intents("automatic"),
    "note": _intents("note"),
    "rating": _ratings,
    "merge": _merges,
}
