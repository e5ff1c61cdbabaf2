"""From X to the ticket and back: the whole bridge between the two stand-ins, over real HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger
from bridge.ledger.tables import costs
from bridge.opening import open_bridge, publish
from bridge.sandbox.server import serve
from bridge.sandbox.x import Town, create_app, new_faults, village
from bridge.sandbox.zendesk import Desk, preset
from bridge.sandbox.zendesk import create_app as create_desk
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.web import create_app as create_web
from bridge.worker import run_once, seed

MAPPING = """
accounts:
  acme:
    network: x
    options:
      url: {x}
      user_id: "{user_id}"
      handle: acme
      consumer_key: {consumer_key}
      consumer_secret: env:X_API_SECRET
      access_token: env:X_ACCESS_TOKEN
      access_token_secret: env:X_ACCESS_TOKEN_SECRET
      bearer_token: env:X_BEARER_TOKEN
rules:
  - name: everything
    route: {{group: Social}}
"""


class Door:
    """Our own address: known before there is anybody behind it."""

    app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@dataclass
class House:
    """`town` is X, `desk` the helpdesk."""

    bridge: Bridge
    town: Town
    faults: Any
    desk: Desk
    clock: Any

    def settle(self) -> None:
        """Everything that is due is done: X's deliveries, ours, and what follows from them."""
        self.town.deliver()
        seed(self.bridge)
        for _ in range(10):
            steps = 0
            while run_once(self.bridge, "test"):
                steps += 1
                assert steps < 500
            if not self.town.deliver():
                return
        raise AssertionError("it does not come to rest")

    def later(self, seconds: float = 20) -> None:
        self.clock.move(seconds)
        self.settle()

    def answer(self, text: str) -> None:
        """An agent answers the only ticket; the bridge finds it by itself."""
        self.clock.move(5)
        self.desk.answer(self.ticket().id, text)
        self.later(180)

    def ticket(self) -> Any:
        (only,) = self.desk.all_tickets()
        return only

    def said(self, *, public: bool = True) -> list[str]:
        comments = self.desk.comments(self.ticket().id)
        return [one.plain_body for one in comments if one.public is public]

    def ours(self) -> list[str]:
        """What the account has said in public, as readers see it."""
        me = self.town.find("acme").id
        return [one.visible for one in self.town.posts() if one.author == me]

    def messages(self) -> list[str]:
        """What the account has said to Ada alone."""
        me, ada = self.town.find("acme").id, self.town.find("ada").id
        return [
            one.text for one in self.town.messages() if (one.sender, one.recipient) == (me, ada)
        ]


@pytest.fixture
def house(ledger: Ledger, clock: Any, tmp_path: Path) -> Iterator[House]:
    town, faults, desk, door = village(clock), new_faults(), Desk(clock), Door()
    office = create_desk(desk, desk.faults)
    with (
        serve(create_app(town, faults)) as x,
        serve(office) as helpdesk,
        serve(office) as store,
        serve(door) as own,
    ):
        town.address, desk.address, desk.content_address = x.url, helpdesk.url, store.url
        keys = town.keys_for("acme")
        mapping = tmp_path / "mapping.yaml"
        me, app = town.find("acme").id, town.app
        told = MAPPING.format(x=x.url, user_id=me, consumer_key=app.consumer_key)
        mapping.write_text(told)
        settings = Settings(
            database_url=ledger.url,
            mappings=str(mapping),
            public_url=own.url,
            zendesk=ZendeskSettings(
                url=helpdesk.url,
                oauth_token=Secret(preset.STATIC_TOKEN),
                webhook_secret=Secret("a-secret-of-this-test"),
            ),
            reconcile_seconds=60,
        )
        environ = {
            **os.environ,
            "X_API_SECRET": app.consumer_secret,
            "X_ACCESS_TOKEN": keys.token,
            "X_ACCESS_TOKEN_SECRET": keys.secret,
            "X_BEARER_TOKEN": app.bearer,
        }
        bridge = publish(open_bridge(settings, environ, clock=clock, ledger=ledger))
        door.app = create_web(bridge)
        opened = House(bridge, town, faults, desk, clock)
        opened.settle()
        opened.later(60)
        assert town.hooks.subscriptions()  # the bridge has seen to them by itself
        try:
            yield opened
        finally:
            bridge.helpdesk.close()
            desk.stop()


