"""What a customer said stands on a ticket, and the ledger does not say so yet: after a merge it is
another conversation's lane that has to put it down."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from bridge.ledger import intents
from bridge.ledger import tables as t


def put_down(world: Any, comment_id: str, is_put_down: bool) -> None:
    """As it is before a worker has kept the receipt of it, or after."""
    with world.bridge.ledger.writing() as tx:
        (key,) = tx.conn.execute(
            select(t.intents.c.key)
            .join(t.receipts, t.receipts.c.intent_id == t.intents.c.id)
            .where(t.receipts.c.remote_id == comment_id, t.receipts.c.far_side == world.bridge.desk)
        ).scalars()
        tx.conn.execute(
            update(t.intents)
            .where(t.intents.c.key == key)
            .values(state=intents.SETTLED if is_put_down else intents.OPEN)
        )
        (post,) = tx.conn.execute(
            select(t.posts.c.id).where(t.posts.c.network_id == world.last_asked)
        ).scalars()
        tx.conn.execute(
            update(t.posts)
            .where(t.posts.c.id == post)
            .values(comment_id=comment_id if is_put_down else "")
        )


def said(world: Any, words: str) -> list[str]:
    return [each.visibility for each in world.town.statuses() if words in each.text]


def test_what_is_answered_to_it_waits_and_goes_to_nobody_else(world: Any) -> None:
    """The answer to a private message does not go out in public, to whoever stands above it."""
    world.ask("ada", "@bridge my card is lost", "direct")
    world.ask("chloe", "@bridge mine is late")
    private, public = world.tickets()
    world.desk.merge(private.id, public.id)
    before = world.town.direct_between("ada", "bridge")[0]
    world.last_asked = world.ask("ada", "@bridge it is 4711", "direct", in_reply_to=before.id).id
    words = world.comments(public)[-1]
    put_down(world, str(words.id), False)
    world.answer("your card is blocked now", public)
    assert [] == said(world, "is blocked")
    put_down(world, str(words.id), True)
    world.later(60)
    assert ["direct"] == said(world, "is blocked")
