"""What comes of somebody while they are being erased is left nowhere either: it is found by running
the erasure again, or was never written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow import erasing, joining
from bridge.flow import lanes as names
from bridge.flow.tickets import look_at
from bridge.ledger import conversations, deliveries, forgetting, lanes, steps
from bridge.ledger import tables as t
from bridge.ledger.conversations import lane_of


def on_tickets(world: Any) -> str:
    return "\n".join(said.plain_body for one in world.tickets() for said in world.comments(one))


def names_her(world: Any, text: str) -> bool:
    handle = f"ada@{world.town.domain}"
    return re.search(rf"(?<!\w){re.escape(handle)}(?!\w)|Zimtstern", text) is not None


def erase(world: Any) -> str:
    name = f"@ada@{world.town.domain}"
    [(row, _)] = erasing.find(world.bridge, name)
    return erasing.erase(world.bridge, row, name)


def looked_at(world: Any, ticket: Any) -> None:
    """As a look that was asked for before the helpdesk's intake was held."""
    with world.bridge.ledger.writing() as tx:
        found = conversations.by_ticket(tx, world.bridge.desk, str(ticket.id))
        assert found is not None
        look_at(tx, conversations.one(tx, found), str(ticket.id))


def at_the_helpdesk(
    world: Any, patch: pytest.MonkeyPatch, what: str, meanwhile: Callable[[], None]
) -> None:
    """Something happens, once, before a call of the erasure's."""
    desk = type(world.bridge.helpdesk)
    call, done = getattr(desk, what), []

    def busy(self: Any, *args: Any, **more: Any) -> Any:
        if not done:
            done.append(True)
            meanwhile()
        return call(self, *args, **more)

    patch.setattr(desk, what, busy)


@pytest.fixture
def told(world: Any) -> Any:
    """Ada's ticket, and Chloe's, who has nothing to do with her."""
    world.ask("ada", "@bridge Zimtstern is late")
    world.ask("chloe", "@bridge Holunder is late")
    return world


