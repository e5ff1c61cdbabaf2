"""Long lists of ids, a few hundred to a statement: databases bind only so many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

MOST = 500

T = TypeVar("T")


def portions(ids: Sequence[T], most: int = MOST) -> Iterator[Sequence[T]]:
    """All of them in their order; none of nothing."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]
