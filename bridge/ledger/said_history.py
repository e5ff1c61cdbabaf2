"""What was answered, tried and told, as interactions of the customer history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from bridge.ledger import heard_history, legible
from bridge.ledger.belonging import addressees
from bridge.ledger.heard_history import Alive, conversation_id, system
from bridge.ledger.service_tables import ratings
from bridge.ledger.shapes import Draft, draft_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import (
    conversations,
    intents,
    outcomes,
    people,
    posts,
    receipts,
    replies,
    reports,
)
from bridge.model import Visibility
from bridge.records import Direction, InteractionRecord, Record, Type

INTERNAL = "internal"


def interactions(
    tx: Tx, kind: str, alive: Alive, note_text: Callable[[str], str]
) -> dict[str, Record]:
    if kind == "post":
        return heard_history.posts_of(tx, alive)
    if kind == "reply":
        return _replies(tx, alive)
    if kind == "rating":
        return _ratings(tx, alive)
    return _intents(tx, alive, kind, note_text)


def _replies(tx: Tx, alive: Alive) -> dict[str, Record]:
    answered = posts.alias("answered")
    rows = tx.conn.execute(
        select(
            replies,
            answered.c.person_id.label("asked_by"),
            answered.c.visibility.label("asked"),
            conversations.c.person_id.label("host_id"),
            conversations.c.account,
        )
        .join(conversations, conversations.c.id == replies.c.conversation_id)
        .outerjoin(answered, answered.c.id == replies.c.answers)
        .where(replies.c.id.in_(alive), replies.c.visibility != "")
    ).all()
    sent = _sent(tx, intents.c.reply_id, [row.id for row in rows])
    reasons = _latest(tx, outcomes.c.reply_id, [row.id for row in rows])
    arrivals = _arrivals(tx, [row.id for row in rows])
    found: dict[str, Record] = {}
    for row in rows:
        parts = sent.get(row.id, [])
        ref = alive[row.id]
        draft = legible.read(draft_from_json, row.body, ref.id)
        record = InteractionRecord(
            id=ref.id,
            type=Type.REPLY,
            kind=str(draft.answers or "") if draft else "",
            account=row.account,
            platform_message_id=parts[0].remote_id if parts else "",
            external_url=parts[0].permalink if parts else "",
            direction=Direction.OUTGOING,
            visibility=row.visibility,
            identity_id=f"identity_{row.asked_by or row.host_id}",
            conversation_id=conversation_id(row.conversation_id),
            ticket_system=system(row.helpdesk),
            ticket_id=row.ticket_id,
            author=row.author_name,
            agent_id=row.author_id,
            outcome=row.outcome,
            because=reasons[row.id].because if row.id in reasons else "",
            answers=f"post_{row.answers}" if row.answers else "",
            handover=row.asked == Visibility.PUBLIC and row.visibility == Visibility.PRIVATE,
            parts=tuple(each.remote_id for each in parts),
            arrival=arrivals.get(parts[0].intent_id, "") if parts else "",
            created_at=row.written_at,
        )
        found[ref.id] = _worded(record, draft)
    return found


def _worded(record: InteractionRecord, draft: Draft | None) -> InteractionRecord:
    """With what is written in its frozen body, where that can be read."""
    if draft is None:
        return replace(record, because=legible.BROKEN)
    return replace(
        record,
        platform=draft.to.network,
        platform_user_id=draft.to.id,
        account=draft.account,
        thread_id=draft.thread_id,
        in_reply_to=draft.in_reply_to,
        text=draft.text,
        language=draft.language,
    )


def _latest(tx: Tx, column: Any, ids: list[int]) -> dict[int, Row[Any]]:
    """What is believed of each, by `column` of its outcomes, and why."""
    rows = tx.conn.execute(
        select(column.label("of"), outcomes.c.outcome, outcomes.c.because)
        .where(column.in_(ids))
        .order_by(outcomes.c.id)
    )
    return {row.of: row for row in rows.all()}


def _sent(tx: Tx, column: Any, ids: list[int]) -> dict[int, list[Row[Any]]]:
    """What the network took, by what `column` of its intent says, in the order of sending."""
    rows = tx.conn.execute(
        select(column.label("of"), receipts)
        .join(intents, intents.c.id == receipts.c.intent_id)
        .where(column.in_(ids), ~receipts.c.far_side.startswith("helpdesk:"))
        .order_by(intents.c.id)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.of, []).append(row)
    return found


def _arrivals(tx: Tx, reply_ids: list[int]) -> dict[int, str]:
    """The network's latest word on each part of these, by its intent, where it sends any."""
    rows = tx.conn.execute(
        select(intents.c.id, reports.c.state)
        .join(receipts, receipts.c.intent_id == intents.c.id)
        .join(
            reports,
            (reports.c.account == receipts.c.far_side)
            & (reports.c.remote_id == receipts.c.remote_id),
        )
        .where(intents.c.reply_id.in_(reply_ids))
        .order_by(reports.c.id)
    )
    return {row.id: row.state for row in rows}


