"""Whose turn it is: lines for each rank and account, found as quickly however long they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from bridge.flow.pacing import Turns
from bridge.ledger import Ledger, lanes, migrate, ranks
from bridge.ledger.ranks import Rank, heads
from bridge.ledger.tables import lanes as rows

MINUTE = timedelta(minutes=1)


def wake(ledger: Ledger, lane: str, account: str, rank: Rank, *, opens: bool = False) -> None:
    with ledger.writing() as tx:
        lanes.wake(tx, lane, account=account, rank=rank, opens=opens)


def turns(ledger: Ledger, count: int) -> list[str]:
    """The lanes that come next, each done at once."""
    taken, fair = [], Turns()
    for _ in range(count):
        with ledger.writing() as tx:
            lease = lanes.claim(tx, "a", MINUTE, fair.in_order)
            if lease is None:
                break
            lanes.rest(tx, lease, None)
        fair.served(ranks.rank_in(lease.line), ranks.account_in(lease.line))
        taken.append(lease.lane)
    return taken


def test_the_sooner_rank_goes_first_and_no_rank_waits_for_ever(ledger: Ledger) -> None:
    """Ranks have turns by their shares, whatever came first."""
    for number in range(40):
        wake(ledger, f"o{number}", "acme", Rank.ORDINARY)
        wake(ledger, f"b{number}", "acme", Rank.BULK)
    for number in range(40):
        wake(ledger, f"s{number}", "acme", Rank.SOON)
    first = turns(ledger, 42)
    assert first[0] == "s0"
    kinds = [lane[0] for lane in first]
    assert (32, 8, 2) == (kinds.count("s"), kinds.count("o"), kinds.count("b"))


def test_a_hot_account_does_not_delay_another_ones_post(ledger: Ledger, clock) -> None:
    """With two hundred waiting before it, the only post of another account is second."""
    for number in range(200):
        wake(ledger, f"hot{number}", "hot", Rank.ORDINARY)
    clock.move(1)
    wake(ledger, "quiet", "quiet", Rank.ORDINARY)
    assert "quiet" in turns(ledger, 2)


def test_within_a_line_the_order_is_that_of_waiting(ledger: Ledger, clock) -> None:
    for name in ("c", "a", "b"):
        wake(ledger, name, "acme", Rank.ORDINARY)
        clock.move(1)
    assert ["c", "a", "b"] == turns(ledger, 9)


def test_the_sooner_rank_is_kept_while_a_lane_waits(ledger: Ledger) -> None:
    """What is ordinary does not put off the private message before it; done, it counts anew."""
    wake(ledger, "one", "acme", Rank.SOON)
    wake(ledger, "one", "acme", Rank.ORDINARY)
    with ledger.writing() as tx:
        assert ["11acme"] == [head.line for head in ranks.heads(tx)]
    assert ["one"] == turns(ledger, 2)
    wake(ledger, "one", "acme", Rank.ORDINARY, opens=True)
    with ledger.writing() as tx:
        assert ["20acme"] == [head.line for head in ranks.heads(tx)]


def test_what_is_held_stands_in_nobodys_way(ledger: Ledger, clock) -> None:
    """A lane that waits for a network is due when it may go on, however often it is woken."""
    wake(ledger, "held", "acme", Rank.SOON)
    with ledger.writing() as tx:
        lease = lanes.claim(tx, "a", MINUTE)
        assert lease is not None
        lanes.hold(tx, lease, tx.now + MINUTE, "wait")
    wake(ledger, "held", "acme", Rank.SOON)
    with ledger.writing() as tx:
        assert lanes.claim(tx, "a", MINUTE) is None
        assert [clock() + MINUTE] == [head.at for head in heads(tx)]
    clock.move(60)
    assert ["held"] == turns(ledger, 2)


@pytest.mark.parametrize("waiting", [500, 50_000])
def test_the_plan_reads_no_line_to_its_end(ledger: Ledger, waiting: int) -> None:
    """Each step of the search is one look into the index, with fifty waiting as with five hundred
    thousand."""
    with ledger.writing() as tx:
        made = [
            {"key": f"k{n}", "account": f"a{n % 5}", "ready_at": tx.now, "line": f"21a{n % 5}"}
            for n in range(waiting)
        ]
        tx.conn.execute(insert(rows), made)
    with ledger.reading() as tx:
        if tx.postgres:
            tx.conn.execute(text("SET LOCAL enable_seqscan = off"))
            said = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)"
        else:
            said = "EXPLAIN QUERY PLAN"
        plan = _plan(tx, said)
    assert "ix_lanes_line_ready_at" in plan
    if not ledger.is_sqlite:
        read = [
            int(line.split("rows=")[1].split()[0].split(".")[0])
            for line in plan.split("\n")
            if "Index" in line and "rows=" in line
        ]
        assert max(read) <= 2, plan
    else:
        assert "SCAN lanes\n" not in f"{plan}\n"


def _plan(tx, said: str) -> str:
    compiled = ranks.FIRST_OF_EACH.compile(dialect=tx.conn.dialect)
    processors = compiled._bind_processors
    given = {
        name: processors[name](value) if name in processors else value
        for name, value in compiled.construct_params({"now": tx.now}).items()
    }
    sql = str(compiled)
    if compiled.positional:
        values = tuple(given[name] for name in compiled.positiontup)
        found = tx.conn.exec_driver_sql(f"{said} {sql}", values)
    else:
        found = tx.conn.exec_driver_sql(f"{said} {sql}", given)
    return "\n".join(" ".join(map(str, row)) for row in found)


def test_what_somebody_writes_to_is_hastened_the_next_time(postgres_url: str, clock) -> None:
    """Whoever waits for one lane while it keeps others may be waited for in turn."""
    ledger = Ledger(postgres_url, clock)
    try:
        migrate.upgrade(ledger)
        for number in (1, 2):
            wake(ledger, f"conversation:{number}", "acme", Rank.ORDINARY)
        with ledger.writing() as theirs, ledger.writing() as tx:
            lanes.stand_still(theirs, "conversation:1")
            tx.wait_at_most(0.2)
            ranks.hasten_waiting(tx, "acme", clock())
        assert ["conversation:2", "conversation:1"] == _ranked(ledger)
        with ledger.writing() as tx:
            ranks.hasten_waiting(tx, "acme", clock())
            assert ["11acme"] == [head.line for head in ranks.heads(tx)]
    finally:
        ledger.close()


def _ranked(ledger: Ledger) -> list[str]:
    with ledger.reading() as tx:
        return list(tx.conn.execute(select(rows.c.key).order_by(rows.c.line)).scalars())
