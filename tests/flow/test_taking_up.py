"""Workers take up what is published between two lanes: on each database, without a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridge import worker
from bridge.flow import lanes as names
from bridge.flow import publishing
from bridge.ledger import accounts, lanes, posts
from bridge.ledger.accounts import About, State
from bridge.taking_up import Live
from bridge.worker import Crew, run_once

LONGEST = 60.0
SECOND = """\
  branch:
    network: mastodon
    options:
      url: {url}
      token: env:{token}
      public_visibility: unlisted
helpdesk:
"""


def publish(world: Any, old: str, new: str, **set_there: str) -> int:
    """By a process that may know more secrets than this one."""
    number, ((name, text),) = publishing.live_files(world.bridge)
    assert old in text
    elsewhere = replace(world.bridge, environ={**world.environ, **set_there})
    files = ((name, text.replace(old, new)),)
    return publishing.publish(elsewhere, files, author="ada", comment="why", base=number).number


def with_branch(world: Any, token: str = "MASTODON_TOKEN", **set_there: str) -> int:
    url = world.bridge.mapping.accounts["acme"].options["url"]
    wanted = SECOND.format(url=url, token=token)
    return publish(world, "helpdesk:\n", wanted, **set_there)


def live(world: Any) -> Live:
    return Live(world.bridge, worker._taken_up)


def seconds_later(world: Any, looks: Live) -> bool:
    swapped = looks.look()
    world.bridge = looks.bridge
    return swapped


def has_lane(world: Any, lane: str) -> bool:
    with world.bridge.ledger.reading() as tx:
        return lanes.is_there(tx, lane)


def test_every_post_names_the_revision_that_routed_it(world: Any) -> None:
    """Before it is taken up the old rules hold, afterwards the new ones; nothing in between."""
    looks = live(world)
    first = world.ask("ada", "@bridge hello")
    assert 2 == publish(world, "group: Social", "group: Sales")
    second = world.ask("ada", "@bridge hi")
    assert seconds_later(world, looks)
    assert not seconds_later(world, looks)
    third = world.ask("chloe", "@bridge hey")
    with world.bridge.ledger.reading() as tx:
        rows = [posts.find(tx, "acme", each.id) for each in (first, second, third)]
    assert ["Social", "Social", "Sales"] == [row.route.group for row in rows]


def test_a_new_account_is_read_and_one_that_is_gone_rests(world: Any) -> None:
    """And the channels of those that stay are the same ones."""
    looks, acme = live(world), world.bridge.channels["acme"]
    with_branch(world)
    seconds_later(world, looks)
    assert {"acme", "branch"} == set(world.bridge.channels)
    assert acme is world.bridge.channels["acme"]
    assert has_lane(world, names.poll("branch"))
    world.settle()
    with world.bridge.ledger.reading() as tx:
        assert accounts.standing(tx, "branch").read_at is not None
    publishing.roll_back(world.bridge, 1, author="ada", base=2)
    seconds_later(world, looks)
    assert {"acme"} == set(world.bridge.channels)
    world.later(600)
    with world.bridge.ledger.reading() as tx:
        assert accounts.standing(tx, "branch").read_at < world.clock()
    assert not run_once(world.bridge, "test")


def test_a_worker_that_knows_nothing_of_it_yet_leaves_a_new_account_alone(world: Any) -> None:
    """It may never take the mapping up; whoever did reads the account all the same."""
    looks = live(world)
    with_branch(world)
    old = world.bridge
    assert looks.look()
    while run_once(old, "old"):
        pass
    world.clock.move(5)
    while run_once(looks.bridge, "new"):
        pass
    with world.bridge.ledger.reading() as tx:
        assert accounts.standing(tx, "branch").read_at is not None


def test_an_account_that_is_not_polled_any_more_rests(world: Any) -> None:
    """Its network calls us now: the lane from before does nothing, and does not fail."""

    class Pushed:
        pass

    world.bridge = replace(world.bridge, channels={"acme": Pushed()})
    for name in (names.poll("acme"), names.reread("acme")):
        with world.bridge.ledger.writing() as tx:
            lanes.wake(tx, name, account="acme")
            lease = lanes.claim(tx, "test", timedelta(seconds=60))
        assert lease is not None
        assert lease.lane == name
        assert worker.Rest() == worker._work(world.bridge, lease)


def test_a_conversation_goes_on_over_a_new_mapping(world: Any) -> None:
    """The answer that an agent writes afterwards goes where the conversation came from."""
    looks = live(world)
    status = world.ask("ada", "@bridge hello")
    publish(world, "group: Social", "group: Sales")
    seconds_later(world, looks)
    world.answer("Good day!")
    assert any("Good day!" in text for _, _, text in world.thread(status))


def test_a_worker_does_all_this_by_itself(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crew at work: published, taken up, the new account's lane made."""
    monkeypatch.setattr(worker, "EVERY", 0.02)
    crew = Crew(world.bridge, 2)
    crew.start()
    try:
        with_branch(world)
        until(lambda: has_lane(world, names.poll("branch")))
        with_branch_gone = publishing.roll_back(world.bridge, 1, author="ada", base=2)
        assert 3 == with_branch_gone.number
        until(lambda: crew._live.bridge.mapping.number == 3)
    finally:
        crew.stop()


def test_what_cannot_be_taken_up_is_put_down(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`bridge status` and the ops group are told; it is over with the next good one."""
    monkeypatch.setattr(worker, "EVERY", 0.02)
    crew = Crew(world.bridge, 1)
    crew.start()
    try:
        with_branch(world, "BRANCH_TOKEN", BRANCH_TOKEN="toot-toot-4712")
        until(lambda: trouble(world) is not None)
        found = trouble(world)
        assert found is not None
        assert State.DEGRADED is found.state
        assert "BRANCH_TOKEN is not set" in found.because
        assert "toot-toot-4712" not in found.because
        assert 1 == crew._live.bridge.mapping.number
        publishing.roll_back(world.bridge, 1, author="ada", base=2)
        until(lambda: trouble(world) is None)
    finally:
        crew.stop()


def trouble(world: Any) -> accounts.Trouble | None:
    with world.bridge.ledger.reading() as tx:
        return accounts.trouble(tx, world.bridge.desk, About.MAPPING)


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not done():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)
