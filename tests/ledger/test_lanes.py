"""Lanes: one worker at a time, no wake lost, and nothing written after a lease has gone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from bridge.errors import LeaseLost
from bridge.ledger import Ledger, Tx, lanes, ranks
from bridge.ledger.lanes import Lease
from bridge.ledger.ranks import heads
from bridge.ledger.ringing import CHANNEL

MINUTE = timedelta(minutes=1)


def wake(ledger: Ledger, *names: str, account: str = "") -> None:
    for name in names:
        with ledger.writing() as tx:
            lanes.wake(tx, name, account=account)


def claim(ledger: Ledger, holder: str = "a", lease_for: timedelta = MINUTE) -> Lease | None:
    with ledger.writing() as tx:
        return lanes.claim(tx, holder, lease_for)


def claimed(ledger: Ledger, holder: str = "a") -> Lease:
    lease = claim(ledger, holder)
    assert lease is not None
    return lease


def rest(ledger: Ledger, lease: Lease) -> None:
    with ledger.writing() as tx:
        lanes.rest(tx, lease, None)


def test_nothing_is_claimed_where_nothing_is_due(ledger: Ledger) -> None:
    """An empty ledger has no work, and a lane that is due later is not due now."""
    assert claim(ledger) is None
    with ledger.writing() as tx:
        lanes.wake(tx, "later", at=tx.now + MINUTE)
    assert claim(ledger) is None


def test_the_lane_that_is_due_for_longest_comes_first(ledger: Ledger, clock) -> None:
    """Lanes are taken in the order in which they became due, whatever their names."""
    for name in ("c", "a", "b"):
        wake(ledger, name)
        clock.move(1)
    taken = [claimed(ledger).lane for _ in range(3)]
    assert ["c", "a", "b"] == taken
    assert claim(ledger) is None


def test_a_lane_is_in_one_pair_of_hands(ledger: Ledger) -> None:
    """While a lease runs, nobody else gets the lane, however often it is woken."""
    wake(ledger, "one")
    claimed(ledger)
    wake(ledger, "one", "one")
    assert claim(ledger, "b") is None


def test_an_earlier_wake_wins_over_a_later_one(ledger: Ledger, clock) -> None:
    """A lane that is due now stays due now when somebody asks for it later."""
    wake(ledger, "one")
    with ledger.writing() as tx:
        lanes.wake(tx, "one", at=tx.now + MINUTE)
    assert claim(ledger) is not None


WRITES: dict[str, Callable[[Tx, Lease], None]] = {
    "fence": lanes.fence,
    "hold": lambda tx, lease: lanes.hold(tx, lease, tx.now + MINUTE, "late"),
    "rest": lambda tx, lease: lanes.rest(tx, lease, None),
}


@pytest.mark.parametrize("write", sorted(WRITES))
def test_whose_lease_was_taken_writes_nothing(ledger: Ledger, clock, write: str) -> None:
    """A worker that froze past its lease finds out at its next write, and the lane stays with the
    one who has it now."""
    wake(ledger, "one")
    frozen = claimed(ledger, "a")
    clock.move(61)
    now = claimed(ledger, "b")
    assert frozen.epoch < now.epoch
    with pytest.raises(LeaseLost), ledger.writing() as tx:
        WRITES[write](tx, frozen)
    with ledger.writing() as tx:
        lanes.fence(tx, now)
    assert claim(ledger, "c") is None


def test_what_is_written_beside_a_lost_lease_is_rolled_back(ledger: Ledger, clock) -> None:
    """The fence undoes the whole transaction it stands in, also what was written before it."""
    wake(ledger, "one")
    frozen = claimed(ledger, "a")
    clock.move(61)
    claimed(ledger, "b")

    def write() -> None:
        with ledger.writing() as tx:
            lanes.wake(tx, "made beside it")
            lanes.fence(tx, frozen)

    with pytest.raises(LeaseLost):
        write()
    with ledger.reading() as tx:
        assert 1 == lanes.backlog(tx).running
        assert 0 == lanes.backlog(tx).due


def test_a_lane_given_back_takes_no_more_writes_after_the_next_claim(ledger: Ledger) -> None:
    """Giving back twice is only noticed once somebody else has the lane: the epoch decides."""
    wake(ledger, "one")
    first = claimed(ledger, "a")
    rest(ledger, first)
    wake(ledger, "one")
    claimed(ledger, "b")
    with pytest.raises(LeaseLost), ledger.writing() as tx:
        lanes.rest(tx, first, None)


def test_a_wake_during_the_work_is_not_lost(ledger: Ledger) -> None:
    """Who is woken while running is due again as soon as the lane is given back."""
    wake(ledger, "one")
    lease = claimed(ledger)
    wake(ledger, "one")
    rest(ledger, lease)
    again = claimed(ledger)
    rest(ledger, again)
    assert claim(ledger) is None


def test_a_lane_rests_until_the_instant_it_named(ledger: Ledger, clock) -> None:
    """A poll comes back after its interval by itself."""
    wake(ledger, "one")
    lease = claimed(ledger)
    with ledger.writing() as tx:
        lanes.rest(tx, lease, tx.now + MINUTE)
    with ledger.reading() as tx:
        assert [clock() + MINUTE] == [head.at for head in heads(tx)]
    clock.move(59)
    assert claim(ledger) is None
    clock.move(1)
    assert claim(ledger) is not None


def test_a_hold_is_not_shortened_by_a_wake(ledger: Ledger, clock) -> None:
    """The wait that a far side asked for is kept, however much arrives meanwhile; each hold in a
    row counts as one more failure."""
    wake(ledger, "one")
    lease = claimed(ledger)
    with ledger.writing() as tx:
        lanes.hold(tx, lease, tx.now + MINUTE, "asked to wait")
    wake(ledger, "one", "one")
    clock.move(59)
    assert claim(ledger) is None
    clock.move(1)
    assert 1 == claimed(ledger).failures


def test_what_an_account_held_goes_on_at_once(ledger: Ledger) -> None:
    """When an account works again its lanes need not wait, and no other account's lane moves."""
    wake(ledger, "ours", account="acme")
    wake(ledger, "theirs", account="other")
    for _ in range(2):
        lease = claimed(ledger)
        with ledger.writing() as tx:
            lanes.hold(tx, lease, tx.now + MINUTE, "signed out")
    with ledger.writing() as tx:
        assert 1 == lanes.unhold(tx, "acme")
    assert "ours" == claimed(ledger).lane
    assert claim(ledger) is None


