"""Living within the helpdesk's limits: who goes first when it takes less than what waits.

Nothing is written for it. The calls that are left stand in the helpdesk's own answers, for
everybody who uses the account; the updates of the last minute are counted where each is recorded
before it is sent. As a limit is used up, ranks are closed one after the other, bulk first, so
that something is left for private messages, for what is due before long and for agents' answers;
and what waits in a lane meanwhile goes to its ticket as one comment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bridge.helpdesks.contract import Budget
from bridge.ledger import Ledger, intents
from bridge.ledger.ranks import Head, Order, Rank, account_in, rank_in

WINDOW = timedelta(minutes=1)
SLICE = timedelta(seconds=6)
LOOK = timedelta(seconds=1)
"""The ledger is asked at most so often by one process how much all of them have used."""

SHORT = 0.5
"""With less than this part of a limit left, what waits goes together and turns are spread."""
FOR_ORDINARY = 0.3
"""Of this part nothing goes to bulk."""
FOR_SOON = 0.15
"""Of this part nothing goes to ordinary messages."""

SHARES = {Rank.UPKEEP: 16, Rank.SOON: 16, Rank.ORDINARY: 4, Rank.BULK: 1}
"""How many turns each rank has while all of them wait: none waits for ever."""


@dataclass(frozen=True, slots=True)
class Room:
    """The last rank that may have a turn now, by what its lanes do: anything, or changing a
    ticket that is there. `is_short`: what waits is to go together."""

    calls: Rank = Rank.BULK
    updates: Rank = Rank.BULK
    is_short: bool = False

    def takes(self, head: Head) -> bool:
        return head.rank <= (self.calls if head.opens else min(self.calls, self.updates))


@dataclass(frozen=True, slots=True)
class Used:
    """Updates of tickets by all of our processes, in the `WINDOW` and the `SLICE` before `at`."""

    at: datetime
    lately: int
    just_now: int


def room(budget: Budget, used: Used, most: int) -> Room:
    """What may have a turn. `most` is how many updates a minute the helpdesk takes. Pure."""
    calls, calls_short = _of_calls(budget, used.at)
    updates, updates_short = _of_updates(budget, used, most)
    return Room(calls, updates, calls_short or updates_short)


def _of_calls(budget: Budget, now: datetime) -> tuple[Rank, bool]:
    if _is_before(now, budget.closed_until):
        return Rank.UPKEEP, True
    if not budget.total or not _is_before(now, budget.whole_at):
        return Rank.BULK, False
    assert budget.whole_at is not None
    left = budget.left / budget.total
    to_come = min((budget.whole_at - now) / WINDOW, 1.0)
    return _rank(left, is_spread=left >= SHORT * to_come), left < SHORT


def _of_updates(budget: Budget, used: Used, most: int) -> tuple[Rank, bool]:
    if _is_before(used.at, budget.updates_closed_until):
        return Rank.UPKEEP, True
    left = 1 - used.lately / most
    return _rank(left, is_spread=used.just_now <= most * (SLICE / WINDOW)), left < SHORT


def _rank(left: float, *, is_spread: bool) -> Rank:
    """Half of a limit may go at once; the other half is spread over the minute."""
    if left <= 0:
        return Rank.UPKEEP
    if left <= FOR_SOON or (left < SHORT and not is_spread):
        return Rank.SOON
    return Rank.ORDINARY if left <= FOR_ORDINARY else Rank.BULK


def _is_before(now: datetime, instant: datetime | None) -> bool:
    return instant is not None and now < instant


@dataclass
class Turns:
    """Whose turn it was last: ranks by their shares, accounts of one rank in turn. In memory,
    because it decides about nothing but the order of what waits at this moment."""

    _past: dict[Rank, float] = field(default_factory=dict)
    _now: float = 0.0
    _served: dict[tuple[Rank, str], int] = field(default_factory=dict)
    _count: int = 0

    def in_order(self, heads: Iterable[Head]) -> list[Head]:
        """The next first: the rank that has had least of its share, in it the account that has
        waited for its turn for longest, of its lines the one that has been due for longest."""
        return sorted(
            heads,
            key=lambda head: (
                self._standing(head.rank),
                head.rank,
                self._served.get((head.rank, head.account), 0),
                head.at,
                head.line,
            ),
        )

    def served(self, rank: Rank, account: str) -> None:
        self._now = self._standing(rank)
        self._past[rank] = self._now + 1 / SHARES[rank]
        self._count += 1
        self._served[rank, account] = self._count

    def _standing(self, rank: Rank) -> float:
        """A rank that had nothing to do has saved nothing up."""
        return max(self._past.get(rank, 0.0), self._now)


class Pace:
    """What one process knows of the helpdesk's limits and of whose turn it is. Its worker threads
    share it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns = Turns()
        self._used: Used | None = None

    def order(self, ledger: Ledger, budget: Budget, most: int) -> Order:
        """Who may have a turn now, the next first."""
        room_now = self.room(ledger, budget, most)

        def chosen(heads: tuple[Head, ...]) -> Iterable[Head]:
            with self._guard:
                return self._turns.in_order(head for head in heads if room_now.takes(head))

        return chosen

    def had_a_turn(self, line: str) -> None:
        """`line`: where the lane stood that was taken."""
        with self._guard:
            self._turns.served(rank_in(line), account_in(line))

    def updated(self) -> None:
        """An update was sent: counted here until the ledger is asked again."""
        with self._guard:
            if self._used is not None:
                used = self._used
                self._used = replace(used, lately=used.lately + 1, just_now=used.just_now + 1)

    def room(self, ledger: Ledger, budget: Budget, most: int) -> Room:
        now = ledger.clock()
        with self._guard:
            used = self._used
        if used is None or not used.at <= now < used.at + LOOK:
            with ledger.reading() as tx:
                lately, just_now = intents.updates_lately(tx, WINDOW, SLICE)
            used = Used(now, lately, just_now)
            with self._guard:
                self._used = used
        return room(budget, replace(used, at=now), most)
