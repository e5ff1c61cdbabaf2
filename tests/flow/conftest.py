"""A whole small world: a bridge on each database, a stand-in helpdesk, a stand-in network.

Nothing runs in the background: `world.settle()` does all the work that is due at the clock's
instant, so that every test decides what happens between two steps.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from contract import ContractChecker
from sqlalchemy import select

from bridge.channels import registry
from bridge.channels.mastodon import instance
from bridge.flow import lanes as names
from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, deliveries, lanes, tables
from bridge.mapping import load
from bridge.model import Event, Kind, Person, Post, Visibility
from bridge.opening import open_bridge, publish
from bridge.sandbox import mastodon as network
from bridge.sandbox.faults import Faults
from bridge.sandbox.mastodon import Status
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import Desk, create_app, preset
from bridge.sandbox.zendesk.records import Said, Ticket
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.worker import run_once, seed

MAPPING = """
accounts:
  acme:
    network: mastodon
    options:
      url: {network}
      token: env:MASTODON_TOKEN
helpdesk:
  fields:
    network: {p.FIELD_NETWORK}
    account: {p.FIELD_ACCOUNT}
    author: {p.FIELD_AUTHOR}
    permalink: {p.FIELD_PERMALINK}
    language: {p.FIELD_LANGUAGE}
    reply_as: {p.FIELD_REPLY_AS}
    delivery: {p.FIELD_DELIVERY}
rules:
  - name: private
    when:
      visibility: private
    route:
      group: Private messages
      priority: high
  - name: the rest
    route:
      group: Social
      tags: [social]
"""

HERE = Path(__file__).resolve().parent
ON_BOTH = frozenset(
    f"test_{about}.py"
    for about in (
        "any_order",
        "erasing",
        "erasing_promises",
        "erasing_storms",
        "fleet",
        "once",
        "publishing",
        "storms_whole",
        "story",
        "taking_up",
    )
)
"""Here the database itself is in question. All else here asks what the bridge does, by SQL
that tests/ledger runs on both; half of it on each finds what is left, at half the price."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a test that would run on both databases one is left, always the same one."""
    if config.getoption("both_databases"):
        return
    twins: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.path.parent == HERE and item.path.name not in ON_BOTH and _on(item):
            twins[item.nodeid.replace(_on(item), "*", 1)].append(item)
    out = {
        item
        for name, both in twins.items()
        if len(both) == 2
        for item in both
        if _on(item) != ("sqlite", "postgresql")[sha256(name.encode()).digest()[0] % 2]
    }
    config.hook.pytest_deselected(items=list(out))
    items[:] = [item for item in items if item not in out]


def _on(item: pytest.Item) -> str:
    """The database that it runs on, "" for none or for one of its own."""
    called = getattr(item, "callspec", None)
    return str(called.params.get("database", "")) if called else ""


@dataclass
class World:
    """Everything of one test. `town` is the network, `desk` the helpdesk."""

    delivery_field = preset.FIELD_DELIVERY

    bridge: Bridge
    town: network.Town
    town_faults: Faults
    desk: Desk
    clock: object
    environ: dict[str, str]

    def settle(self, rounds: int = 300) -> None:
        """Do everything that is due now, and nothing that is due later."""
        seed(self.bridge)
        for _ in range(rounds):
            if not run_once(self.bridge, "test"):
                return
        raise AssertionError("the lanes do not come to rest")

    def later(self, seconds: float) -> None:
        """Some time goes by, then everything due is done."""
        self.clock.move(seconds)
        self.settle()

    def tickets(self) -> tuple[Ticket, ...]:
        return self.desk.all_tickets()

    def ticket(self) -> Ticket:
        """The only ticket there is."""
        (only,) = self.tickets()
        return only

    def comments(self, ticket: Ticket | None = None) -> tuple[Said, ...]:
        return self.desk.comments((ticket or self.ticket()).id)

    def notes(self, ticket: Ticket | None = None) -> list[str]:
        """The internal notes on a ticket."""
        return [said.plain_body for said in self.comments(ticket) if not said.public]

    def answer(self, text: str, ticket: Ticket | None = None, **how: object) -> Said:
        """An agent answers, the helpdesk pings, and everything due is done."""
        ticket = ticket or self.ticket()
        self.clock.move(5)
        said = self.desk.answer(ticket.id, text, **how)
        self.ping(ticket)
        return said

    def ping(self, ticket: Ticket) -> None:
        """The helpdesk pings, and everything due is done."""
        self.tell(ticket)
        self.settle()

    def tell(self, ticket: Ticket, body: bytes = b"{}") -> None:
        """What `POST /helpdesk/zendesk/events` keeps of a genuine event."""
        with self.bridge.ledger.writing() as tx:
            deliveries.receive(
                tx,
                source=self.bridge.desk,
                key=uuid4().hex,
                via="webhook",
                body=body,
                about=str(ticket.id),
            )
            lanes.wake(tx, names.intake(self.bridge.desk))

    def dump(self) -> str:
        """Every row of the ledger."""
        with self.bridge.ledger.reading() as tx:
            return "\n".join(
                f"{table.name}: {row}"
                for table in tables.metadata.sorted_tables
                for row in tx.conn.execute(select(table))
            )

    def posting_fails(self, fault: str, **how: object) -> None:
        """From now on, whatever we post."""
        self.town_faults.add(fault, method="POST", path="/api/v1/statuses", times=None, **how)

    def noted(self, words: str) -> int:
        """How many notes say so."""
        return sum(words in note for note in self.notes())

    def sent(self) -> list[str]:
        """The last word of each of our posts in the first thread."""
        asked = self.town.statuses()[0]
        return [text.split()[-1] for who, _, text in self.thread(asked) if who == "bridge"]

    def remap(self, old: str, new: str) -> None:
        """Another mapping is published, as a restart with a changed file does."""
        path = Path(self.bridge.settings.mappings)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        mapping = load(path, registry.installed(), self.environ)
        self.bridge = publish(replace(self.bridge, mapping=mapping))

    def ask(self, who: str, text: str, visibility: str = "public", **more: object) -> Status:
        """A customer writes, and everything due is done."""
        self.clock.move(20)
        status = self.town.post(who, text, visibility, **more)
        self.later(20)
        return status

    def thread(self, status: Status) -> list[tuple[str, str, str]]:
        """(who, visibility, text) of everything in a thread."""
        names = {person.id: person.acct for person in self.town.people()}
        return [
            (names[each.author], each.visibility, each.text) for each in self.town.thread(status.id)
        ]


