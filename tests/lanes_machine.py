"""Any interleaving of workers, deaths, freezes, waits and wakes keeps the lanes' promises.

What must come of it is computed by a model in memory (`lanes_work`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from lanes_work import LEASE, LOOK, Workers

from bridge.errors import LeaseLost
from bridge.ledger import Ledger, lanes, steps
from bridge.ledger.ranks import heads

LANES = {"conversation:1": "acme", "conversation:2": "other"}
HANDS = ("a", "b")
FATES = ("done", "done", "lost after", "lost before", "refused for now", "refused for good")

names = st.sampled_from(sorted(LANES))
hands = st.sampled_from(HANDS)
fates = st.sampled_from(FATES)
moves = st.sampled_from((1, 2, 3, 4, 5, 12))
spans = st.sampled_from((5, 40, 61, 200))

INSTANT = 0.001
"""So that no two lanes are due since the very same moment: which comes first is not promised."""


class Lanes(Workers, RuleBasedStateMachine):
    def __init__(self, ledger: Ledger, clock: Any) -> None:
        RuleBasedStateMachine.__init__(self)
        Workers.__init__(self, ledger, clock)

    # -------------------------------------------------------------- what arrives

    @initialize()
    def begin(self) -> None:
        for lane in LANES:
            self.add(lane, 0)
            self.tell(lane, "7")

    @rule(lane=names, what=st.sampled_from((0, 1, 2, 3, "7", "77", "wake", "wake later")))
    def arrive(self, lane: str, what: int | str) -> None:
        if isinstance(what, int):
            self.add(lane, what)
        elif what.isdecimal():
            self.tell(lane, what)
        else:
            self.wake(lane, 90 if what == "wake later" else 0)

    def add(self, lane: str, about: int) -> None:
        """The same thing may be asked for any number of times."""
        self.clock.move(INSTANT)
        key = f"{lane}:post:{about}"
        with self.ledger.writing() as tx:
            new = steps.add(tx, lane, "post", str(about), account=LANES[lane])
        assert new == (key not in self.added[lane])
        if new:
            self.added[lane].append(key)
        self.lanes[lane].wake(self.clock())

    def tell(self, lane: str, ticket: str) -> None:
        """Something happened that has to be looked at, now or with a look that still waits."""
        self.clock.move(INSTANT)
        self.news[lane, ticket] += 1
        with self.ledger.writing() as tx:
            steps.add_unless_waiting(tx, lane, LOOK, ticket, account=LANES[lane])
        self.lanes[lane].wake(self.clock())

    def wake(self, lane: str, later: int) -> None:
        self.clock.move(INSTANT)
        at = self.clock() + timedelta(seconds=later)
        with self.ledger.writing() as tx:
            lanes.wake(tx, lane, account=LANES[lane], at=at)
        self.lanes[lane].wake(at)

    @precondition(lambda self: any(lane.held for lane in self.lanes.values()))
    @rule(account=st.sampled_from(("acme", "other")))
    def unhold(self, account: str) -> None:
        """The account works again."""
        self.clock.move(INSTANT)
        held = [
            self.lanes[name]
            for name, whose in LANES.items()
            if whose == account and self.lanes[name].held is not None
        ]
        with self.ledger.writing() as tx:
            assert len(held) == lanes.unhold(tx, account)
        for lane in held:
            lane.held, lane.due, lane.rung = None, self.clock(), True

    @precondition(lambda self: self.aside)
    @rule(data=st.data(), again=st.booleans())
    def decide(self, data: st.DataObject, again: bool) -> None:
        """A person decides about what was set aside."""
        self.clock.move(INSTANT)
        step_id = data.draw(st.sampled_from(sorted(self.aside)))
        lane, key = self.aside.pop(step_id)
        with self.ledger.writing() as tx:
            assert (steps.again if again else steps.dismiss)(tx, step_id) == lane
        if again:
            self.late.add(key)
            self.lanes[lane].held = None
            self.lanes[lane].wake(self.clock())
        else:
            self.dismissed.add(key)

    # -------------------------------------------------------------- time and workers

    @precondition(lambda self: self.workers)
    @rule(hand=hands)
    def beat(self, hand: str) -> None:
        """A sign of life: slow is not dead."""
        with self.ledger.writing() as tx:
            lanes.prolong(tx, hand, LEASE)
        for lane in self.lanes.values():
            if lane.holder == hand and lane.until is not None and lane.until >= self.clock():
                lane.until = self.clock() + LEASE

    @rule(hand=hands, fate=fates, moves=moves, after=spans)
    def after_a_while(self, hand: str, fate: str, moves: int, after: int) -> None:
        self.clock.move(after)
        self.work(hand, fate, moves)

    @rule(hand=hands, fate=fates, moves=moves)
    def work(self, hand: str, fate: str, moves: int) -> None:
        """Somebody goes on from where they were, be it long ago, and is frozen again."""
        for _ in range(moves):
            self.clock.move(INSTANT)
            try:
                if hand in self.workers:
                    self.workers[hand].send(fate)
                else:
                    self.workers[hand] = self._worker(hand)
                    next(self.workers[hand])
            except (StopIteration, LeaseLost):
                del self.workers[hand]
                return

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), fate=fates, moves=moves)
    def overtake(self, data: st.DataObject, fate: str, moves: int) -> None:
        """One is frozen past their lease, another one goes on, then they wake up."""
        frozen = data.draw(st.sampled_from(sorted(self.workers)))
        self.clock.move(61)
        for hand in (*(set(HANDS) - {frozen}), frozen):
            self.work(hand, fate, moves)

    @precondition(lambda self: self.workers)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        del self.workers[data.draw(st.sampled_from(sorted(self.workers)))]

    # -------------------------------------------------------------- what must be true

    @invariant()
    def the_queue_is_told_as_it_is(self) -> None:
        now = self.clock()
        idle = [lane for lane in self.lanes.values() if lane.is_free(now) and lane.due]
        with self.ledger.reading() as tx:
            backlog, soonest = lanes.backlog(tx), min((head.at for head in heads(tx)), default=None)
        assert sum(lane.is_due(now) for lane in self.lanes.values()) == backlog.due
        assert sum(not lane.is_free(now) for lane in self.lanes.values()) == backlog.running
        assert soonest == min((lane.due for lane in idle if lane.due), default=None)

    @invariant()
    def everything_is_done_once_and_in_order(self) -> None:
        for lane, done in self.carried_out.items():
            assert len(done) == len(set(done))
            in_order = [key for key in self.added[lane] if key in set(done) - self.late]
            assert in_order == [key for key in done if key not in self.late]

    def teardown(self) -> None:
        """The frozen ones are gone. Another worker finds everything that waits."""
        self.workers.clear()
        for _ in range(200):
            self.clock.move(61)
            if not self.the_rest():
                break
        with self.ledger.reading() as tx:
            left = {step.kind for lane in LANES for step in steps.waiting(tx, lane)}
        assert set() == left, "something that waits was forgotten"
        aside = {key for _, key in self.aside.values()} | self.dismissed
        for lane in LANES:
            assert set(self.added[lane]) - aside <= set(self.carried_out[lane])
        assert self.news == self.seen, "news that nobody looked at"
        self.everything_is_done_once_and_in_order()

    def the_rest(self) -> bool:
        """One worker takes one lane and does all of it. False when none is due."""
        worker = self._worker("the rest")
        try:
            next(worker)
            while True:
                worker.send("done")
        except StopIteration:
            pass
        return any(lane.due or lane.held for lane in self.lanes.values())
