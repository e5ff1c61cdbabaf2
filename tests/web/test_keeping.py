"""Whatever becomes of a connection, a delivery is kept or refused, and never both."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import event

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, deliveries, lanes, reaching
from bridge.ledger.arriving import Kept, Letter
from bridge.web import keeping
from bridge.web.keeping import Letterbox

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def waiting(ledger: Ledger, source: str = "shop") -> list[str]:
    with ledger.reading() as tx:
        return [each.key for each in deliveries.next_waiting(tx, source, 100)]


@on_postgresql
def test_a_connection_that_died_costs_no_delivery(
    bridge: Bridge, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was at work a moment ago and is not asked; the delivery takes another one."""
    monkeypatch.setattr(reaching, "RESTED", 3600.0)
    letterbox = Letterbox(bridge)
    letterbox.keep(Letter("shop", "a", b"x"))
    url = ledger.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    assert not letterbox.keep(Letter("shop", "b", b"x")).again
    assert ["a", "b"] == waiting(ledger)


@on_postgresql
def test_a_lane_that_is_held_for_long_costs_no_delivery(
    bridge: Bridge, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone it waits until the lane is free."""
    monkeypatch.setattr(keeping, "PATIENCE", 0.01)
    letterbox = Letterbox(bridge)
    letterbox.keep(Letter("shop", "a", b"x"))
    with ledger.writing() as tx:
        lanes.stand_still(tx, "intake:shop")

        def let_go(_conn: object, _cursor: object, said: str, *_more: object) -> None:
            if said.startswith("SELECT deliveries.id"):
                tx.conn.rollback()

        event.listen(ledger.engine, "before_cursor_execute", let_go)
        assert not letterbox.keep(Letter("shop", "b", b"x")).again
        event.remove(ledger.engine, "before_cursor_execute", let_go)
    assert ["a", "b"] == waiting(ledger)


def test_what_came_twice_in_one_parcel_or_is_here_is_told(bridge: Bridge, ledger: Ledger) -> None:
    """The first of twins is new; a parcel is known if all of it is."""
    letterbox = Letterbox(bridge)
    twins = (Letter("shop", "a", b"x"), Letter("shop", "a", b"x"), Letter("shop", "b", b"x"))
    first = letterbox.keep_all(twins)
    assert not first.again
    assert Kept(first.id, again=True) == letterbox.keep_all(twins)
    assert ["a", "b"] == waiting(ledger)


def test_a_parcel_for_two_sources_wakes_both(bridge: Bridge, ledger: Ledger) -> None:
    """Each of them has its own lane."""
    Letterbox(bridge).keep_all((Letter("shop", "a", b"x"), Letter("acme", "b", b"x")))
    assert (["a"], ["b"]) == (waiting(ledger), waiting(ledger, "acme"))
    with ledger.reading() as tx:
        assert all(lanes.is_there(tx, f"intake:{source}") for source in ("shop", "acme"))
