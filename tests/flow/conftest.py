"""A whole small world: a bridge on each database, a stand-in helpdesk, a stand-in network.

Nothing runs in the background: `world.settle()` does all the work that is due at the clock's
instant, so that every test decides what happens between two steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from contract import ContractChecker

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, deliveries
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


@dataclass
class World:
    """Everything of one test. `town` is the network, `desk` the helpdesk."""

    bridge: Bridge
    town: network.Town
    town_faults: Faults
    desk: Desk
    clock: object

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
        """What `POST /helpdesk/zendesk/events` keeps of a genuine event."""
        with self.bridge.ledger.writing() as tx:
            deliveries.receive(
                tx,
                source=self.bridge.desk,
                key=uuid4().hex,
                via="webhook",
                body=b"{}",
                about=str(ticket.id),
            )
        self.settle()

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


@pytest.fixture
def world(ledger: Ledger, clock: object, tmp_path: Path) -> Iterator[World]:
    town_faults = network.new_faults()
    town = network.village(clock, limits=network.Limits(requests=1_000_000))
    town.set_policy("bridge", network.Policy(for_private_mentions=network.Verdict.ACCEPT))
    desk = Desk(clock)
    contract = ContractChecker()
    office = create_app(desk, desk.faults)
    contract.watch(office)
    with serve(network.create_app(town, town_faults)) as there, serve(office) as helpdesk:
        desk.address = helpdesk.url
        mapping = tmp_path / "mapping.yaml"
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
        )
        environ = {**os.environ, "MASTODON_TOKEN": town.token_for("bridge")}
        bridge = publish(open_bridge(settings, environ, clock=clock, ledger=ledger))
        world = World(bridge, town, town_faults, desk, clock)
        world.settle()  # the first read: it only finds its place
        try:
            yield world
        finally:
            bridge.helpdesk.close()
            desk.stop()
    contract.assert_kept()
