"""Within the helpdesk's limits: what is closed as they are used up, and who goes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.flow.pacing import SHARES, Room, Turns, Used, room
from bridge.helpdesks.contract import Budget
from bridge.ledger.ranks import Head, Rank, line_prefix

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
IDLE = Used(NOW, 0, 0)
WHOLE = NOW + timedelta(seconds=60)


def calls(left: int, *, of: int = 200, resets: float = 0.0) -> Budget:
    return Budget(of, left, NOW + timedelta(seconds=resets or 1))


@pytest.mark.parametrize(
    ("left", "expected"),
    [(200, Rank.BULK), (80, Rank.BULK), (60, Rank.ORDINARY), (30, Rank.SOON), (0, Rank.UPKEEP)],
)
def test_ranks_close_one_after_the_other(left: int, expected: Rank) -> None:
    """Bulk first; of the last part of the account's calls only what is urgent has any."""
    found = room(calls(left), IDLE, 100)
    assert expected == found.calls
    assert (left < 100) == found.is_short


def test_what_has_become_of_an_old_limit_is_not_known() -> None:
    """After its window the account's limit is whole again."""
    assert Room() == room(Budget(200, 0, NOW), IDLE, 100)


def test_the_second_half_of_a_limit_is_spread_over_its_window() -> None:
    """Less than half is left and the minute has just begun: what can wait waits."""
    assert Rank.SOON == room(calls(90, resets=59), IDLE, 100).calls
    assert Rank.BULK == room(calls(90, resets=30), IDLE, 100).calls
    assert Rank.SOON == room(Budget(), Used(NOW, 60, 11), 100).updates
    assert Rank.BULK == room(Budget(), Used(NOW, 60, 10), 100).updates


def test_a_ticket_may_be_opened_when_no_ticket_may_be_changed() -> None:
    """Zendesk counts the two apart."""
    found = room(Budget(), Used(NOW, 100, 0), 100)
    heads = [Head(f"{line_prefix(Rank.ORDINARY, opens=opens)}acme", NOW) for opens in (True, False)]
    assert [True, False] == [found.takes(head) for head in heads]


def test_a_refusal_closes_what_it_is_about() -> None:
    later = NOW + timedelta(seconds=20)
    assert Rank.UPKEEP == room(Budget(closed_until=later), IDLE, 100).calls
    found = room(Budget(updates_closed_until=later), IDLE, 100)
    assert (Rank.BULK, Rank.UPKEEP) == (found.calls, found.updates)


accounts = st.sampled_from("abcde")
lines = st.sets(st.tuples(st.sampled_from(list(Rank)), accounts), min_size=1)


@settings(deadline=None)
@given(lines)
def test_everybody_who_waits_has_a_turn(waiting: set[tuple[Rank, str]]) -> None:
    """While all of them go on waiting, each rank has its share, and in it each account the same."""
    heads = [Head(f"{line_prefix(rank, opens=False)}{account}", NOW) for rank, account in waiting]
    turns = Turns()
    ranks = {rank for rank, _ in waiting}
    whole = sum(SHARES[rank] for rank in ranks)
    had: dict[tuple[Rank, str], int] = dict.fromkeys(waiting, 0)
    for _ in range(whole * 20):
        head = turns.in_order(heads)[0]
        turns.served(head.rank, head.account)
        had[head.rank, head.account] += 1
    for rank in ranks:
        own = [times for (each, _), times in had.items() if each is rank]
        assert abs(sum(own) - SHARES[rank] * 20) <= len(ranks)
        assert max(own) - min(own) <= 1


def test_a_rank_that_had_nothing_to_do_has_saved_nothing_up() -> None:
    """After a long time of nothing but ordinary messages, private ones take their share only."""
    turns = Turns()
    ordinary, soon = (
        Head(f"{line_prefix(rank, opens=False)}a", NOW) for rank in (Rank.ORDINARY, Rank.SOON)
    )
    for _ in range(100):
        turns.served(Rank.ORDINARY, "a")
    taken = []
    for _ in range(20):
        head = turns.in_order([ordinary, soon])[0]
        turns.served(head.rank, head.account)
        taken.append(head.rank)
    assert 3 <= taken.count(Rank.ORDINARY) <= 4


def test_under_pressure_what_waits_goes_as_one_comment(hears: Any) -> None:
    """With most of the minute's updates used, three messages of one person are one update, in
    order, each with its own footer; a private one among them is not mixed in."""
    world = hears.world
    hears(hears.post("m0", "message 0."))
    world.bridge.helpdesk.updates_per_minute = 4
    hears(hears.post("m1", "message 1.", parent_id="m0", thread_id="m0"))
    hears(hears.post("m2", "message 2.", parent_id="m0", thread_id="m0"))
    hears(hears.post("m3", "message 3.", parent_id="m0", thread_id="m0"))
    before = len(world.comments())
    for number in (4, 5, 6):
        hears.keep(hears.post(f"m{number}", f"message {number}.", parent_id="m0", thread_id="m0"))
    world.settle()
    assert before == len(world.comments())
    world.later(61)
    (together,) = world.comments()[before:]
    said = together.plain_body
    assert [4, 5, 6] == sorted((4, 5, 6), key=lambda n: said.index(f"message {n}."))
    assert 3 == said.count("— Mastodon")
