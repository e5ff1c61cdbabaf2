"""In a storm nothing is lost or doubled, whatever comes in which order, from however many accounts,
and whoever dies meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from flow_stage import staged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from bridge.flow import intake, storm_telling
from bridge.flow import lanes as names
from bridge.ledger import deliveries, lanes, storms
from bridge.ledger import storm_tables as s
from bridge.ledger import tables as t
from bridge.model import Event, Kind, Person, Post, Removal, Visibility

STORM = "storm: {after: 4, within: 10m, quiet: 30m}\nrules:\n"
DOWN = (
    "The app is down again and nobody can sign in since this morning",
    "the app is down again, nobody can sign in since this morning!",
    "Ugh: the app is down again and nobody can sign in since this morning",
)
NEEDS = (
    "Where can I find the invoice of my last purchase, please?",
    "My left shoe has a hole after two days, what shall I do?",
    "Do you have this coat in green, and in my size?",
)
LEASE = timedelta(seconds=60)


@dataclass
class Told:
    """An account that hears what a test says; it reads nothing by itself."""

    network: str = "mastodon"
    said: dict[bytes, tuple[Event, ...]] = field(default_factory=dict)

    def unpack(self, body: bytes) -> tuple[Event, ...]:
        return self.said[body]


class Crowd:
    """Accounts that hear, and only the intake of each: no helpdesk is asked for anything."""

    def __init__(self, world: Any, *accounts: str) -> None:
        self.world = world
        self.told = {account: Told() for account in accounts}
        channels = {**world.bridge.channels, **self.told}
        self.bridge = replace(world.bridge, channels=channels)
        self.count = 0

    def hear(self, account: str, *events: Event, key: str = "") -> None:
        self.count += 1
        name = key or f"{account}:{self.count}"
        self.told[account].said[name.encode()] = events
        with self.bridge.ledger.writing() as tx:
            deliveries.receive(tx, source=account, key=name, via="test", body=name.encode())

    def sort(self, account: str) -> None:
        with self._lane(names.intake(account)) as lease:
            intake.from_network(self.bridge, lease)

    def tick(self) -> None:
        with self._lane(names.storms(self.bridge.desk)) as lease:
            storm_telling.keep(self.bridge, lease)

    @contextmanager
    def _lane(self, lane: str) -> Iterator[lanes.Lease]:
        with self.bridge.ledger.writing() as tx:
            lease = lanes.take(tx, lane, f"test {lane}", LEASE)
        assert lease is not None
        yield lease
        with self.bridge.ledger.writing() as tx:
            lanes.rest(tx, lease, None)

    def post(self, account: str, name: str, text: str, **how: Any) -> Post:
        return replace(
            Post(
                account=account,
                network="mastodon",
                id=name,
                kind=Kind.MENTION,
                visibility=Visibility.PUBLIC,
                author=Person("mastodon", f"by {name}", name, name, followers=10),
                text=text,
                created_at=self.world.clock(),
                thread_id=name,
            ),
            **how,
        )

    def homes(self, account: str) -> dict[str, str]:
        """Network's id of each post → "folded", or the conversation of its own."""
        with self.bridge.ledger.reading() as tx:
            rows = tx.conn.execute(
                select(t.posts, t.conversations.c.account.label("whose"))
                .join(t.conversations, t.conversations.c.id == t.posts.c.conversation_id)
                .where(t.posts.c.account == account)
            ).all()
        return {
            row.network_id: "folded" if row.whose == self.bridge.desk else str(row.conversation_id)
            for row in rows
        }

    def told_twice(self) -> list[tuple[str, int]]:
        """Posts of which more than one ticket is told, or one is told twice."""
        with self.bridge.ledger.reading() as tx:
            rows = tx.conn.execute(
                select(t.revisions.c.post_id, func.count())
                .join(t.steps, t.steps.c.about == func.cast(t.revisions.c.id, t.steps.c.about.type))
                .where(t.steps.c.kind == "post")
                .group_by(t.revisions.c.post_id)
                .having(func.count() > 1)
            )
            return [tuple(row) for row in rows]

    def storms(self) -> int:
        with self.bridge.ledger.reading() as tx:
            return len(storms.open_ones(tx, self.bridge.desk))


