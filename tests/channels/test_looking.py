"""A look-up says that a message is not there only where it could see all of what may be it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.channels.looking import MAY_NOT, fitting, looking_up
from bridge.errors import Gone, NeedsSignIn, NobodyKnows, Refused, Unreachable


def as_far_as(*found: int) -> Iterator[int]:
    yield from found
    raise NobodyKnows("there are too many")


@pytest.mark.parametrize("kind", [Refused, Gone])
def test_a_refused_question_says_nothing_of_the_message(kind: type[Exception]) -> None:
    with pytest.raises(NobodyKnows, match="cannot be looked up: not here"), looking_up():
        raise kind("not here")


def test_a_permission_that_lacks_is_no_dead_sign_in() -> None:
    lacks = NeedsSignIn("not granted")
    lacks.code = MAY_NOT
    with pytest.raises(NobodyKnows, match="not granted"), looking_up():
        raise lacks
    with pytest.raises(NeedsSignIn), looking_up():
        raise NeedsSignIn("expired")


def test_what_comes_by_itself_is_waited_for() -> None:
    with pytest.raises(Unreachable), looking_up():
        raise Unreachable("away")


def test_what_is_found_is_believed() -> None:
    assert [1, 2] == fitting(as_far_as(1, 2))
    assert [3] == fitting(as_far_as(), iter([3]))
    assert [] == fitting(iter([]), iter([]))


def test_nothing_is_believed_only_of_what_was_seen_to_its_end() -> None:
    with pytest.raises(NobodyKnows, match="too many"):
        fitting(as_far_as(), iter([]))
    with pytest.raises(Unreachable):
        fitting(as_far_as(1), away())


def away() -> Iterator[int]:
    raise Unreachable("away")
    yield 0
