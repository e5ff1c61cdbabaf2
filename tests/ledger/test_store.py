"""The database underneath: what is committed is on disk, and writers take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bridge.ledger import Ledger, deliveries, migrate
from bridge.ledger import tables as t

WRITER = """
import sys
from bridge.ledger import Ledger, deliveries

url, name, many = sys.argv[1], sys.argv[2], int(sys.argv[3])
ledger = Ledger(url)
for number in range(many):
    with ledger.writing() as tx:
        deliveries.receive(tx, source=name, key=str(number), via="test", body=b"x")
ledger.close()
print("done")
"""

ALONE = """
import os, sys
from bridge.ledger import Ledger

url, path, many = sys.argv[1], sys.argv[2], int(sys.argv[3])
ledger = Ledger(url)
for _ in range(many):
    with ledger.only_one("a name/with: odd signs"):
        with open(path) as file:
            number = int(file.read())
        with open(path, "w") as file:
            file.write(str(number + 1))
ledger.close()
"""


@pytest.fixture
def sqlite(tmp_path: Path, clock):
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}", clock)
    migrate.upgrade(ledger)
    yield ledger
    ledger.close()


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_sqlite_really_is_durable(sqlite: Ledger, way: str) -> None:
    """Every connection, not only the first: write-ahead log, full sync, foreign keys."""
    for _ in range(3):
        with getattr(sqlite, way)() as first, getattr(sqlite, "reading")() as second:  # noqa: B009
            for tx in (first, second):
                found = {
                    name: tx.conn.execute(text(f"PRAGMA {name}")).scalar_one()
                    for name in ("journal_mode", "synchronous", "foreign_keys")
                }
                assert {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1} == found


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_ledger_in_memory_is_refused(url: str) -> None:
    """A memory that ends with the process would lose what was acknowledged."""
    with pytest.raises(ValueError, match="outlive"):
        Ledger(url)


def test_a_mistyped_folder_begins_no_new_ledger(tmp_path: Path) -> None:
    """Everything would be taken in once more by a ledger that knows nothing."""
    with pytest.raises(ValueError, match=f"no folder {tmp_path / 'slip' / 'of'}"):
        Ledger(f"sqlite:///{tmp_path / 'slip' / 'of' / 'ledger.sqlite3'}")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "rest", ["", "/", "ada:hunter22@host", "host:5432/", "host/?sslmode=require"]
)
def test_a_database_without_a_name_is_refused(rest: str) -> None:
    """libpq would take the user's, or that of whoever runs this."""
    with pytest.raises(ValueError, match="names no database") as wrong:
        Ledger(f"postgresql+psycopg://{rest}")
    assert "hunter22" not in str(wrong.value)


@pytest.mark.parametrize("rest", ["/name", "host/name", "?service=bridge", "host?dbname=name"])
def test_a_database_may_be_named_as_libpq_lets_one(rest: str) -> None:
    Ledger(f"postgresql+psycopg://{rest}").close()


def test_a_failed_transaction_leaves_nothing(ledger: Ledger) -> None:
    """All or nothing: what was written before the error is not there."""

    def fail() -> None:
        with ledger.writing() as tx:
            deliveries.receive(tx, source="acme", key="k", via="test", body=b"x")
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        fail()
    with ledger.reading() as tx:
        assert {} == deliveries.counts(tx)


def test_a_reader_sees_one_state_and_holds_up_nobody(sqlite: Ledger) -> None:
    """While a reader looks, a writer commits; the reader goes on seeing what it began with."""
    with sqlite.reading() as before:
        assert {} == deliveries.counts(before)
        with sqlite.writing() as tx:
            deliveries.receive(tx, source="acme", key="k", via="test", body=b"x")
        assert {} == deliveries.counts(before)
    with sqlite.reading() as after:
        assert {"waiting": 1} == deliveries.counts(after)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_reader_begins_no_transaction_on_postgresql(ledger: Ledger) -> None:
    """Whoever writes over the same connection afterwards is in one again."""
    stands = []
    for begin in (ledger.reading, ledger.writing):
        with begin() as tx:
            tx.conn.execute(select(1))
            raw: Any = tx.conn.connection.driver_connection
            stands.append((id(raw), raw.info.transaction_status))
    assert [TransactionStatus.IDLE, TransactionStatus.INTRANS] == [each for _, each in stands]
    assert 1 == len({number for number, _ in stands})


