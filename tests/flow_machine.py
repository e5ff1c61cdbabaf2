"""People, agents, workers and far sides, in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flow_deeds import CUSTOMERS, FAULTS, SHOPPERS, Deeds
from flow_said import check
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bridge.ledger import Ledger

SPANS = st.sampled_from((1, 16, 31, 61, 130, 310, 700))
BREATHS = st.integers(2, 14)
Then = tuple[str, int, int]
THEN = st.tuples(
    st.sampled_from(("nothing", "work", "work", "some work", "die", "freeze")), SPANS, BREATHS
)
COMMANDS = (("", None), ("", None), ("#dm", None), ("#public", None), ("", "private"))
COMMANDS += (("", "public"),)

WHAT = ("asks", "replies", "replies", "writes", "writes below", "edit", "edit", "delete")


class AnyOrder(Deeds, RuleBasedStateMachine):
    """Which of it happens when."""

    def __init__(self, ledger: Ledger, clock: Any, opened: Callable[[], Any]) -> None:
        RuleBasedStateMachine.__init__(self)
        Deeds.__init__(self, ledger, clock, opened)

    # -------------------------------------------------------------- who does what

    @initialize(private=st.booleans())
    def begin(self, private: bool) -> None:
        """A thread on each network, and a ticket for each."""
        self.asks("ada", private)
        self.writes("1001", private=False)
        self._deliver(self.waiting.pop())
        self.works(31)

    @rule(
        what=st.sampled_from(WHAT),
        who=st.integers(0, 1),
        private=st.booleans(),
        then=THEN,
        data=st.data(),
    )
    def a_customer(
        self, what: str, who: int, private: bool, then: Then, data: st.DataObject
    ) -> None:
        if what in ("asks", "replies"):
            ask = self.asks if what == "asks" else self.replies
            ask(sorted(CUSTOMERS)[who], private, *((data,) if what == "replies" else ()))
        elif what in ("edit", "delete") and self._living():
            self.takes_back(data, what)
        else:
            shopper = sorted(SHOPPERS)[who]
            if what == "writes":
                self.writes(shopper, private)
            else:
                self.writes_below(shopper, private, data)
        self._then(then)

    @rule(
        data=st.data(),
        what=st.sampled_from(("arrives", "arrives", "arrives again", "is seen", "is told")),
        same_key=st.booleans(),
        then=THEN,
    )
    def a_delivery(self, data: st.DataObject, what: str, same_key: bool, then: Then) -> None:
        if what == "arrives" and self.waiting:
            self.arrives(data)
        elif what == "is seen":
            self.is_seen(data)
        elif what == "is told" and self.snapshots:
            self.is_told(data, same_key)
        else:
            self.arrives_again(data, same_key)
        self._then(then)

    @precondition(lambda self: self.world.tickets())
    @rule(
        data=st.data(),
        how=st.sampled_from(COMMANDS),
        pings=st.sampled_from(("at once", "at once", "twice", "later", "never")),
        then=THEN,
    )
    def an_agent(
        self, data: st.DataObject, how: tuple[str, str | None], pings: str, then: Then
    ) -> None:
        self.answers(data, how, pings)
        self._then(then)

    @precondition(lambda self: self.world.tickets())
    @rule(data=st.data(), what=st.sampled_from(("note", "#retry", "solve", "late ping")), then=THEN)
    def the_helpdesk(self, data: st.DataObject, what: str, then: Then) -> None:
        if what == "solve":
            self.solves(data)
        elif what == "late ping" and self.pings:
            self.pings_late()
        else:
            self.notes(data, retry=what == "#retry")
        self._then(then)

    @rule(
        side=st.sampled_from(("desk", "desk", "town", "shop")),
        fault=st.sampled_from(sorted(FAULTS)),
        method=st.sampled_from(("POST", "PUT", "POST", "PUT", "GET", "")),
        times=st.integers(1, 2),
        then=THEN,
    )
    def a_far_side(self, side: str, fault: str, method: str, times: int, then: Then) -> None:
        self.breaks(side, fault, method, times)
        self._then(then)

    @precondition(lambda self: self.stage.asleep)
    @rule(data=st.data(), breaths=st.none() | BREATHS, after=SPANS, beats=st.booleans())
    def a_sleeper(self, data: st.DataObject, breaths: int | None, after: int, beats: bool) -> None:
        if beats:
            self.beats()
        self.wakes_up(data, breaths, after)

    @rule(then=THEN, restarts=st.booleans())
    def workers(self, then: Then, restarts: bool) -> None:
        if restarts:
            self.restarts()
        self._then(then)

    def _then(self, then: Then) -> None:
        """What the workers do next, if anything."""
        what, after, breaths = then
        if what == "work":
            self.works(after)
        elif what == "some work":
            self.works_a_little(after, breaths)
        elif what == "die":
            self.dies(after, breaths)
        elif what == "freeze" and len(self.stage.asleep) < 3:
            self.freezes(after, breaths)

    def teardown(self) -> None:
        try:
            self.recover()
            check(self.story)
            self.agree()
        finally:
            self.open.close()
