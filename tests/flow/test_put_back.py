"""An older copy of the ledger is put back and lifted: what comes next carries no mark that the lost
ledger has left on a ticket, and is not taken for what that one wrote.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bridge.ledger import Ledger, changes, sequences
from bridge.ledger.tables import receipts
from bridge.model import Arrival, Report

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


class Copy:
    """What an admin has of the ledger beside it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._file = Path(ledger.engine.url.database or "")
        self._copy = self._file.with_suffix(".copy")

    def make(self) -> None:
        _write_over(self._copy, self._file)

    def put_back(self) -> None:
        self._ledger.engine.dispose()
        _write_over(self._file, self._copy)
        changes.restart(self._ledger)
        with self._ledger.writing() as tx:
            sequences.lift(tx)


def _write_over(there: Path, here: Path) -> None:
    with closing(sqlite3.connect(here)) as source, closing(sqlite3.connect(there)) as target:
        source.backup(target)


@pytest.fixture
def copy(ledger: Ledger) -> Copy:
    return Copy(ledger)


def in_doubt(world: Any) -> None:
    """Time goes by, and the next comment is lost on its way: it is looked for by its mark."""
    world.clock.move(700)
    world.desk.faults.add("drop_before_write", method="PUT", path="/api/v2/tickets/*")


def test_a_post_is_not_taken_for_one_of_the_lost_ledger(world, hears, copy) -> None:
    hears(hears.post("1", "my parcel is late"))
    copy.make()
    world.clock.move(700)
    hears(hears.post("2", "it is order 4711", parent_id="1"))
    copy.put_back()
    in_doubt(world)
    hears(hears.post("3", "and now it is stolen", parent_id="1"))
    world.later(900)
    said = [each.plain_body for each in world.comments()]
    assert 1 == sum("4711" in each for each in said)
    assert 1 == sum("stolen" in each for each in said)


def test_a_report_is_not_taken_for_one_of_the_lost_ledger(world, hears, copy) -> None:
    world.ask("ada", "@bridge where is my parcel?")
    world.answer("On its way")
    world.answer("It comes tomorrow")
    with world.bridge.ledger.reading() as tx:
        sent = select(receipts.c.remote_id).where(receipts.c.far_side == "acme")
        first, second = tx.conn.execute(sent.order_by(receipts.c.intent_id)).scalars()

    def failed(message_id: str, because: str) -> None:
        hears(Report("acme", message_id, Arrival.FAILED, world.clock(), "", because))

    copy.make()
    failed(first, "the number is not in use")
    copy.put_back()
    in_doubt(world)
    failed(second, "the box is full")
    world.later(900)
    assert 1 == world.noted("the number is not in use")
    assert 1 == world.noted("the box is full")
