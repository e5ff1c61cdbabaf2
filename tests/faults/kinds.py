"""The three kinds of points, the faults of each, and which fault can befall which point."""

from __future__ import annotations

from faults import calls, commits, webhooks
from faults.plan import Point

KINDS = {"call": calls.FAULTS, "commit": commits.FAULTS, "webhook": webhooks.FAULTS}


def fits(point: Point, fault: str) -> bool:
    """Whether this fault can befall this point at all."""
    if point.kind == "call":
        return calls.fits(point, fault)
    return point.kind == "webhook" or commits.fits(point, fault)