@pytest.fixture
def crowd(world: Any) -> Crowd:
    world.remap("rules:\n", STORM)
    return Crowd(world, "acme", "beta")


SAID = st.tuples(
    st.sampled_from(("down", "down", "down", "need", "private", "twice", "edit", "remove")),
    st.integers(0, 2),
    st.sampled_from(("acme", "beta")),
    st.integers(1, 4),
)


def _ones_own(which: int, number: int) -> str:
    """A need that nobody else has: the very same one from many would be a storm, too."""
    return f"{NEEDS[which]} It is order {4000 + number}."


@given(st.lists(SAID, min_size=4, max_size=30))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_nothing_is_lost_or_doubled(crowd: Crowd, said: list[tuple[str, int, str, int]]) -> None:
    """What somebody else needs, and what is private, always has a conversation of its own; what is
    folded is in the one incident; and every post is somewhere."""
    crowd.world.clock.move(3600)
    crowd.tick()
    assert 0 == crowd.storms()
    needs: dict[tuple[str, str], bool] = {}
    order: list[Post] = []
    for what, which, account, together in said:
        name = f"n{crowd.count}"
        if what in ("down", "need", "private"):
            text = DOWN[which] if what != "need" else _ones_own(which, crowd.count)
            private = {"visibility": Visibility.PRIVATE, "kind": Kind.DM}
            post = crowd.post(account, name, text, **(private if what == "private" else {}))
            order.append(post)
            needs[account, name] = what != "down"
            crowd.hear(account, post)
        elif order:
            post = order[which % len(order)]
            if what == "twice":
                crowd.hear(post.account, post)
            elif what == "edit":
                text = _ones_own(which, crowd.count)
                edited = replace(post, text=text, revision=f"{crowd.count:06}")
                needs[post.account, post.id] = True
                crowd.hear(post.account, edited)
            else:
                crowd.hear(post.account, Removal(post.account, post.id, post.created_at, "gone"))
                needs.pop((post.account, post.id))
                order.remove(post)
        if together == 1:
            crowd.sort(account)
    for account in ("acme", "beta"):
        crowd.sort(account)
    homes = {(a, name): home for a in ("acme", "beta") for name, home in crowd.homes(a).items()}
    for key, is_need in needs.items():
        assert key in homes
        if is_need:
            assert "folded" != homes[key], key
    own = Counter((key[0], homes[key]) for key in needs if homes[key] != "folded")
    assert [] == [each for each, times in own.items() if times > 1]
    assert [] == crowd.told_twice()
    assert crowd.storms() <= 1


def test_a_thousand_posts_are_folded_at_a_price_that_stays(crowd: Crowd) -> None:
    """No more statements for the last than for the first that is folded, fewer than for a post
    with a ticket of its own; and the incident is written to once a minute at most."""
    ledger, counted = crowd.bridge.ledger, [0]

    def count(*_: Any) -> None:
        counted[0] += 1

    def price(name: str, text: str) -> int:
        crowd.hear("acme", crowd.post("acme", name, text))
        counted[0] = 0
        crowd.sort("acme")
        return counted[0]

    for number in range(4):
        crowd.hear("acme", crowd.post("acme", f"first{number}", DOWN[number % 3]))
    crowd.sort("acme")
    event.listen(ledger.engine, "before_cursor_execute", count)
    try:
        first = price("early", DOWN[0])
        for number in range(1000):
            crowd.hear("acme", crowd.post("acme", f"p{number}", DOWN[number % 3]))
        crowd.sort("acme")
        last = price("late", DOWN[0])
        own = price("own", NEEDS[0])
    finally:
        event.remove(ledger.engine, "before_cursor_execute", count)
    assert first == last
    assert last < own
    homes = crowd.homes("acme")
    assert 4 + 1002 + 1 == len(homes)
    assert 1003 == sum(home == "folded" for home in homes.values())
    assert "folded" != homes["own"]
    crowd.world.clock.move(61)
    crowd.tick()
    with ledger.reading() as tx:
        told = tx.conn.execute(
            select(t.steps.c.about).where(t.steps.c.kind == "storm").order_by(t.steps.c.id)
        ).scalars()
        # The opening still waits for its turn: it will say how it is then.
        assert ["1:open"] == list(told)


