"""Looking for a message of ours whose answer was lost.

What was found is believed, however much could not be looked through. That there is none is believed
only where everything was: else the message is sent again, and stands there twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bridge.errors import NeedsSignIn, NobodyKnows, PersonMustAct

T = TypeVar("T")

MAY_NOT = "needs_permission"
"""The code of a `NeedsSignIn` that is about what was asked, and not about the sign-in."""


@contextmanager
def looking_up() -> Iterator[None]:
    """Around each question of a look-up: a "no" to the question says nothing of the message, and is
    told as `NobodyKnows`. A dead sign-in stays one: it is looked up once somebody has signed in."""
    try:
        yield
    except PersonMustAct as no:
        if isinstance(no, NeedsSignIn) and no.code != MAY_NOT:
            raise
        raise NobodyKnows(f"it cannot be looked up: {no.because}") from no


def fitting(*looks: Iterable[T]) -> list[T]:
    """What fits, of look-ups that go on as it is asked for. Raises what they raise, but for
    `NobodyKnows` where another one has found it, or the same one had before."""
    found: list[T] = []
    unknown: NobodyKnows | None = None
    for look in looks:
        try:
            for one in look:
                found.append(one)  # noqa: PERF402 - what comes before an exception stays
        except NobodyKnows as no:
            unknown = no
    if unknown is not None and not found:
        raise unknown
    return found
