"""What arrived is kept for a while, and no longer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bridge.flow import sweeping
from bridge.ledger import deliveries
from bridge.ledger import tables as t

DAY = 24 * 3600


def _bodies(world: Any) -> list[tuple[str, bool]]:
    """(state, whether the body is kept) of every delivery from the network."""
    with world.bridge.ledger.reading() as tx:
        rows = tx.conn.execute(
            select(t.deliveries).where(t.deliveries.c.source == "acme").order_by(t.deliveries.c.id)
        ).all()
    return [(row.state, row.body != b"") for row in rows]


def test_bodies_go_with_age_and_keys_stay(world: Any) -> None:
    """After thirty days a settled delivery is empty; arriving once more it is still known."""
    world.ask("ada", "@bridge hello")
    world.later(29 * DAY)
    assert _bodies(world) == [("done", True)]
    world.later(2 * DAY)
    assert _bodies(world) == [("done", False)]
    with world.bridge.ledger.writing() as tx:
        key = tx.conn.execute(
            select(t.deliveries.c.key).where(t.deliveries.c.source == "acme")
        ).scalar_one()
        again = deliveries.receive(tx, source="acme", key=key, via="poll", body=b"{}")
    assert again is None
    assert len(world.tickets()) == 1


def test_what_waits_for_somebody_is_kept(world: Any) -> None:
    """However old: waiting for a lane, or set aside for a person, until it is settled."""
    with world.bridge.ledger.writing() as tx:
        for key in ("odd", "dismissed"):
            deliveries.receive(tx, source="acme", key=key, via="poll", body=b"not json")
    world.later(1)
    with world.bridge.ledger.writing() as tx:
        for key in ("odd", "dismissed"):
            deliveries.settle(tx, deliveries.id_of(tx, "acme", key), deliveries.SET_ASIDE, "odd")
        deliveries.dismiss(tx, deliveries.id_of(tx, "acme", "dismissed"))
        deliveries.receive(tx, source="acme", key="new", via="poll", body=b"waits")
        before = world.clock()
        assert deliveries.empty_settled(tx, before, 10) == 0
    world.clock.move(60 * DAY)
    with world.bridge.ledger.writing() as tx:
        while deliveries.empty_settled(tx, world.clock(), 10):
            pass
    assert _bodies(world) == [("set_aside", True), ("dismissed", False), ("waiting", True)]


def test_many_go_in_small_batches(world: Any, monkeypatch: Any) -> None:
    """A large backlog is let go without ever holding the writers up for long."""
    monkeypatch.setattr(sweeping, "AT_A_TIME", 2)
    with world.bridge.ledger.writing() as tx:
        for number in range(5):
            new = deliveries.receive(
                tx, source="acme", key=str(number), via="poll", body=b"something"
            )
            deliveries.settle(tx, new, deliveries.IGNORED, "nothing")
    world.later(31 * DAY)
    assert _bodies(world) == [("ignored", False)] * 5