@contextmanager
def _opened(ledger: Ledger, clock: object, home: Path, *, checked: bool = True) -> Iterator[World]:
    town_faults = network.new_faults()
    town = network.village(clock, limits=network.Limits(requests=1_000_000))
    town.set_policy("bridge", network.Policy(for_private_mentions=network.Verdict.ACCEPT))
    desk = Desk(clock)
    contract = ContractChecker()
    office = create_app(desk, desk.faults)
    if checked:
        contract.watch(office)
    with (
        serve(network.create_app(town, town_faults)) as there,
        serve(office) as helpdesk,
        serve(office) as store,
    ):
        desk.address = helpdesk.url
        desk.content_address = store.url
        mapping = home / "mapping.yaml"
        mapping.write_text(MAPPING.format(network=there.url, p=preset))
        settings = Settings(
            database_url=ledger.url,
            mappings=str(mapping),
            zendesk=ZendeskSettings(
                url=helpdesk.url,
                oauth_token=Secret(preset.STATIC_TOKEN),
                webhook_secret=Secret("a-secret-of-this-test"),
            ),
            reconcile_seconds=60,
            trusted_hosts=frozenset({store.url.removeprefix("http://")}),
        )
        environ = {**os.environ, "MASTODON_TOKEN": town.token_for("bridge")}
        bridge = publish(open_bridge(settings, environ, clock=clock, ledger=ledger))
        world = World(bridge, town, town_faults, desk, clock, environ)
        world.settle()  # the first read: it only finds its place
        try:
            yield world
        finally:
            world.bridge.helpdesk.close()
            desk.stop()
    contract.assert_kept()


@pytest.fixture
def open_world() -> Callable[..., AbstractContextManager[World]]:
    """For tests that need several worlds, one after the other. `checked`: against the contract."""
    return _opened


@pytest.fixture
def no_limit_of_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that lets an account post as often as it likes."""
    monkeypatch.setattr(instance, "PACE", timedelta(0))


@pytest.fixture
def world(ledger: Ledger, clock: object, tmp_path: Path) -> Iterator[World]:
    with _opened(ledger, clock, tmp_path) as world:
        yield world


class Hears:
    """The account `acme` hears exactly what a test says, as if its network had."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: dict[bytes, tuple[Event, ...]] = {}

    def __call__(self, *events: Event, key: str = "") -> None:
        """One delivery, and everything due is done."""
        self.keep(*events, key=key)
        self.world.settle()

    def keep(self, *events: Event, key: str = "") -> None:
        """One delivery, only kept."""
        name = key or uuid4().hex
        self.said[name.encode()] = events
        with self.world.bridge.ledger.writing() as tx:
            deliveries.receive(tx, source="acme", key=name, via="webhook", body=name.encode())
            lanes.wake(tx, names.intake("acme"), account="acme")

    def person(self, number: int) -> Person:
        return Person("mastodon", f"90{number}", f"person{number}@far.example", f"Person {number}")

    def post(self, post_id: str, text: str, **how: object) -> Post:
        plain = Post(
            account="acme",
            network="mastodon",
            id=post_id,
            kind=Kind.MENTION,
            visibility=Visibility.PUBLIC,
            author=self.person(0),
            text=text,
            created_at=self.world.clock(),
            thread_id=str(how.get("parent_id") or post_id),
        )
        return replace(plain, **how)


@pytest.fixture
def hears(world: World, monkeypatch: pytest.MonkeyPatch) -> Hears:
    channel = world.bridge.channels["acme"]
    hears, whole = Hears(world), channel.unpack
    monkeypatch.setattr(channel, "unpack", lambda body: hears.said.get(body) or whole(body))
    # What only the test knows of is not on the network: looking again would find it gone.
    monkeypatch.setattr(channel, "reread", lambda post_ids: ())
    return hears