def test_who_is_said_to_be_hers_meanwhile_is_found_by_running_it_again(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note on another's ticket names her by her handle: nothing goes before that one is known."""
    chloes = told.tickets()[1]

    def same() -> None:
        told.desk.answer(chloes.id, f"#same @ada@{told.town.domain}", public=False)
        looked_at(told, chloes)
        told.settle()
        assert "(identity_" in told.notes(chloes)[-1]

    with monkeypatch.context() as patch:
        at_the_helpdesk(told, patch, "erase_user", same)
        with pytest.raises(erasing.Again, match="run it again"):
            erase(told)
    assert names_her(told, told.dump())
    erase(told)
    told.settle()
    assert not names_her(told, told.dump())
    assert not names_her(told, on_tickets(told))
    assert "Holunder is late" in on_tickets(told)


def test_a_note_that_is_about_to_name_her_is_waited_for(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her handle was read, for she is one with whom it is about, and stands nowhere yet."""
    chloes = told.tickets()[1]
    told.answer(f"#same @ada@{told.town.domain}", chloes, public=False)
    told.town.person("cleo", "Cleo")
    told.ask("cleo", "@bridge Mirabelle is late")
    monkeypatch.setattr(erasing, "BETWEEN_LOOKS", 0.001)
    whole = told.bridge
    hasty = replace(told.bridge, settings=replace(told.bridge.settings, lease_seconds=0.001))
    tell, tried = joining.outcomes.tell, []

    def tells(*args: Any, **more: Any) -> None:
        told.bridge = hasty
        with pytest.raises(erasing.Again, match="in hand"):
            erase(told)
        told.bridge = whole
        tried.append(True)
        tell(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(joining.outcomes, "tell", tells)
        told.answer(f"#same @chloe@{told.town.domain}", told.tickets()[2], public=False)
    assert [True] == tried
    assert names_her(told, told.notes(told.tickets()[2])[-1])
    erase(told)
    told.settle()
    assert not names_her(told, told.dump())
    assert not names_her(told, on_tickets(told))


def test_a_note_that_is_asked_for_as_the_ledger_is_gone_through(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads her handle before she is gone has asked for it before that."""
    forget = forgetting.forget

    def asks(tx: Any, *args: Any) -> Any:
        counts = forget(tx, *args)
        (chloes,) = tx.conn.execute(
            select(t.tickets.c.conversation_id).where(
                t.tickets.c.ticket_id == str(told.tickets()[1].id)
            )
        ).scalars()
        steps.add(tx, lane_of(chloes), joining.STEP, "9:same:2:1:an agent", account="acme")
        return counts

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "forget", asks)
        with pytest.raises(erasing.Again, match="run it again"):
            erase(told)
    assert names_her(told, told.dump())
    erase(told)
    assert not names_her(told, told.dump())


def test_who_names_her_from_another_network_meanwhile_is_erased_there_too(
    told: Any, hears: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lanes of other networks are not held: the ticket that was opened is gone through."""
    post = hears.post("p9", f"ask ada@{told.town.domain}, she knows", author=hears.person(9))

    def names_them() -> None:
        # As another network's intake, which nobody holds.
        with told.bridge.ledger.writing() as tx:
            held = select(t.lanes).where(t.lanes.c.key == names.intake("acme"))
            row = tx.conn.execute(held).one()
            lane = t.lanes.c.key == names.intake("acme")
            tx.conn.execute(t.lanes.update().where(lane).values(lease_until=None))
        hears(post)
        with told.bridge.ledger.writing() as tx:
            again = {"epoch": row.epoch, "lease_until": row.lease_until, "holder": row.holder}
            tx.conn.execute(t.lanes.update().where(lane).values(**again))
        assert 3 == len(told.tickets())

    with monkeypatch.context() as patch:
        at_the_helpdesk(told, patch, "erase_user", names_them)
        with pytest.raises(erasing.Again, match="run it again"):
            erase(told)
    erase(told)
    told.settle()
    assert not names_her(told, told.dump())
    assert not names_her(told, on_tickets(told))


def lapsed(world: Any) -> list[str]:
    """What the erasure has let run out: anybody may take it."""
    ours = t.lanes.c.holder == names.ERASING
    with world.bridge.ledger.reading() as tx:
        here = select(t.lanes.c.key).where(ours, t.lanes.c.lease_until < tx.now)
        return list(tx.conn.execute(here).scalars())


@pytest.mark.parametrize("what", ["tickets_named", "state"])
def test_a_slow_helpdesk_is_no_reason_to_let_go(
    told: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Each of its answers takes most of a lease."""
    told.later(700)
    for word in ("first", "second", "third"):
        told.ask("ada", f"@bridge Zimtstern, the {word}")
    desk = type(told.bridge.helpdesk)
    call, seen = getattr(desk, what), []

    def slow(self: Any, *args: Any) -> Any:
        seen.append(lapsed(told))
        told.clock.move(told.bridge.settings.lease_seconds * 0.8)
        return call(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(desk, what, slow)
        erase(told)
    assert len(seen) > 2
    assert not any(seen)


def test_waiting_for_a_worker_is_no_reason_to_let_go(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, seen = lanes.take, []

    def busy(tx: Any, lane: str, *args: Any, **more: Any) -> Any:
        if lane.startswith("conversation:") and len(seen) < 4:
            ours = t.lanes.c.holder == names.ERASING
            over = select(t.lanes.c.key).where(ours, t.lanes.c.lease_until < tx.now)
            seen.append(list(tx.conn.execute(over).scalars()))
            told.clock.move(told.bridge.settings.lease_seconds * 0.8)
            return None
        return take(tx, lane, *args, **more)

    monkeypatch.setattr(erasing, "BETWEEN_LOOKS", 0.001)
    monkeypatch.setattr(lanes, "take", busy)
    erase(told)
    assert 4 == len(seen)
    assert not any(seen)


def test_what_the_helpdesk_tells_meanwhile_is_emptied(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits, with the words of hers that it was told a moment before; what is about others is
    kept, and each ticket that is left is looked at."""
    adas, chloes = (str(each.id) for each in told.tickets())

    def tells() -> None:
        for key, about, body in (
            ("hers", adas, b'{"comment": "Zimtstern is late"}'),
            ("about-her", adas, b'{"status": "open"}'),
            ("naming", chloes, b'{"comment": "as ada@%s says"}' % told.town.domain.encode()),
            ("other", chloes, b'{"comment": "Holunder is late"}'),
        ):
            with told.bridge.ledger.writing() as tx:
                deliveries.receive(
                    tx, source=told.bridge.desk, key=key, via="webhook", body=body, about=about
                )
                lanes.wake(tx, names.intake(told.bridge.desk))

    with monkeypatch.context() as patch:
        at_the_helpdesk(told, patch, "erase_user", tells)
        erase(told)

    def kept() -> dict[str, tuple[str, bytes]]:
        with told.bridge.ledger.reading() as tx:
            rows = tx.conn.execute(
                select(t.deliveries).where(
                    t.deliveries.c.key.in_(("hers", "about-her", "naming", "other"))
                )
            )
            return {row.key: (row.state, bytes(row.body)) for row in rows}

    waits, other = (deliveries.WAITING, b""), b'{"comment": "Holunder is late"}'
    assert kept() == {
        "hers": waits,
        "about-her": waits,
        "naming": waits,
        "other": (deliveries.WAITING, other),
    }
    told.desk.answer(int(chloes), "We are sorry, Chloe!")
    told.settle()
    assert kept() == {
        "hers": (deliveries.IGNORED, b""),
        "about-her": (deliveries.IGNORED, b""),
        "naming": (deliveries.DONE, b""),
        "other": (deliveries.DONE, other),
    }
    assert "We are sorry, Chloe!" in [said.text for said in told.town.statuses()][-1]
    assert not names_her(told, told.dump())