def test_two_accounts_at_once_make_one_storm(crowd: Crowd) -> None:
    """Whichever is first; and none waits for another for ever."""
    for number in range(120):
        for account in ("acme", "beta"):
            crowd.hear(
                account,
                crowd.post(account, f"{number}", DOWN[number % 3]),
                crowd.post(account, f"need{number}", NEEDS[number % 3] + f" {number}{number}7"),
            )
    failures: list[BaseException] = []

    def sort(account: str) -> Callable[[], None]:
        def work() -> None:
            try:
                crowd.sort(account)
            except BaseException as failure:  # noqa: BLE001  # raised where the test can see it
                failures.append(failure)

        return work

    both = [threading.Thread(target=sort(account)) for account in ("acme", "beta")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [] == failures
    assert 1 == crowd.storms()
    homes = {
        (account, name): home
        for account in ("acme", "beta")
        for name, home in crowd.homes(account).items()
    }
    assert 480 == len(homes)
    folded = {name for (_, name), home in homes.items() if home == "folded"}
    assert not any(name.startswith("need") for name in folded)
    # Who could not see what the other had not committed yet has a ticket more.
    alone = [key for key, home in homes.items() if home != "folded" and "need" not in key[1]]
    assert 3 <= len(alone) <= 2 * 4
    assert [] == crowd.told_twice()


def test_a_storm_that_ends_takes_nobody_any_more(crowd: Crowd) -> None:
    for number in range(6):
        crowd.hear("acme", crowd.post("acme", f"p{number}", DOWN[0]))
    crowd.sort("acme")
    crowd.world.clock.move(31 * 60)
    crowd.tick()
    crowd.hear("acme", crowd.post("acme", "late", DOWN[0]))
    crowd.sort("acme")
    assert "folded" != crowd.homes("acme")["late"]
    with crowd.bridge.ledger.reading() as tx:
        assert 0 == tx.conn.execute(select(func.count()).select_from(s.storm_keys)).scalar_one()


@pytest.mark.parametrize("breaths", range(1, 26, 2))
def test_whoever_dies_meanwhile(world: Any, breaths: int) -> None:
    """Workers that die at any point of it; each post is somewhere, and the incident opened once."""
    world.remap("rules:\n", STORM)
    with staged(world) as stage:
        crowd = Crowd(world, "acme")
        world.bridge.channels["acme"].unpack = crowd.told["acme"].unpack
        world.bridge.channels["acme"].reread = lambda post_ids: ()
        for number in range(7):
            crowd.hear("acme", crowd.post("acme", f"p{number}", DOWN[number % 3]))
        with world.bridge.ledger.writing() as tx:
            lanes.wake(tx, names.intake("acme"), account="acme")
        for _ in range(4):
            stage.die(breaths)
            world.clock.move(world.bridge.settings.lease_seconds + 1)
        stage.work()
        world.clock.move(120)
        stage.work()
    homes = crowd.homes("acme")
    assert 7 == len(homes)
    assert 4 == sum(home == "folded" for home in homes.values())
    incidents = [each for each in world.tickets() if "bridge_storm" in each.tags]
    assert 1 == len(incidents)
    assert 4 == len(world.tickets())
    opened = [said for said in world.comments(incidents[0]) if "From now on" in said.plain_body]
    assert 1 == len(opened)
