"""One run of one flow, with one fault in it or none, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from databases import hurry
from faults import calls, commits, truth, webhooks
from faults.acts import as_it_is
from faults.flows import Flow
from faults.plan import Died, Plan, Point, Strike
from faults.truth import Truth

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger
from bridge.opening import open_bridge, publish
from bridge.sandbox.server import serve
from bridge.sandbox.site import create_app, new_website
from bridge.settings import Secret, Settings
from bridge.worker import run_once, seed

EXACT, TOLD, UNKNOWN = "exact", "exact, told", "unknown, said so"
"""Exactly one of everything; the same, and the ticket told of the trouble meanwhile; what cannot
be known is shown as unknown."""

OpenWorld = Callable[..., AbstractContextManager[Any]]


@dataclass
class Trial:
    """A world in which a flow is run, with the seams where it can be struck."""

    world: Any
    flow: Flow
    plan: Plan
    sides: dict[int, calls.FarSide] = field(default_factory=dict)
    website: Any = None
    stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        world = self.world
        self.calls = calls.Seam(self.plan, self.sides, self.others)
        self.commits = commits.Seam(self.plan, self.others)
        self.webhooks = webhooks.Seam(self.plan, lambda: world.bridge, self.begin_anew)
        self._side(world.desk.address, "Zendesk", world.desk.faults)
        self._side(world.desk.content_address, "Zendesk's files", world.desk.faults)
        network = world.bridge.mapping.accounts["acme"].options["url"]
        self._side(network, "Mastodon", world.town_faults)
        world.settle = self.settle
        world.tell = self.webhooks.zendesk

    def _side(self, url: str, name: str, faults: Any) -> None:
        self.sides[int(url.rpartition(":")[2])] = calls.FarSide(name, faults)

    # ------------------------------------------------------------ for the flows

    def settle_with(self, settings: Settings) -> None:
        """Begin anew with other settings, and come to rest."""
        self.world.bridge = replace(self.world.bridge, settings=settings)
        self.begin_anew()
        self.settle()

    def open_website(self, secret: Secret) -> str:
        """Its address."""
        self.website = new_website(self.world.clock, secret, secret)
        self.stack.callback(self.website.courier.stop)
        running = self.stack.enter_context(serve(create_app(self.website)))
        self.website.url = running.url
        self._side(running.url, "website", self.website.faults)
        return running.url

    def told_by_website(self) -> None:
        self.webhooks.website(self.website, "shop")
        self.settle()

    # ------------------------------------------------------------ processes

    def settle(self) -> None:
        """Do everything that is due now. Where the process dies, another one goes on."""
        try:
            self._work(self.world.bridge, "this one")
        except (Died, commits.Lost):
            self.begin_anew()
            self._work(self.world.bridge, "the next one")

    def _work(self, bridge: Bridge, holder: str) -> None:
        for _ in range(300):
            if not run_once(bridge, holder):
                return
        raise AssertionError("the lanes do not come to rest")

    def begin_anew(self) -> None:
        """The process is gone: another one begins with what is on disk, and nothing else."""
        self.world.bridge.helpdesk.close()
        self.world.bridge.ledger.close()
        self.world.bridge = self.another()
        seed(self.world.bridge)

    def another(self) -> Bridge:
        """One more process of this installation, with connections of its own."""
        world = self.world
        bridge = open_bridge(world.bridge.settings, world.environ, clock=world.clock)
        # Closed once more in the end: who was frozen or died may have opened it again.
        self.stack.callback(bridge.ledger.close)
        hurry(bridge.ledger)
        return self.flow.dressed(publish(bridge))

    def others(self) -> None:
        """Longer than a lease goes by, in which another process takes over and finishes all."""
        settings = self.world.bridge.settings
        other = self.another()
        try:
            seed(other)
            for seconds in (settings.lease_seconds + 1, 12, 31):
                self.world.clock.move(seconds)
                self._work(other, "the others")
        finally:
            other.helpdesk.close()
            other.ledger.close()

    def recover(self) -> None:
        """Time goes by, late things arrive, and in the end all is asked for again in every way."""
        self.world.clock.move(5)
        self.calls.arrive()
        for seconds in (130, 700, 31):
            self.world.clock.move(seconds)
            self.webhooks.arrive()
            self.settle()
        for ticket in self.world.tickets():
            self.world.ping(ticket)

    def waiting(self) -> tuple[Any, ...]:
        return tuple(fault for side in self.sides.values() for fault in side.faults.waiting())


@dataclass(frozen=True)
class Run:
    """`passed` are the points that the flow passed; `problems` what is wrong in the end."""

    result: str
    passed: tuple[Point, ...]
    there: Truth
    problems: tuple[str, ...] = ()


@contextmanager
def opened(
    open_world: OpenWorld, flow: Flow, strike: Strike | None, url: str, clock: Any, home: Path
) -> Iterator[Trial]:
    ledger = Ledger(url, clock)
    hurry(ledger)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        stack.callback(ledger.close)
        world = stack.enter_context(open_world(ledger, clock, home, checked=strike is None))
        trial = Trial(world, flow, Plan(strike), stack=stack)
        trial.calls.install(patch)
        trial.commits.install(patch)
        flow.prepare(trial)
        if flow.dressed is not as_it_is:
            trial.begin_anew()
        flow.before(trial)
        yield trial
        world.bridge.ledger.close()


def run(trial: Trial, meant: Truth | None) -> Run:
    """Run the flow; `meant` is what its run without a fault left (None: this is that run)."""
    plan, flow = trial.plan, trial.flow
    plan.watching = True
    flow.act(trial)
    plan.watching = False
    passed = tuple(plan.passed)
    trial.recover()
    there = truth.found(trial.world, trial.website)
    if plan.strike is None:
        return Run(EXACT, passed, there, tuple(truth.disagreements(trial.world, trial.website)))
    problems = [] if plan.struck else ["the fault never struck"]
    problems += [f"still waiting: {fault}" for fault in trial.waiting()]
    assert meant is not None
    result, wrong = _judged(trial, meant, there)
    return Run(result, passed, there, (*problems, *wrong))


def _judged(trial: Trial, meant: Truth, there: Truth) -> tuple[str, list[str]]:
    assert trial.plan.strike is not None
    calm = truth.without_notes_of_trouble
    if trial.flow.may_be_unknown and truth.is_unsure(trial.world, there):
        wrong = truth.disagreements(trial.world, unsure=True)
        if there.thread not in (meant.thread, meant.thread[:-1]):
            wrong.append(f"on the network: {there.thread}")
        return UNKNOWN, wrong + truth.difference(calm(meant).tickets, calm(there).tickets)
    wrong = truth.disagreements(trial.world, trial.website)
    if trial.plan.strike.fault == "401" and meant != there:
        meant, there = calm(meant), calm(there)
        result = TOLD
    else:
        result = EXACT
    wrong += truth.difference(meant.tickets, there.tickets)
    wrong += truth.difference(meant.thread, there.thread)
    return result, wrong
