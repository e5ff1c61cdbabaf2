"""What was made at a helpdesk, row by row."""

from __future__ import annotations

from typing import Any

from bridge.ledger import Ledger, fixtures

HERE, ELSEWHERE = "https://acme.zendesk.com", "https://other.zendesk.com"


def test_a_promise_gets_its_number(ledger: Ledger, clock: Any) -> None:
    """Until then it is no id that anybody may use; the time is the promise's."""
    with ledger.writing() as tx:
        fixtures.put(tx, HERE, "view", "x", remote_id="", body="{}")
        assert fixtures.ids(tx, HERE, "view") == ()
    made_at = clock()
    clock.move(60)
    with ledger.writing() as tx:
        fixtures.put(tx, HERE, "view", "x", remote_id="7", body="b", adopted=True)
    with ledger.reading() as tx:
        assert fixtures.ids(tx, HERE, "view") == (("x", "7"),)
        (row,) = fixtures.everything(tx, HERE)
    assert row == fixtures.Fixture("view", "x", "7", "b", made_at, adopted=True)


def test_each_helpdesk_has_its_own(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        fixtures.put(tx, HERE, "view", "x", remote_id="7", body="")
        fixtures.put(tx, ELSEWHERE, "view", "x", remote_id="8", body="")
        fixtures.put(tx, HERE, "macro", "x", remote_id="9", body="")
        fixtures.forget(tx, HERE, "view", "x")
        fixtures.forget(tx, HERE, "view", "x")
        assert [row.remote_id for row in fixtures.everything(tx, HERE)] == ["9"]
        assert fixtures.ids(tx, ELSEWHERE, "view") == (("x", "8"),)
