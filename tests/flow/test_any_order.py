"""Any interleaving of duplicated, delayed and reordered deliveries, edits, deletions, agents'
comments, pings that never come, frozen and killed workers and restarts keeps the promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flow_machine import AnyOrder
from flow_said import check
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test
from orders import examples, longest

from bridge.ledger import Ledger
from bridge.sandbox.mastodon.posts import Reach


@pytest.fixture
def machine(ledger: Ledger, clock: Any, open_world: Any, tmp_path: Path) -> Callable[[], AnyOrder]:
    return lambda: AnyOrder(
        ledger, clock, lambda: open_world(ledger, clock, tmp_path, checked=False)
    )


# ------------------------------------------------------------------ the checker bites


@pytest.fixture
def told(machine: Callable[[], AnyOrder]) -> Iterator[AnyOrder]:
    """A world in which everything went well: Ada wrote in public twice, edited, and was answered
    privately; somebody wrote on the website and was answered there."""
    at = machine()
    at.begin(private=False)
    at.clock.move(61)
    at.stage.work()
    first, second = at.story.posts
    shopper, ada = at.world.tickets()
    at.story.answer(ada, "#dm", None)
    at.story.answer(shopper, "", None)
    at.world.desk.answer(ada.id, "n1e", public=False)
    at._post("ada", False, first.id)
    at.writes("1001", private=False, above=second.id)
    at.clock.move(61)
    first.version += 1
    at.world.town.edit(first.id, f"Dear @bridge {first.text}")
    at.recover()
    check(at.story)
    at.agree()
    yield at
    at.open.close()


def _adas_ticket(at: AnyOrder) -> list[Any]:
    """Its audits: it came second."""
    return at.world.desk.audits[at.world.tickets()[1].id]


def _doubles_a_comment(at: AnyOrder) -> None:
    audits = _adas_ticket(at)
    audits.append(next(audit for audit in audits if audit.comment))


def _loses_a_post(at: AnyOrder) -> None:
    del _adas_ticket(at)[0]


def _loses_an_edit(at: AnyOrder) -> None:
    audits = _adas_ticket(at)
    audits[:] = [a for a in audits if not (a.comment and "edited" in a.comment.plain_body)]


def _swaps_two_posts(at: AnyOrder) -> None:
    audits = _adas_ticket(at)
    told = [place for place, a in enumerate(audits) if a.comment and "Dear" in a.comment.plain_body]
    first, last = told[0], next(place for place in told[1:] if audits[place].comment.public)
    audits[first], audits[last] = audits[last], audits[first]


def _leaves_what_was_deleted(at: AnyOrder) -> None:
    at.story.posts[1].deleted = True


def _mistakes_the_author(at: AnyOrder) -> None:
    at.story.posts[1].who = "Ben Okri"


def _mistakes_who_may_read_it(at: AnyOrder) -> None:
    at.story.posts[0].private = True


def _ours(at: AnyOrder, words: str) -> Any:
    return next(s for s in at.world.town.statuses() if words in s.text)


def _says_it_in_public(at: AnyOrder) -> None:
    private = _ours(at, "a0e")
    at.world.town._statuses[private.id] = replace(private, reach=Reach.PUBLIC)


def _says_it_twice(at: AnyOrder) -> None:
    once = _ours(at, "a0e")
    at.world.town._statuses["twice"] = replace(once, id="twice")


def _keeps_it_to_itself(at: AnyOrder) -> None:
    at.world.town.delete(_ours(at, "a0e").id)


def _posts_a_note(at: AnyOrder) -> None:
    at.world.town.post("bridge", "n1e")


def _forgets_the_notice(at: AnyOrder) -> None:
    at.world.town.delete(_ours(at, "private message").id)


def _gives_notice_twice(at: AnyOrder) -> None:
    notice = _ours(at, "private message")
    at.world.town._statuses["twice"] = replace(notice, id="twice")


TAMPERED = [
    _doubles_a_comment,
    _loses_a_post,
    _loses_an_edit,
    _swaps_two_posts,
    _leaves_what_was_deleted,
    _mistakes_the_author,
    _mistakes_who_may_read_it,
    _says_it_in_public,
    _says_it_twice,
    _keeps_it_to_itself,
    _posts_a_note,
    _forgets_the_notice,
    _gives_notice_twice,
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_world_that_was_tampered_with_is_found_out(told: AnyOrder) -> None:
    """Each promise is broken on purpose once, and mended again: a checker that finds nothing
    proves nothing."""
    town, desk, story = told.world.town, told.world.desk, told.story
    overlooked = []
    for tamper in TAMPERED:
        statuses, posts = dict(town._statuses), [dict(vars(post)) for post in story.posts]
        audits = {ticket: list(some) for ticket, some in desk.audits.items()}
        tamper(told)
        try:
            check(story)
            overlooked.append(tamper.__name__)
        except AssertionError:
            pass
        town._statuses, desk.audits = statuses, audits
        for post, was in zip(story.posts, posts, strict=True):
            vars(post).update(was)
    assert [] == overlooked
    check(story)


# ------------------------------------------------------------------ any order


@pytest.mark.timeout(longest(1800))
def test_any_order_keeps_the_promises(machine: Callable[[], AnyOrder]) -> None:
    """Every post once, every answer once, nothing private in public, and the tickets tell."""
    how = examples(14, 18)
    try:
        run_state_machine_as_test(machine, settings=how)
    except FlakyStrategyDefinition:
        # Workers are threads and far sides are sockets. Seen once, on a very busy machine: the same
        # beginning led somewhere else, and what was drawn no longer fitted. That is no promise
        # broken (which is another error); it is drawn once more.
        run_state_machine_as_test(machine, settings=how)
