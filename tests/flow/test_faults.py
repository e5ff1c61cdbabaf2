"""Every point where the process touches the outside, in every flow, and all that can go wrong.

The points are found by running each flow without a fault first. Then it is run again for a point
and a fault. Whatever happened: in the end both far sides hold what they hold without the fault,
in order and as visible as it was meant, and the ledger says the same; or, where nobody can know,
the ticket says just that.

In the suite runs a fixed sample (each point meets some of the faults, each fault some of the
points of each flow); `make faults` runs them all and prints the table.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from faults.flows import FLOWS, POST, Flow
from faults.kinds import KINDS, fits
from faults.plan import Point, Strike
from faults.table import Cell
from faults.trial import Run, opened, run

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, migrate
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
            shutil.copy(self._empty, home / "ledger.sqlite3")
            url = f"sqlite:///{home / 'ledger.sqlite3'}"
        with opened(self._open_world, flow, strike, url, self._clock(), home) as trial:
            return run(trial, meant.there if meant else None)


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without a row."""
    file = tmp_path_factory.mktemp("empty") / "ledger.sqlite3"
    ledger = Ledger(f"sqlite:///{file}")
    migrate.upgrade(ledger)
    ledger.close()
    return file


@pytest.fixture
def harness(open_world: Any, clock: Any, empty_ledger: Path, tmp_path: Path) -> Harness:
    now, hands = clock.now, type(clock)
    return Harness(open_world, lambda: hands(now), empty_ledger, tmp_path)


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


def struck(plain: Run, flow: Flow, kind: str, fault: str, *, every: bool) -> list[Strike]:
    """Where this fault is tried. With `every` at each point of its kind, the first and the last
    time that it is passed; else where it is in the sample."""
    points = [point for point in dict.fromkeys(plain.passed) if point.kind == kind]
    found = []
    for number, point in enumerate(points, list(FLOWS).index(flow.name)):
        tried = _fitting(point) if every else _sample(flow, point, number)
        last = plain.passed.count(point) - 1 if every or _is_about(flow, point) else 0
        if fault in tried:
            found += [Strike(point, fault, nth) for nth in sorted({0, last})]
    return found


def _fitting(point: Point) -> list[str]:
    return [fault for fault in KINDS[point.kind] if fits(point, fault)]


def _is_about(flow: Flow, point: Point) -> bool:
    return point == Point("call", flow.about)


def _sample(flow: Flow, point: Point, number: int) -> list[str]:
    """The call that the flow is about meets every fault; each other call and webhook one, and
    every other commit one: another one for each point, and for the same point in each flow."""
    faults = _fitting(point)
    if _is_about(flow, point):
        return faults
    if point.kind == "commit":
        return [] if number % 2 else [faults[number // 2 % len(faults)]]
    return [faults[number % len(faults)]]


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


@pytest.mark.parametrize(("kind", "fault"), PAIRS)
@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_with_a_fault(
    name: str,
    kind: str,
    fault: str,
    harness: Harness,
    without_a_fault: Any,
    request: pytest.FixtureRequest,
    record_property: Any,
) -> None:
    """Once, in order, as visible as meant, and all agree; or the ticket says that nobody knows."""
    flow = FLOWS[name]
    plain = without_a_fault(flow)
    every = request.config.getoption("every_fault", default=False)
    strikes = struck(plain, flow, kind, fault, every=every)
    ended = [told(each, flow, harness.run(flow, each, plain), record_property) for each in strikes]
    assert [] == [wrong for wrong in ended if wrong]


ON_POSTGRESQL = [
    (name, fault)
    for number, name in enumerate(FLOWS)
    for at, fault in enumerate(KINDS["commit"])
    if at == number % len(KINDS["commit"])
]


@pytest.mark.parametrize("ledger_url", ["postgresql"], indirect=True)
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
    strikes = struck(plain, flow, "commit", fault, every=True)
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
    """Each call and webhook of each flow, half of its commits, every fault; and what a flow is
    about in all ways."""
    found: set[tuple[str, str]] = set()
    for flow in FLOWS.values():
        plain = without_a_fault(flow)
        tried = [
            strike
            for kind, fault in PAIRS
            for strike in struck(plain, flow, kind, fault, every=False)
        ]
        left_out = set(plain.passed) - {strike.point for strike in tried}
        assert {"commit"} >= {point.kind for point in left_out}, flow.name
        assert 2 * len(left_out) <= 1 + sum(point.kind == "commit" for point in set(plain.passed))
        ways = {strike.fault for strike in tried if strike.point.name == flow.about}
        if flow.about:
            assert set(_fitting(Point("call", flow.about))) == ways
        found |= {(strike.point.kind, strike.fault) for strike in tried}
    assert set(PAIRS) == found
