"""Every point where the process touches the outside, in every flow, and all that can go wrong.

The points are found by running each flow without a fault first. Then it is run again for a point
and a fault. Whatever happened: in the end both far sides hold what they hold without the fault,
in order and as visible as it was meant, and the ledger says the same; or, where nobody can know,
the ticket says just that.

In the suite runs a fixed sample (`faults.sample`); `make faults` runs them all and prints the
table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from databases import copied
from faults.flows import FLOWS, POST, Flow
from faults.kinds import KINDS
from faults.plan import Point, Strike
from faults.sample import fitting, sample
from faults.table import Cell
from faults.trial import Run, opened, run

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger
from bridge.model import Receipt, Visibility

pytestmark = pytest.mark.timeout(1800)
"""One test is many runs, with `make faults` some dozens."""

PAIRS = [(kind, fault) for kind, faults in KINDS.items() for fault in faults]


class Harness:
    """Runs flows, each in a world of its own; remembers what the runs without a fault left."""

    def __init__(self, open_world: Any, clock: type, empty: Path, home: Path) -> None:
        self._open_world = open_world
        self._clock = clock
        self._empty = empty
        self._home = home
        self._number = count()

    def run(self, flow: Flow, strike: Strike | None, meant: Run | None, url: str = "") -> Run:
        home = self._home / str(next(self._number))
        home.mkdir()
        if not url:
            url = copied(self._empty, home / "ledger.sqlite3")
        with opened(self._open_world, flow, strike, url, self._clock(), home) as trial:
            return run(trial, meant.there if meant else None)


@pytest.fixture
def harness(open_world: Any, clock: Any, migrated_sqlite: Path, tmp_path: Path) -> Harness:
    now, hands = clock.now, type(clock)
    return Harness(open_world, lambda: hands(now), migrated_sqlite, tmp_path)


@pytest.fixture(scope="session")
def faultless() -> dict[str, Run]:
    """By flow; filled by whoever needs it first."""
    return {}


@pytest.fixture
def without_a_fault(harness: Harness, faultless: dict[str, Run]) -> Callable[[Flow], Run]:
    def told(flow: Flow) -> Run:
        if flow.name not in faultless:
            faultless[flow.name] = harness.run(flow, None, None)
        return faultless[flow.name]

    return told


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_without_a_fault(name: str, without_a_fault: Any) -> None:
    """What all the others are compared with is what it should be."""
    flow = FLOWS[name]
    plain = without_a_fault(flow)
    assert () == plain.problems
    said = [each for ticket in plain.there.tickets for each in ticket.said]
    assert len(flow.ticket) == len(said), said
    for (public, words), each in zip(flow.ticket, said, strict=True):
        assert (public, True) == (each.public, words in each.text), each
    heard = plain.there.thread
    assert len(flow.thread) == len(heard), heard
    for (who, seen_by, words), each in zip(flow.thread, heard, strict=True):
        assert (who, seen_by, True) == (each.who, each.seen_by, words in each.text), each
    calls_made = {point.name for point in plain.passed if point.kind == "call"}
    assert set() == set(flow.passes) - calls_made, sorted(calls_made)


def struck(plain: Run, kind: str, fault: str) -> list[Strike]:
    """This fault at each point of its kind, the first and the last time that it is passed."""
    points = [point for point in dict.fromkeys(plain.passed) if point.kind == kind]
    return [
        Strike(point, fault, nth)
        for point in points
        if fault in fitting(point)
        for nth in sorted({0, plain.passed.count(point) - 1})
    ]


def told(strike: Strike, flow: Flow, ended: Run, record_property: Any, database: str = "") -> str:
    """Into the table with it; what was wrong, "" for nothing."""
    kind = f"{strike.point.kind}{database}"
    record_property(
        "cell",
        # Plain, so that it may cross from one process to another.
        asdict(
            Cell(flow.name, kind, strike.point.name, strike.fault, ended.result, ended.problems)
        ),
    )
    return "\n    ".join((f"{strike}", *ended.problems)) if ended.problems else ""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each flow with its part of the sample, or one for each of all its faults."""
    if "pair" in metafunc.fixturenames:
        every = metafunc.config.getoption("every_fault", default=False)
        pairs = PAIRS if every else [None]
        metafunc.parametrize("pair", pairs, ids=lambda pair: "-".join(pair) if pair else "sample")


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_with_a_fault(
    name: str,
    pair: tuple[str, str] | None,
    harness: Harness,
    without_a_fault: Any,
    record_property: Any,
) -> None:
    """Once, in order, as visible as meant, and all agree; or the ticket says that nobody knows."""
    flow = FLOWS[name]
    plain = without_a_fault(flow)
    strikes = struck(plain, *pair) if pair else sample(all_passed(without_a_fault))[name]
    ended = [told(each, flow, harness.run(flow, each, plain), record_property) for each in strikes]
    assert [] == [wrong for wrong in ended if wrong]