def _intents(tx: Tx, alive: Alive, kind: str, note_text: Callable[[str], str]) -> dict[str, Record]:
    """What the bridge said by itself: to a customer, or to the agents on the ticket."""
    rows = tx.conn.execute(
        select(
            intents,
            conversations.c.person_id,
            conversations.c.account,
            people.c.network,
            people.c.network_id,
        )
        .join(conversations, conversations.c.id == intents.c.conversation_id)
        .join(people, people.c.id == conversations.c.person_id)
        .where(intents.c.id.in_(alive), intents.c.kind == kind)
    ).all()
    had = {
        row.intent_id: row
        for row in tx.conn.execute(select(receipts).where(receipts.c.intent_id.in_(alive)))
    }
    believed = _latest(tx, outcomes.c.intent_id, list(alive))
    drafts = {
        row.id: legible.read(draft_from_json, row.body, alive[row.id].id)
        for row in rows
        if kind != Type.NOTE
    }
    to = addressees(tx, drafts)
    found: dict[str, Record] = {}
    for row in rows:
        ref = alive[row.id]
        receipt, outcome = had.get(row.id), believed.get(row.id)
        common = InteractionRecord(
            id=ref.id,
            type=kind,
            account=row.account,
            platform=row.network,
            platform_user_id=row.network_id,
            identity_id=f"identity_{to.get(row.id, row.person_id)}",
            conversation_id=conversation_id(row.conversation_id),
            ticket_id=row.ticket_id,
            outcome=outcome.outcome if outcome else "",
            because=outcome.because if outcome else "",
            created_at=row.made_at,
        )
        if kind == Type.NOTE:
            found[ref.id] = replace(
                common,
                direction=Direction.INTERNAL,
                visibility=INTERNAL,
                ticket_system=system(row.far_side),
                text=note_text(row.body),
            )
            continue
        draft = drafts[row.id]
        record = replace(
            common,
            platform_message_id=receipt.remote_id if receipt else "",
            external_url=receipt.permalink if receipt else "",
            direction=Direction.OUTGOING,
            # Nobody is told more than may be, whatever it was.
            visibility=str(draft.visibility if draft else Visibility.PRIVATE),
        )
        found[ref.id] = _worded(record, draft)
    return found


def _ratings(tx: Tx, alive: Alive) -> dict[str, Record]:
    rows = tx.conn.execute(
        select(ratings, conversations.c.person_id, people.c.network, people.c.network_id)
        .join(conversations, conversations.c.id == ratings.c.conversation_id)
        .join(people, people.c.id == conversations.c.person_id)
        .where(ratings.c.id.in_(alive))
    )
    return {
        alive[row.id].id: InteractionRecord(
            id=alive[row.id].id,
            type=Type.RATING,
            account=row.account,
            platform=row.network,
            platform_user_id=row.network_id,
            direction=Direction.INCOMING if row.answered_at else Direction.OUTGOING,
            visibility=Visibility.PRIVATE,
            identity_id=f"identity_{row.person_id}",
            conversation_id=conversation_id(row.conversation_id),
            ticket_system=system(row.helpdesk),
            ticket_id=row.ticket_id,
            answers=f"post_{row.post_id}" if row.post_id else "",
            score=row.score,
            created_at=row.answered_at or row.asked_at,
        )
        for row in rows
    }
