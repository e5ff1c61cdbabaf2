"""Numbers that the world outside knows are given to nobody else, also by an older ledger."""

from __future__ import annotations

import pytest
from crm_village import BEN, everything, one_of_everything
from sqlalchemy import Table, text

from bridge.ledger import Ledger, Tx, knowing, people, searching, sequences
from bridge.ledger.searching import Search
from bridge.ledger.sequences import GAP
from bridge.model import Person


@pytest.fixture
def lifted(ledger: Ledger) -> Ledger:
    with ledger.writing() as tx:
        one_of_everything(tx)
    everything(ledger)
    with ledger.writing() as tx:
        sequences.lift(tx)
    return ledger


def test_what_is_numbered_from_then_on_is_numbered_far_above(lifted: Ledger) -> None:
    before = everything(lifted)
    with lifted.writing() as tx:
        one_of_everything(tx, "another ")
        assert people.remember(tx, Person("x", "78", "eve", "Eve")) > GAP
    new = {each for each in everything(lifted) if each not in before}
    kinds = {each.rpartition("_")[0] for each in new}
    assert {"post", "reply", "conversation", "notice", "automatic", "note", "rating"} <= kinds
    assert all(int(each.rpartition("_")[2]) > GAP for each in new)


@pytest.mark.parametrize("table", sequences.OUTSIDE, ids=lambda each: each.name)
def test_a_table_without_a_row_is_lifted_too_and_each_time(ledger: Ledger, table: Table) -> None:
    """There were rows in the ledger that was lost."""
    with ledger.writing() as tx:
        sequences.lift(tx)
        sequences.lift(tx)
        assert next_of(tx, table) > 2 * GAP


def next_of(tx: Tx, table: Table) -> int:
    if tx.postgres:
        name = f"{table.name}_id_seq"
        number: int = tx.conn.execute(text("SELECT nextval(:name)"), {"name": name}).scalar_one()
        return number
    asked = text("SELECT seq + 1 FROM sqlite_sequence WHERE name = :name")
    last: int = tx.conn.execute(asked, {"name": table.name}).scalar_one()
    return last


def test_what_was_said_before_is_found_as_ever(lifted: Ledger) -> None:
    """The search looks through the newest rows, however far apart their numbers are."""
    with lifted.writing() as tx:
        one_of_everything(tx, "another ")
        people.remember(tx, Person("x", "78", "eve", "Eve"))
    with lifted.reading() as tx:
        said = {each.id for each in searching.find(tx, Search("To whom it may"), 50)}
        who = {each.id for each in searching.find(tx, Search("Ben Ok"), 50)}
        known = [each.name for each in knowing.find(tx, "Ben Ok", 50)]
        heard = {each.id for each in searching.find(tx, Search("my blue parcel"), 50)}
        assert not searching.reaches_back(tx)
    assert 1 in said
    assert 1 in heard
    assert 1 in who
    assert [BEN.name] == known