def all_passed(without_a_fault: Callable[[Flow], Run]) -> dict[str, tuple[Point, ...]]:
    return {name: without_a_fault(flow).passed for name, flow in FLOWS.items()}


ON_POSTGRESQL = [
    (name, fault)
    for number, name in enumerate(FLOWS)
    for at, fault in enumerate(KINDS["commit"])
    if at == number % len(KINDS["commit"])
]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("name", "fault"), ON_POSTGRESQL)
def test_a_commit_on_postgresql(
    name: str,
    fault: str,
    ledger: Ledger,
    harness: Harness,
    without_a_fault: Any,
    record_property: Any,
) -> None:
    """Each flow once, another transaction each time; the points are those found on SQLite."""
    flow = FLOWS[name]
    plain = without_a_fault(flow)
    strikes = struck(plain, "commit", fault)
    strike = strikes[list(FLOWS).index(name) % len(strikes)]
    ended = harness.run(flow, strike, plain, ledger.engine.url.render_as_string(False))
    assert "" == told(strike, flow, ended, record_property, " on PostgreSQL")


class Changed:
    """The account's channel, sending something else than it should."""

    def __init__(self, whole: Any, sends: Callable[[Any, Any], Any]) -> None:
        for name in dir(whole):
            if not name.startswith("_"):
                setattr(self, name, getattr(whole, name))
        self.send = lambda reply: sends(whole, reply)


def _twice(whole: Any, reply: Any) -> Any:
    whole.send(replace(reply, key=f"{reply.key} again"))
    return whole.send(reply)


def _never(_whole: Any, _reply: Any) -> Any:
    return Receipt("4711", "https://mastodon.example/4711")


def _in_private(whole: Any, reply: Any) -> Any:
    return whole.send(replace(reply, visibility=Visibility.PRIVATE))


def _two_at_once(whole: Any, reply: Any) -> Any:
    return whole.send(replace(reply, text=f"{reply.text} and more"))


@pytest.mark.parametrize("sends", [_twice, _never, _in_private, _two_at_once])
def test_what_is_wrong_in_the_end_is_seen(
    sends: Any, harness: Harness, without_a_fault: Any
) -> None:
    """A reply doubled, lost, seen by others than meant, or changed: no cell would be exact."""
    flow = FLOWS["public reply"]

    def dressed(bridge: Bridge) -> Bridge:
        return replace(bridge, channels={"acme": Changed(bridge.channels["acme"], sends)})

    strike = Strike(Point("call", POST), "429")
    ended = harness.run(replace(flow, dressed=dressed), strike, without_a_fault(flow))
    assert ended.problems


def test_a_fault_that_never_struck_is_no_success(harness: Harness, without_a_fault: Any) -> None:
    """A point that the flow does not pass any more would look exact."""
    flow = FLOWS["open"]
    strike = Strike(Point("call", "GET Zendesk /api/v2/nowhere"), "500")
    ended = harness.run(flow, strike, without_a_fault(flow))
    assert ("the fault never struck",) == ended.problems


def test_the_sample_is_broad(without_a_fault: Any) -> None:
    """Every point of every flow's is struck somewhere, every fault of each kind strikes, what a
    flow is about meets them all, and no flow is left alone."""
    passed = all_passed(without_a_fault)
    chosen = sample(passed)
    met = {(strike.point, strike.fault) for some in chosen.values() for strike in some}
    assert {point for points in passed.values() for point in points} == {each for each, _ in met}
    assert set(PAIRS) == {(point.kind, fault) for point, fault in met}
    for flow in FLOWS.values():
        here = {strike.point.kind for strike in chosen[flow.name]}
        assert {"call", "commit"} <= here, flow.name
        if flow.about:
            about = Point("call", flow.about)
            assert set(fitting(about)) == {fault for point, fault in met if point == about}
        if flow.may_be_unknown:
            ways = {each.fault for each in chosen[flow.name] if each.point == about}
            assert set(fitting(about)) == ways
    assert sum(map(len, chosen.values())) <= 200  # a sample, and not the whole in the suite's time


def test_a_sample_that_leaves_something_out_is_noticed(without_a_fault: Any) -> None:
    """The rules above are about points that are found: another one is in the sample by itself."""
    passed = all_passed(without_a_fault)
    new = Point("call", "DELETE Zendesk /api/v2/nothing")
    more = sample({**passed, "open": (*passed["open"], new)})
    assert new in {strike.point for strike in more["open"]}
