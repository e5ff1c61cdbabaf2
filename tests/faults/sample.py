"""Which faults strike where in an ordinary run: few, always the same, and none of them left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from faults.flows import FLOWS
from faults.kinds import KINDS, fits
from faults.plan import Point, Strike

ABOUT = {Point("call", flow.about) for flow in FLOWS.values() if flow.about}


def fitting(point: Point) -> list[str]:
    """Every fault that can befall it."""
    return [fault for fault in KINDS[point.kind] if fits(point, fault)]


def sample(passed: Mapping[str, Sequence[Point]]) -> dict[str, list[Strike]]:
    """`passed` is what each flow passes without a fault. Flow → where it is struck by what.

    A call that some flow is about, and a webhook, meets every fault, each in another flow that
    passes it; where it may stay unknown what became of it, in that very flow. Each other point
    meets one fault, another one than its neighbour. Each flow is struck at a commit as well.
    """
    found: dict[str, list[Strike]] = {name: [] for name in passed}

    def strike(name: str, point: Point, fault: str) -> None:
        # Half of them the first time that the point is passed, half the last time.
        last = passed[name].count(point) - 1
        found[name].append(Strike(point, fault, last if len(found[name]) % 2 else 0))

    unsure = [name for name in passed if FLOWS[name].may_be_unknown]
    for name in unsure:
        about = Point("call", FLOWS[name].about)
        for fault in fitting(about):
            strike(name, about, fault)
    for point, fault in _wanted(passed):
        told = [name for name in passed if point in passed[name] and name not in unsure]
        strike(min(told, key=lambda name: len(found[name])), point, fault)
    for number, name in enumerate(passed):
        if all(each.point.kind != "commit" for each in found[name]):
            point = _of_kind("commit", passed[name], number)
            strike(name, point, fitting(point)[number % len(fitting(point))])
    return found


def _wanted(passed: Mapping[str, Sequence[Point]]) -> Iterator[tuple[Point, str]]:
    """The rarest points first, so that the common ones even out what each flow has to do."""
    flows = Counter(point for points in passed.values() for point in set(points))
    for number, point in enumerate(sorted(flows, key=lambda point: (flows[point], point))):
        faults = fitting(point)
        whole = point in ABOUT or point.kind == "webhook"
        for fault in faults if whole else [faults[number % len(faults)]]:
            yield point, fault


def _of_kind(kind: str, points: Sequence[Point], number: int) -> Point:
    some = list(dict.fromkeys(point for point in points if point.kind == kind))
    return some[number % len(some)]
