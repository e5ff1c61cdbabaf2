"""A commit that woke a lane is told to whoever idles; a ring is a hint and holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url

from bridge.ledger import Ledger, lanes, migrate
from bridge.ledger.ringing import CHANNEL, Notifying, Ringer
from bridge.model import MINUTE

Listener = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def listener(postgres_url: str) -> Iterator[Listener]:
    address = make_url(postgres_url).set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(address, autocommit=True) as conn:
        conn.execute(f"LISTEN {CHANNEL}")
        yield conn


@pytest.fixture
def away(postgres_url: str, clock) -> Iterator[Ledger]:
    ledger = Ledger(postgres_url, clock)
    migrate.upgrade(ledger)
    yield ledger
    ledger.close()


def heard(listener: Listener) -> bool:
    return [] != list(listener.notifies(timeout=30, stop_after=1))


def rings(ledger: Ledger) -> list[str]:
    told: list[str] = []
    ledger.on_wake = lambda: told.append("ring")
    return told


def test_a_wake_is_told_after_the_commit_and_once(ledger: Ledger) -> None:
    """Three lanes in one transaction are one hint; what was rolled back is none."""
    told = rings(ledger)
    with ledger.writing() as tx:
        for lane in ("one", "two", "three"):
            lanes.wake(tx, lane)
        assert [] == told
    assert ["ring"] == told

    def fail() -> None:
        with ledger.writing() as tx:
            lanes.wake(tx, "one")
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        fail()
    assert ["ring"] == told


def test_what_wakes_nothing_is_not_told(ledger: Ledger) -> None:
    """Most commits are nobody else's business."""
    told = rings(ledger)
    with ledger.writing() as tx:
        assert 0 == lanes.unhold(tx, "acme")
    assert [] == told


def test_releasing_what_was_held_is_told(ledger: Ledger, clock) -> None:
    """As a wake is."""
    with ledger.writing() as tx:
        lanes.wake(tx, "one", account="acme")
    with ledger.writing() as tx:
        lease = lanes.claim(tx, "w", MINUTE)
        assert lease is not None
    with ledger.writing() as tx:
        lanes.hold(tx, lease, tx.now + MINUTE, "wait")
    told = rings(ledger)
    with ledger.writing() as tx:
        assert 1 == lanes.unhold(tx, "acme")
    assert ["ring"] == told


def test_no_transaction_of_the_ledger_notifies(away: Ledger, listener: Listener) -> None:
    """On PostgreSQL those would commit one after the other, in the whole database."""
    said: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def note(conn, cursor, statement, *_more) -> None:
        said.append(statement)

    try:
        with away.writing() as tx:
            lanes.wake(tx, "one")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert heard(listener)
    assert [] == [statement for statement in said if "NOTIFY" in statement]


def test_the_last_ring_is_sent_before_the_ledger_closes(away: Ledger, listener: Listener) -> None:
    """A command that wakes a lane and ends is heard at once."""
    with away.writing() as tx:
        lanes.wake(tx, "one")
    away.close()
    assert heard(listener)


def test_it_rings_again_after_its_connection_was_lost(
    postgres_url: str, listener: Listener
) -> None:
    """One ring is lost with the connection, and the next finds another."""
    ringer = Ringer(Notifying(make_url(postgres_url)))
    try:
        ringer.ring()
        assert heard(listener)
        listener.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database()"
        )
        ringer.ring()
        while not list(listener.notifies(timeout=0.1, stop_after=1)):
            ringer.ring()
    finally:
        ringer.close()


def test_a_server_that_is_away_costs_a_commit_nothing() -> None:
    """The ring is dropped; nothing is raised, and closing does not hang."""
    ringer = Ringer(Notifying(make_url("postgresql+psycopg://nobody@127.0.0.1:9/none")))
    ringer.ring()
    ringer.close()
    ringer.ring()
    ringer.close()


class _Defective:
    """A line that fails in a way nobody foresaw, once."""

    def __init__(self) -> None:
        self.told, self.began = 0, threading.Semaphore(0)

    def tell(self) -> None:
        self.began.release()
        self.told += 1
        if self.told == 1:
            raise ValueError("a defect")

    def hang_up(self) -> None:
        """Nothing is held."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_of_the_line_does_not_silence_it_for_good() -> None:
    """The thread is gone, and the next ring has another."""
    line = _Defective()
    ringer = Ringer(line)
    others = set(threading.enumerate())
    ringer.ring()
    assert line.began.acquire(timeout=30)
    for each in set(threading.enumerate()) - others:
        each.join(30)
    ringer.ring()
    assert line.began.acquire(timeout=30)
    ringer.close()
    assert 2 == line.told
