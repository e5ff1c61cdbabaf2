"""What a worker does in a lane, each move by itself, and what is promised of the lane meanwhile.

The model in memory knows nothing of the ledger's rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orders import empty

from bridge.errors import LeaseLost
from bridge.ledger import Ledger, Tx, conversations, intents, lanes, people, steps
from bridge.ledger.lanes import Lease
from bridge.model import Outcome, Person, Receipt

LEASE = timedelta(seconds=60)
FAR, LOOK = "acme", "look"


@dataclass
class Expected:
    """What is promised of one lane. `rung`: somebody woke it since it was claimed."""

    due: datetime | None = None
    held: datetime | None = None
    until: datetime | None = None
    holder: str = ""
    epoch: int = 0
    rung: bool = False

    def is_free(self, now: datetime) -> bool:
        return self.until is None or self.until < now

    def is_due(self, now: datetime) -> bool:
        open_ = self.held is None or self.held <= now
        return self.due is not None and self.due <= now and open_ and self.is_free(now)

    def wake(self, at: datetime) -> None:
        """What is held is due when it may go on, whoever wakes it."""
        at = max(filter(None, (at, self.held)))
        self.due, self.rung = min(filter(None, (self.due, at))), True


Work = Generator[None, str, None]


class Workers:
    """Wherever a worker yields it may be frozen, die, or see others go on; what it is sent is the
    fate of its next call."""

    def __init__(self, ledger: Ledger, clock: Any) -> None:
        self.ledger, self.clock = ledger, clock
        empty(ledger)
        with ledger.writing() as tx:
            ada = people.remember(tx, Person(FAR, "1", "ada", "Ada"))
            self.conversation = conversations.begin(tx, FAR, ada, "thread:1", tx.now)
        self.lanes: dict[str, Expected] = defaultdict(Expected)
        self.workers: dict[str, Work] = {}
        self.added: dict[str, list[str]] = defaultdict(list)
        self.aside: dict[int, tuple[str, str]] = {}
        self.late: set[str] = set()
        self.dismissed: set[str] = set()
        self.carried_out: dict[str, list[str]] = defaultdict(list)
        self.news: dict[tuple[str, str], int] = defaultdict(int)
        self.seen: dict[tuple[str, str], int] = defaultdict(int)

    def _worker(self, hand: str) -> Work:
        lease = self._claim(hand)
        if lease is None:
            return
        fate = yield
        while True:
            with self.ledger.reading() as tx:
                head = next(iter(steps.waiting(tx, lease.lane, most=1)), None)
            if head is None:
                fate = yield
                self._give_back(lease, None)
                return
            fate = yield
            if head.kind == LOOK:
                with self._under(lease) as tx:
                    steps.begin(tx, head.id)
                where = (lease.lane, head.about.partition(":")[0])
                found = self.news[where]
                if fate != "done":
                    self.tell(*where)  # just after it was looked at
                fate = yield
                with self._under(lease) as tx:
                    steps.settle(tx, head.id, steps.DONE)
                self.seen[where] = max(self.seen[where], found)
                continue
            held = yield from self._carry_out(lease, head, fate)
            if held:
                return

    def _carry_out(self, lease: Lease, step: steps.Step, fate: str) -> Generator[None, str, bool]:
        """Record, try, settle. True when the lane was given back for a while."""
        lane, key = lease.lane, f"{lease.lane}:{step.kind}:{step.about}"
        with self._under(lease) as tx:
            intent = intents.intend(
                tx, key=key, kind="send", far_side=FAR, conversation_id=self.conversation, body=key
            )
        fate = yield
        there = intent.receipt is not None
        if not there and intent.state == intents.OPEN and intent.tries:
            there = key in self.carried_out[lane]
        if not there:
            with self._under(lease) as tx:
                intents.trying(tx, intent.id)
            # Nothing comes between the last look at the lease and the call.
            if fate in ("done", "lost after"):
                assert key not in self.carried_out[lane], "the far side was told twice"
                self.carried_out[lane].append(key)
            if fate != "done":
                yield
                return (yield from self._failed(lease, step, intent, fate))
            yield
        with self._under(lease) as tx:
            intents.settle(tx, intent, Receipt(key))
        yield
        with self._under(lease) as tx:
            steps.settle(tx, step.id, steps.DONE)
        return False

    def _failed(
        self, lease: Lease, step: steps.Step, intent: intents.Intent, fate: str
    ) -> Generator[None, str, bool]:
        with self._under(lease) as tx:
            if fate == "refused for now":
                intents.unsent(tx, intent.id)
            elif fate == "refused for good":
                intents.refuse(tx, intent, Outcome.REFUSED, "refused", fate)
                steps.settle(tx, step.id, steps.SET_ASIDE, fate)
            else:
                intents.note(tx, Outcome.UNKNOWN, intent_id=intent.id)
            steps.tried(tx, step.id, fate)
        if fate == "refused for good":
            self.aside[step.id] = (lease.lane, intent.key)
            return False
        yield
        self._give_back(lease, self.clock() + timedelta(seconds=30))
        return True

    def _claim(self, hand: str) -> Lease | None:
        now = self.clock()
        due = {name: lane.due for name, lane in self.lanes.items() if lane.is_due(now)}
        with self.ledger.writing() as tx:
            lease = lanes.claim(tx, hand, LEASE)
        if lease is None:
            assert {} == due, "nobody gets round to what is due"
            return None
        assert lease.lane in due, "a lane that is held, leased or not due was given away"
        assert min(filter(None, due.values())) == due[lease.lane]
        lane = self.lanes[lease.lane]
        assert lane.epoch < lease.epoch
        lane.epoch, lane.until, lane.holder = lease.epoch, now + LEASE, hand
        lane.held, lane.rung = None, False
        return lease

    def _give_back(self, lease: Lease, held: datetime | None) -> None:
        """`held` None: there is nothing left to do, until somebody wakes it."""
        with self._written(lease), self.ledger.writing() as tx:
            if held is None:
                lanes.rest(tx, lease, None)
            else:
                lanes.hold(tx, lease, held, "asked to wait")
        lane, now = self.lanes[lease.lane], self.clock()
        lane.due = held or (now if lane.rung else None)
        lane.held, lane.until, lane.holder = held, None, ""

    @contextmanager
    def _under(self, lease: Lease) -> Iterator[Tx]:
        with self._written(lease), self.ledger.writing() as tx:
            yield tx
            lanes.fence(tx, lease)  # last, so that it has something to undo

    @contextmanager
    def _written(self, lease: Lease) -> Iterator[None]:
        """Whoever's epoch has passed must learn of it, and nobody else."""
        theirs = self.lanes[lease.lane].epoch == lease.epoch
        try:
            yield
        except LeaseLost:
            assert not theirs, "the lane's own worker was turned away"
            raise
        assert theirs, "a stale lease has written"
