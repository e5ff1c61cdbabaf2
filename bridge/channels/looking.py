"""Looking for a message of ours whose answer was lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.errors import NeedsSignIn, NobodyKnows, PersonMustAct


@contextmanager
def looking_up() -> Iterator[None]:
    """Around each question of a look-up: a "no" to the question says nothing of the message, and is
    told as `NobodyKnows`. A dead sign-in stays one: it is looked up once somebody has signed in."""
    try:
        yield
    except NeedsSignIn:
        raise
    except PersonMustAct as no:
        raise NobodyKnows(f"it cannot be looked up: {no.because}") from no
