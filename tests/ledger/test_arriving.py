"""What arrives together is kept as if it had come one by one."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from bridge.ledger import Ledger, arriving, deliveries
from bridge.ledger.arriving import Kept, Letter, receive_all


def arrive(ledger: Ledger, *letters: Letter) -> tuple[Kept, ...]:
    with ledger.writing() as tx:
        return receive_all(tx, letters, "webhook")


def waiting(ledger: Ledger, source: str = "acme") -> list[str]:
    with ledger.reading() as tx:
        return [each.key for each in deliveries.next_waiting(tx, source, 5_000)]


def letter(key: str, source: str = "acme", body: bytes = b"x") -> Letter:
    return Letter(source, key, body)


def test_they_are_kept_in_the_order_in_which_they_came(ledger: Ledger) -> None:
    """Of several sources, also where that order is no alphabet's."""
    keys = ["c", "a", "b"]
    kept = arrive(ledger, *map(letter, keys), letter("a", "other"))
    assert keys == waiting(ledger)
    assert ["a"] == waiting(ledger, "other")
    assert [1, 2, 3, 4] == [each.id for each in kept]
    assert not any(each.again for each in kept)


def test_more_than_fit_into_one_statement(ledger: Ledger, monkeypatch) -> None:
    """The order goes on from one to the next, and a twin in a later one is known."""
    monkeypatch.setattr(arriving, "MOST_AT_ONCE", 3)
    keys = [f"k{number}" for number in range(10)]
    kept = arrive(ledger, *map(letter, keys), letter("k0"))
    assert keys == waiting(ledger)
    assert Kept(kept[0].id, again=True) == kept[-1]


def test_what_was_here_before_is_told(ledger: Ledger) -> None:
    """Among new ones, under the id that it has."""
    first = arrive(ledger, letter("b"))
    again = arrive(ledger, letter("a"), letter("b"), letter("c"))
    assert [False, True, False] == [each.again for each in again]
    assert first[0].id == again[1].id
    assert ["b", "a", "c"] == waiting(ledger)


def test_the_same_letter_twice_is_one(ledger: Ledger) -> None:
    """Two threads brought it at the same moment."""
    kept = arrive(ledger, letter("a"), letter("a"))
    assert [False, True] == [each.again for each in kept]
    assert kept[0].id == kept[1].id
    assert ["a"] == waiting(ledger)


def test_what_was_erased_stays_away(ledger: Ledger) -> None:
    """And is success, under its old id."""
    (first,) = arrive(ledger, letter("a"))
    with ledger.writing() as tx:
        deliveries.erase(tx, first.id)
    assert (Kept(first.id, again=True),) == arrive(ledger, letter("a"))
    assert [] == waiting(ledger)


def test_another_form_of_what_was_set_aside_is_kept(ledger: Ledger) -> None:
    """In its place among the others."""
    (first,) = arrive(ledger, letter("a", body=b"odd"))
    with ledger.writing() as tx:
        deliveries.settle(tx, first.id, deliveries.SET_ASIDE, "odd")
    kept = arrive(ledger, letter("b"), letter("a", body=b"mended"), letter("c"))
    assert [False, False, False] == [each.again for each in kept]
    assert [kept[0].id, kept[1].id, kept[2].id] == sorted(each.id for each in kept)
    assert Kept(first.id, again=True) == arrive(ledger, letter("a", body=b"odd"))[0]


def test_it_takes_two_statements_however_many_they_are(ledger: Ledger) -> None:
    """One to look, one to keep."""
    said: list[str] = []

    def note(_conn, _cursor, statement, *_more) -> None:
        said.append(statement.split()[0])

    with ledger.writing() as tx:
        event.listen(ledger.engine, "before_cursor_execute", note)
        try:
            receive_all(tx, [letter(str(number)) for number in range(50)], "webhook")
        finally:
            event.remove(ledger.engine, "before_cursor_execute", note)
    assert ["SELECT", "INSERT"] == said


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(ledger: Ledger, count: int) -> None:
    """The ends of the row."""
    assert count == len(arrive(ledger, *[letter("a")] * count))