def test_one_lane_is_released_for_a_person(ledger: Ledger) -> None:
    """Who asks for another try does not wait for the hold to end."""
    wake(ledger, "one")
    lease = claimed(ledger)
    with ledger.writing() as tx:
        lanes.hold(tx, lease, tx.now + MINUTE, "signed out")
    with ledger.writing() as tx:
        lanes.release_now(tx, "one")
    assert "one" == claimed(ledger).lane


def test_a_sign_of_life_prolongs_what_is_held_and_nothing_else(ledger: Ledger, clock) -> None:
    """Prolonging keeps a running lease; one that has run out is not brought back."""
    wake(ledger, "alive")
    claimed(ledger, "a")
    wake(ledger, "dead")
    claimed(ledger, "b")
    clock.move(50)
    with ledger.writing() as tx:
        lanes.prolong(tx, "a", MINUTE)
    clock.move(20)
    with ledger.writing() as tx:
        lanes.prolong(tx, "b", MINUTE)
    assert "dead" == claimed(ledger, "c").lane
    assert claim(ledger, "c") is None


def test_a_claim_goes_by_what_a_look_has_shown(ledger: Ledger, clock) -> None:
    """It looks again only where nothing of that is to be had any more."""
    wake(ledger, "one", account="acme")
    with ledger.reading() as tx:
        seen = ranks.heads(tx)
    clock.move(-1)
    wake(ledger, "sooner", account="another")
    clock.move(1)
    with ledger.writing() as tx:
        lease = lanes.claim(tx, "a", MINUTE, seen=seen)
        again = lanes.claim(tx, "b", MINUTE, seen=seen)
    assert lease is not None
    assert again is not None
    assert ["one", "sooner"] == [lease.lane, again.lane]


def test_many_threads_never_share_a_lane(ledger: Ledger) -> None:
    """Eight threads take forty lanes over and over: no two ever hold the same one at a time, and
    every lane is done as often as it was woken."""
    names = [f"lane {number}" for number in range(40)]
    wake(ledger, *names)
    guard, held, done, shared = threading.Lock(), set[str](), Counter[str](), []

    def work(holder: str) -> None:
        while (lease := claim(ledger, holder)) is not None:
            with guard:
                shared.extend({lease.lane} & held)
                held.add(lease.lane)
                done[lease.lane] += 1
                first = done[lease.lane] == 1
            if first:
                wake(ledger, lease.lane)  # while it runs: it must come round once more
            with guard:
                held.discard(lease.lane)
            rest(ledger, lease)

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    work("the rest")
    assert [] == shared
    assert dict.fromkeys(names, 2) == done


def test_a_wake_is_told_to_listeners_when_it_is_committed(postgres_url: str, clock) -> None:
    """On PostgreSQL whoever listens hears of a wake, and only after the commit."""
    import psycopg

    from bridge.ledger import migrate

    ledger = Ledger(postgres_url, clock)
    try:
        migrate.upgrade(ledger)
        address = ledger.engine.url.set(drivername="postgresql").render_as_string(False)
        with psycopg.connect(address, autocommit=True) as listening:
            listening.execute(f"LISTEN {CHANNEL}")
            with ledger.writing() as tx:
                lanes.wake(tx, "one")
                assert [] == list(listening.notifies(timeout=0, stop_after=1))
            heard = list(listening.notifies(timeout=30, stop_after=1))
        assert [CHANNEL] == [each.channel for each in heard]
    finally:
        ledger.close()


def test_the_backlog_tells_due_held_and_running_apart(ledger: Ledger) -> None:
    """A held lane is not reported as one that nobody gets round to."""
    wake(ledger, "held")
    lease = claimed(ledger)
    with ledger.writing() as tx:
        lanes.hold(tx, lease, tx.now + MINUTE, "asked to wait")
    wake(ledger, "running")
    claimed(ledger)
    wake(ledger, "due")
    with ledger.reading() as tx:
        backlog = lanes.backlog(tx)
    assert (1, 1, 1) == (backlog.due, backlog.held, backlog.running)
