"""Deliveries: kept as they came, each once."""

from __future__ import annotations

import threading

from sqlalchemy import func, select

from bridge.ledger import Ledger, deliveries
from bridge.ledger import tables as t


def receive(ledger: Ledger, key: str, source: str = "acme", body: bytes = b"{}") -> int | None:
    with ledger.writing() as tx:
        return deliveries.receive(tx, source=source, key=key, via="webhook", body=body)


def test_the_same_delivery_twice_is_one(ledger: Ledger) -> None:
    """The second time is success too, says so with None, and changes nothing that was kept."""
    first = receive(ledger, "k", body=b"first")
    assert first is not None
    assert receive(ledger, "k", body=b"second") is None
    with ledger.reading() as tx:
        kept = deliveries.one(tx, first)
    assert kept is not None
    assert b"first" == kept.body


def test_what_was_set_aside_does_not_hide_a_form_that_can_be_read(ledger: Ledger) -> None:
    """Pushed as rubbish, read as it should be: both are kept, each once."""
    first = receive(ledger, "k", body=b"rubbish")
    assert first is not None
    with ledger.writing() as tx:
        deliveries.settle(tx, first, deliveries.SET_ASIDE, "nobody can read it")
    assert receive(ledger, "k", body=b"rubbish") is None
    second = receive(ledger, "k", body=b"readable")
    assert second not in (None, first)
    assert receive(ledger, "k", body=b"readable") is None
    with ledger.reading() as tx:
        assert [second] == [each.id for each in deliveries.next_waiting(tx, "acme", 9)]


def test_the_same_key_from_two_sources_is_two_deliveries(ledger: Ledger) -> None:
    """Keys are the sources' own: two networks may use the same one."""
    assert None not in (receive(ledger, "k", "acme"), receive(ledger, "k", "other"))


def test_bytes_come_back_as_they_came(ledger: Ledger) -> None:
    """Whatever was received is kept byte for byte, also what is no text."""
    body = bytes(range(256)) * 3
    number = receive(ledger, "k", body=body)
    assert number is not None
    with ledger.reading() as tx:
        kept = deliveries.one(tx, number)
    assert kept is not None
    assert body == kept.body


def test_one_delivery_raced_by_many_is_kept_once(ledger: Ledger) -> None:
    """Eight processes are told the same thing at once: one keeps it, the others have it."""
    start, found = threading.Barrier(8), list[int | None]()

    def race() -> None:
        start.wait(30)
        found.append(receive(ledger, "k"))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 7 == found.count(None)
    with ledger.reading() as tx:
        count = tx.conn.execute(select(func.count()).select_from(t.deliveries)).scalar_one()
    assert 1 == count


def test_waiting_deliveries_come_in_the_order_of_arrival(ledger: Ledger) -> None:
    """Oldest first, of one source, and no longer once they are settled."""
    for key in ("c", "a", "b"):
        receive(ledger, key)
    receive(ledger, "other", "other")
    with ledger.writing() as tx:
        assert ["c", "a"] == [each.key for each in deliveries.next_waiting(tx, "acme", 2)]
        deliveries.settle(tx, deliveries.next_waiting(tx, "acme", 1)[0].id, deliveries.DONE)
        assert ["a", "b"] == [each.key for each in deliveries.next_waiting(tx, "acme", 9)]


def test_a_set_aside_delivery_is_taken_up_again_once(ledger: Ledger) -> None:
    """Only what is set aside can be brought back or dismissed."""
    number = receive(ledger, "k")
    assert number is not None
    with ledger.writing() as tx:
        assert deliveries.again(tx, number) is None
        deliveries.settle(tx, number, deliveries.SET_ASIDE, "not JSON")
        assert ["not JSON"] == [each.because for each in deliveries.set_aside(tx)]
        assert deliveries.again(tx, number) == "acme"
        assert deliveries.dismiss(tx, number) is None
        assert 1 == len(deliveries.next_waiting(tx, "acme", 9))
