"""PostgreSQL: what is new is kept and its lane woken by one statement, with nothing around it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from bridge.ledger import Ledger, deliveries, lanes, reaching
from bridge.ledger.arriving import Letter, receive_all, receive_at_once
from bridge.ledger.store import may_succeed_anew
from bridge.ledger.tables import lanes as rows

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def arrive(ledger: Ledger, *keys: str, body: bytes = b"x") -> dict[str, int]:
    letters = [Letter("acme", key, body, f"about {key}") for key in keys]
    return receive_at_once(ledger, letters, "webhook", "intake:acme", "acme", 0.1)


def waiting(ledger: Ledger) -> list[tuple[str, str, bytes]]:
    with ledger.reading() as tx:
        found = deliveries.next_waiting(tx, "acme", 100)
    return [(each.key, each.about, each.body) for each in found]


def end_connections(ledger: Ledger) -> None:
    """As a database does that is restarted."""
    url = ledger.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def test_they_are_kept_as_one_by_one(ledger: Ledger) -> None:
    """In the order in which they came, with all that they have."""
    made = arrive(ledger, "c", "a", "b", body=b"\0\xff'\\")
    assert ["c", "a", "b"] == sorted(made, key=made.__getitem__)
    assert [(key, f"about {key}", b"\0\xff'\\") for key in "cab"] == waiting(ledger)


def test_their_lane_is_as_if_it_had_been_woken(ledger: Ledger) -> None:
    """A new one, and one that is there."""
    told: list[None] = []
    ledger.on_wake = lambda: told.append(None)
    arrive(ledger, "a")
    with ledger.writing() as tx:
        lanes.wake(tx, "other", account="acme")
    with ledger.reading() as tx:
        plain = [column for column in rows.c if column.name not in ("key", "ready_at")]
        found = tx.conn.execute(select(*plain).order_by(rows.c.key)).all()
    assert found[0] == found[1]
    with ledger.writing() as tx:
        lease = lanes.claim(tx, "me", timedelta(seconds=30))
        assert lease is not None
    arrive(ledger, "b")
    with ledger.reading() as tx:
        again = select(rows.c.woken, rows.c.ready_at).where(rows.c.key == "intake:acme")
        woken, ready_at = tx.conn.execute(again).one()
    assert (2, True) == (woken, ready_at is not None)
    assert 3 == len(told)


def test_with_one_that_is_here_nothing_is_kept(ledger: Ledger) -> None:
    """Somebody must look, and what came with it keeps its place."""
    arrive(ledger, "a")
    assert {} == arrive(ledger, "b", "a", "c")
    assert ["a"] == [key for key, _, _ in waiting(ledger)]


def test_what_was_erased_stays_away(ledger: Ledger) -> None:
    """It is here under another name."""
    made = arrive(ledger, "a")
    with ledger.writing() as tx:
        deliveries.erase(tx, made["a"])
    assert {} == arrive(ledger, "a")


def test_twins_are_one(ledger: Ledger) -> None:
    """The first is kept."""
    assert ["a", "b"] == list(arrive(ledger, "a", "a", "b"))


def test_it_is_one_way_there_and_back(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """No question before, no transaction around it."""
    arrive(ledger, "a")
    said: list[str] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *of: said.append(of[2]))
    monkeypatch.setattr(ledger.engine.dialect, "do_ping", lambda _raw: said.append("ping"))
    monkeypatch.setattr(ledger.engine.dialect, "do_commit", lambda _raw: said.append("commit"))
    arrive(ledger, "b")
    assert 1 == len(said)


def test_it_waits_for_a_lock_and_not_for_ever(ledger: Ledger) -> None:
    """What it asked for with the lock it still may have."""
    arrive(ledger, "a")
    with ledger.writing() as tx:
        lanes.stand_still(tx, "intake:acme")
        with pytest.raises(DBAPIError) as late:
            arrive(ledger, "b")
    assert may_succeed_anew(late.value)
    assert ["a"] == [key for key, _, _ in waiting(ledger)]
    assert ["b"] == list(arrive(ledger, "b"))


def test_with_one_that_is_here_it_waits_no_longer(ledger: Ledger) -> None:
    """What comes again wakes the lane, too, and others' letters wait with it."""
    arrive(ledger, "a")
    address = ledger.engine.url.update_query_dict({"options": "-c statement_timeout=10s"})
    hurried = Ledger(address.render_as_string(hide_password=False))
    with ledger.writing() as tx:
        lanes.stand_still(tx, "intake:acme")
        with pytest.raises(DBAPIError) as late:
            arrive(hurried, "b", "a")
    hurried.close()
    assert may_succeed_anew(late.value)


def test_what_was_at_work_a_moment_ago_is_not_asked(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails where it is used, and may succeed anew; the next one has another connection."""
    monkeypatch.setattr(reaching, "RESTED", 3600.0)
    arrive(ledger, "a")
    end_connections(ledger)
    with pytest.raises(DBAPIError) as lost:
        arrive(ledger, "b")
    assert may_succeed_anew(lost.value)
    assert ["b"] == list(arrive(ledger, "b"))


def test_what_has_rested_is_asked(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody notices that its other end went away."""
    monkeypatch.setattr(reaching, "RESTED", 0.0)
    arrive(ledger, "a")
    end_connections(ledger)
    assert ["b"] == list(arrive(ledger, "b"))


def test_another_failure_is_no_reason_to_try_anew(ledger: Ledger) -> None:
    """A database that refuses a statement refuses it again."""
    with pytest.raises(DBAPIError) as refused, ledger.at_once() as tx:
        tx.conn.execute(text("SELECT 1 / 0"))
    assert not may_succeed_anew(refused.value)


def test_as_one_by_one_and_at_once_know_each_other(ledger: Ledger) -> None:
    """Whichever came first."""
    made = arrive(ledger, "a")
    with ledger.writing() as tx:
        kept = receive_all(tx, [Letter("acme", "a", b"x"), Letter("acme", "b", b"x")], "webhook")
    assert [True, False] == [each.again for each in kept]
    assert made["a"] == kept[0].id
    assert {} == arrive(ledger, "b")


def test_it_looks_into_an_index_for_each_key(ledger: Ledger) -> None:
    """Also of a table that the database has not counted yet."""
    said: list[tuple[str, Any]] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *of: said.append((of[2], of[3])))
    keys = [str(number) for number in range(500)]
    arrive(ledger, *keys)
    arrive(ledger, *(f"new {key}" for key in keys[:64]))
    statement, parameters = said[-1]
    with ledger.reading() as tx:
        told = tx.conn.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
    looks = [line for line in told if "Scan" in line and "deliveries" in line]
    assert ["uq_deliveries_source_key"] == [line.split(" using ")[1].split()[0] for line in looks]
    assert any("Index Cond" in line and "key >=" in line for line in told)