def test_writers_of_several_processes_all_get_their_turn(ledger: Ledger) -> None:
    """Four processes write two hundred times each at once: nobody fails, nothing is missing."""
    command = [sys.executable, "-c", WRITER, ledger.url]
    writers = [
        subprocess.Popen([*command, f"w{number}", "200"], stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    said = [writer.communicate(timeout=100)[0].strip() for writer in writers]
    assert ["done"] * 4 == said
    with ledger.reading() as tx:
        assert {f"w{n}": 200 for n in range(4)} == tx.tally(t.deliveries.c.source)


def test_a_writer_that_is_killed_gives_up_its_turn(sqlite: Ledger) -> None:
    """The turn is a lock of the operating system: a killed process leaves none behind, and what
    it had not committed is gone."""
    script = """
import os, signal, sys
from bridge.ledger import Ledger, deliveries

with Ledger(sys.argv[1]).writing() as tx:
    deliveries.receive(tx, source="killed", key="k", via="test", body=b"x")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", script, sqlite.url], timeout=60, check=False)
    assert -9 == killed.returncode
    with sqlite.writing() as tx:
        assert {} == deliveries.counts(tx)


def test_a_named_lock_is_held_by_one_process_at_a_time(ledger: Ledger, tmp_path: Path) -> None:
    """Three processes count up in a file without any care but the lock: no count is lost."""
    path = tmp_path / "count"
    path.write_text("0")
    command = [sys.executable, "-c", ALONE, ledger.url, str(path), "60"]
    counting = [subprocess.Popen(command) for _ in range(3)]
    assert [0, 0, 0] == [each.wait(100) for each in counting]
    assert "180" == path.read_text()


def test_a_named_lock_holds_between_threads_and_not_between_names(ledger: Ledger) -> None:
    """One thread waits for the other under the same name, and for nobody under another."""
    inside, over, second = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with ledger.only_one("one"):
            inside.set()
            over.wait(60)
            assert not second.is_set()

    def after() -> None:
        with ledger.only_one("one"):
            second.set()

    threads = [threading.Thread(target=first), threading.Thread(target=after)]
    threads[0].start()
    assert inside.wait(60)
    threads[1].start()
    with ledger.only_one("two"):
        assert not second.is_set()
    over.set()
    for thread in threads:
        thread.join(60)
    assert second.is_set()


def test_many_upgrades_at_once_make_one_database(ledger_url: str, clock) -> None:
    """Web and several workers may run the release step at the same time."""
    start, failed = threading.Barrier(4), list[BaseException]()

    def upgrade() -> None:
        ledger = Ledger(ledger_url, clock)
        try:
            start.wait(30)
            migrate.upgrade(ledger)
        except Exception as wrong:
            failed.append(wrong)
            raise
        finally:
            ledger.close()

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [] == failed
    ledger = Ledger(ledger_url, clock)
    try:
        migrate.require_current(ledger)
        with ledger.reading() as tx:
            assert 0 == tx.conn.execute(select(func.count()).select_from(t.lanes)).scalar_one()
    finally:
        ledger.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_transaction_is_whole_after_a_failure_to_clear_up(ledger: Ledger) -> None:
    """The connection that was to clear up, in no transaction, is another's next."""
    address = ledger.engine.url.update_query_dict({"options": "-c lock_timeout=100"})
    hurried = Ledger(address.render_as_string(hide_password=False))
    with ledger.writing() as tx:
        tx.conn.execute(text("LOCK TABLE deliveries"))
        with pytest.raises(DBAPIError):
            hurried.compact()
    with hurried.writing() as tx:
        deliveries.receive(tx, source="acme", key="a", via="test", body=b"x")
        tx.conn.rollback()
    with ledger.reading() as tx:
        assert () == deliveries.next_waiting(tx, "acme", 1)
    hurried.close()


def test_new_file_is_private(tmp_path: Path) -> None:
    """Nobody else on the machine reads what customers wrote, in the file or its journal."""
    before = os.umask(0o000)
    try:
        ledger = Ledger(f"sqlite:///{tmp_path / 'new.sqlite3'}")
        migrate.upgrade(ledger)
        with ledger.writing(), ledger.only_one("a name"):
            found = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}
        ledger.close()
    finally:
        os.umask(before)

    assert {"new.sqlite3", "new.sqlite3-wal", "new.sqlite3.turn"} <= set(found)
    assert {0} == set(found.values()), found


def test_lock_through_a_link(tmp_path: Path) -> None:
    """A link under the name of a lock is not followed: nothing is made where it leads."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    (tmp_path / "new.sqlite3.turn").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic"), ledger.writing():
        pass
    ledger.close()

    assert not (tmp_path / "elsewhere").exists()