def test_a_mention_is_answered_in_its_thread(house: House) -> None:
    """And what comes back of the answer is known as ours."""
    post = house.town.post("ada", "my parcel is late", mention="acme")
    house.later()
    assert "my parcel is late" in house.said()[0]
    house.answer("It is on its way!")
    [ours] = [one for one in house.town.posts() if one.in_reply_to == post.id]
    assert ours.visible == "It is on its way!"
    house.later(3600)
    assert house.ours() == ["It is on its way!"]
    assert len(house.said()) == 2
    assert house.said(public=False) == []


def test_a_message_is_answered_privately(house: House) -> None:
    house.town.dm("ada", "order 4711")
    house.later()
    house.answer("Thank you, we are looking")
    house.later(3600)
    assert house.messages() == ["Thank you, we are looking"]
    assert house.ours() == []
    assert len(house.said()) == 2


def test_a_private_answer_to_a_mention_is_announced_and_goes_on(house: House) -> None:
    """The notice holds no link; the answer to the message finds the ticket."""
    house.town.post("ada", "my parcel is late", mention="acme")
    house.later()
    house.answer("#dm Which number has your order?")
    house.later(60)
    assert house.messages() == ["Which number has your order?"]
    [notice] = house.ours()
    assert "t.co" not in notice
    house.town.dm("ada", "4711")
    house.later()
    assert "4711" in house.said()[-1]


def test_who_did_not_call_for_us_is_told_of_beforehand(house: House) -> None:
    """The ticket says why, with the name of who wrote; nothing is tried on X."""
    ours = house.town.post("acme", "We are open on Sunday")
    house.later()
    house.town.post("ada", "at what time?", in_reply_to=ours.id)
    house.later()
    first = house.said()[0]
    assert "X lets a program answer in public only where" in first
    assert "@ada" in first
    assert "Ada Lovelace" in house.ticket().subject
    house.answer("At nine")
    assert house.ours() == ["We are open on Sunday"]
    assert "X lets a program answer in public only where" in house.said(public=False)[-1]
    assert house.faults.asked("POST", "/2/tweets") == ()


def test_however_often_it_comes_it_is_told_once(house: House) -> None:
    """Two events, each twice, and read as well."""
    ours = house.town.post("acme", "We are open on Sunday")
    house.later()
    house.town.post("ada", "@acme at what time?", in_reply_to=ours.id)
    for delivery in house.town.deliver():
        house.town.courier.again(delivery.uuid)
    house.later(3600)
    assert len(house.said()) == 1


def test_an_edit_is_told_and_a_deletion_found(house: House) -> None:
    """X brings an edit as a new post; nobody tells of a deletion, so it is looked for."""
    post = house.town.post("ada", "my parcl is late", mention="acme")
    house.later()
    edited = house.town.edit(post.id, "@acme my parcel is late")
    house.later()
    assert "edited on X" in house.said(public=False)[-1]
    assert "my parcel is late" in house.said(public=False)[-1]
    house.town.delete(edited.id)
    house.later(13 * 3600)
    assert "removed on X" in house.said(public=False)[-1]


def test_a_lost_answer_is_found_and_not_doubled(house: House) -> None:
    house.town.post("ada", "my parcel is late", mention="acme")
    house.later()
    house.faults.add("drop_after_write", method="POST", path="/2/tweets")
    house.answer("It is on its way!")
    house.later(600)
    assert house.ours() == ["It is on its way!"]
    assert house.said(public=False) == []


def test_an_encrypted_message_makes_a_ticket(house: House) -> None:
    house.town.dm("emil", "secret")
    house.later()
    assert "can only be read on X" in house.said()[0]
    assert "bridge_encrypted" in house.ticket().tags


def test_an_answer_given_on_x_itself_is_told(house: House) -> None:
    """So that nobody answers twice."""
    house.town.dm("ada", "order 4711")
    house.later()
    house.town.dm("acme", "We are on it", to="ada")
    house.later()
    assert "We are on it" in house.said(public=False)[-1]


def test_what_it_costs_is_in_the_ledger(house: House) -> None:
    house.town.post("ada", "my parcel is late", mention="acme")
    house.later()
    house.answer("It is on its way!")
    with house.bridge.ledger.reading() as tx:
        found = {row.what: row.millionths for row in tx.conn.execute(select(costs))}
    assert found["post.mention.create received"] == 5_000
    assert found["post"] == 10_000
