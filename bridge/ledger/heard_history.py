"""What was heard on the networks, as interactions of the customer history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from bridge.ledger import legible
from bridge.ledger.changes import Ref
from bridge.ledger.posts import GONE
from bridge.ledger.shapes import post_from_json
from bridge.ledger.store import Tx
from bridge.ledger.tables import conversations, intents, posts, receipts, reports, revisions
from bridge.records import Direction, InteractionRecord, Record, Type, Why

Alive = Mapping[int, Ref]
"""The ledger's number of each → its latest change."""


def posts_of(tx: Tx, alive: Alive) -> dict[str, Record]:
    versions: dict[int, list[Row[Any]]] = {}
    for row in tx.conn.execute(
        select(revisions).where(revisions.c.post_id.in_(alive)).order_by(revisions.c.id)
    ):
        versions.setdefault(row.post_id, []).append(row)
    rows = tx.conn.execute(
        select(posts, conversations.c.person_id.label("host_id"))
        .outerjoin(conversations, conversations.c.id == posts.c.conversation_id)
        .where(posts.c.id.in_(alive))
    ).all()
    standing = _standing(tx, list(alive))
    copies = _copies(tx, [row.id for row in rows if row.by_us])
    found: dict[str, Record] = {}
    for row in rows:
        mine = versions.get(row.id)
        if not mine:
            continue  # its first version comes in the transaction that made it
        ref = alive[row.id]
        if row.id in copies:
            found[ref.id] = InteractionRecord(
                id=ref.id,
                type=Type.POST,
                replaced_by=copies[row.id],
                deleted=True,
                deleted_at=ref.gone_at or ref.at,
                deleted_reason=Why.DUPLICATE,
            )
            continue
        body = max(mine, key=lambda each: (each.revision, each.id)).body
        post = legible.read(post_from_json, body, ref.id)
        whose = row.host_id if row.by_us else row.person_id
        on = standing.get(row.id)
        record = InteractionRecord(
            id=ref.id,
            type=Type.POST,
            kind=row.kind,
            account=row.account,
            platform_message_id=row.network_id,
            thread_id=row.thread_id,
            direction=Direction.OUTGOING if row.by_us else Direction.INCOMING,
            visibility=row.visibility,
            identity_id=f"identity_{whose}" if whose else "",
            conversation_id=conversation_id(row.conversation_id),
            ticket_system=system(on.far_side) if on else "",
            ticket_id=on.ticket_id if on else "",
            because=row.because if post else legible.BROKEN,
            revisions=len(mine),
            created_at=row.created_at,
            edited_at=max(each.received_at for each in mine) if len(mine) > 1 else None,
        )
        if post:
            record = replace(
                record,
                platform=post.network,
                platform_user_id=post.author.id,
                in_reply_to=post.parent_id,
                external_url=post.permalink,
                subject=post.subject,
                text=post.text,
                language=post.language,
                media=post.media,
                author=post.author.name or post.author.handle,
            )
        if row.state == GONE:
            record = replace(
                record,
                text="",
                subject="",
                media=(),
                deleted=True,
                deleted_at=ref.gone_at or ref.at,
                deleted_reason=Why.PLATFORM,
            )
        found[ref.id] = record
    return found


def _standing(tx: Tx, ids: list[int]) -> dict[int, Any]:
    """On which ticket each post stands, of those that stand on one."""
    rows = tx.conn.execute(
        select(posts.c.id, intents.c.ticket_id, intents.c.far_side)
        .join(intents, intents.c.conversation_id == posts.c.conversation_id)
        .join(
            receipts,
            (receipts.c.intent_id == intents.c.id) & (receipts.c.remote_id == posts.c.comment_id),
        )
        .where(
            posts.c.id.in_(ids),
            posts.c.comment_id != "",
            intents.c.far_side.startswith("helpdesk:"),
        )
    )
    return {row.id: row for row in rows.all()}


def _copies(tx: Tx, ours: list[int]) -> dict[int, str]:
    """Our own posts that are messages we sent, and the interaction that tells of each already."""
    asked = select(posts.c.id.label("post_id"), intents.c.reply_id, intents.c.kind, intents.c.id)
    by_mark = (
        asked.join(
            reports,
            (reports.c.account == posts.c.account) & (reports.c.remote_id == posts.c.network_id),
        )
        .join(intents, intents.c.key == reports.c.mark)
        .where(posts.c.id.in_(ours), reports.c.mark != "")
    )
    by_receipt = (
        asked.join(
            receipts,
            (receipts.c.far_side == posts.c.account) & (receipts.c.remote_id == posts.c.network_id),
        )
        .join(intents, intents.c.id == receipts.c.intent_id)
        .where(posts.c.id.in_(ours))
    )
    return {
        row.post_id: f"reply_{row.reply_id}" if row.reply_id else f"{row.kind}_{row.id}"
        for each in (by_mark, by_receipt)
        for row in tx.conn.execute(each)
    }


def conversation_id(number: int | None) -> str:
    return f"conversation_{number}" if number else ""


def system(far_side: str | None) -> str:
    return (far_side or "").removeprefix("helpdesk:")
