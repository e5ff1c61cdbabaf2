"""From a comment on Facebook to a ticket and back, through every room of the bridge."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge.flow.bridge import Bridge
from bridge.ledger import Ledger, customers, people
from bridge.ledger.customers import Proof
from bridge.opening import open_bridge, publish
from bridge.sandbox.meta import Town
from bridge.sandbox.meta import create_app as graph_app
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import Desk, create_app, preset
from bridge.settings import Secret, Settings, ZendeskSettings
from bridge.web import create_app as web_app
from bridge.worker import run_once, seed

MAPPING = """
accounts:
  page:
    network: facebook
    options:
      url: {graph}
      app_id: "{app}"
      app_secret: env:META_APP_SECRET
      verify_token: env:META_VERIFY_TOKEN
      access_token: env:META_PAGE_TOKEN
      page_id: "{page}"
helpdesk:
  fields:
    network: {p.FIELD_NETWORK}
    permalink: {p.FIELD_PERMALINK}
rules:
  - name: everything
    route: {{group: Social}}
"""


@dataclass
class Whole:
    """A Page and a helpdesk, the bridge between them. Nothing runs by itself."""

    bridge: Bridge
    town: Town
    page: Any
    desk: Desk
    clock: Any

    def settle(self) -> None:
        """Meta delivers, and everything due is done, until nothing is left to do."""
        seed(self.bridge)
        for _ in range(300):
            if not self.town.deliver() and not run_once(self.bridge, "test"):
                return
        raise AssertionError("it does not come to rest")

    def later(self, seconds: float = 20) -> None:
        self.clock.move(seconds)
        self.settle()

    def answer(self, text: str) -> None:
        """An agent answers the only ticket; the bridge finds it by the helpdesk's export."""
        self.clock.move(5)
        (ticket,) = self.desk.all_tickets()
        self.desk.answer(ticket.id, text)
        self.later(120)

    def note(self, text: str, by: int = preset.INES) -> None:
        """An internal note on the only ticket."""
        self.clock.move(5)
        (ticket,) = self.desk.all_tickets()
        self.desk.answer(ticket.id, text, False, agent=by)
        self.later(120)

    def comments(self) -> list[str]:
        """What stands on the only ticket."""
        (ticket,) = self.desk.all_tickets()
        return [said.plain_body for said in self.desk.comments(ticket.id)]


@pytest.fixture
def whole(ledger: Ledger, clock: Any, tmp_path: Path) -> Iterator[Whole]:
    town, desk = Town(clock), Desk(clock)
    page = town.page("Acme")
    town.person("jane", "Jane Doe")
    door: list[Any] = []
    with (
        serve(graph_app(town)) as graph,
        serve(create_app(desk, desk.faults)) as helpdesk,
        serve(lambda environ, start: door[0](environ, start)) as ours,
    ):
        town.url, desk.address, desk.content_address = graph.url, helpdesk.url, helpdesk.url
        town.connect(page, f"{ours.url}/hooks/facebook/page", "open-sesame")
        mapping = tmp_path / "mapping.yaml"
        mapping.write_text(
            MAPPING.format(graph=graph.url, app=town.meta.id, page=page.id, p=preset)
        )
        settings = Settings(
            database_url=ledger.url,
            mappings=str(mapping),
            public_url=ours.url,
            zendesk=ZendeskSettings(
                url=helpdesk.url,
                oauth_token=Secret(preset.STATIC_TOKEN),
                webhook_secret=Secret("a-secret-of-this-test"),
            ),
            reconcile_seconds=60,
            trusted_hosts=frozenset({helpdesk.url.removeprefix("http://")}),
        )
        environ = {
            **os.environ,
            "META_APP_SECRET": town.meta.secret,
            "META_VERIFY_TOKEN": "open-sesame",
            "META_PAGE_TOKEN": town.token_for(page),
        }
        bridge = publish(open_bridge(settings, environ, clock=clock, ledger=ledger))
        door.append(web_app(bridge))
        made = Whole(bridge, town, page, desk, clock)
        made.settle()
        try:
            yield made
        finally:
            bridge.helpdesk.close()
            desk.stop()


def test_a_comment_is_answered_privately_and_goes_on_in_messenger(whole: Whole) -> None:
    """One ticket all the way, although Jane has another id in Messenger."""
    comment = whole.page.comment("jane", "My parcel is late")
    whole.settle()
    assert "My parcel is late" in whole.comments()[0]
    whole.answer("#dm What is your order number?")
    [sent] = whole.page.inbox.said()
    assert (sent.text, sent.about) == ("What is your order number?", comment.id)
    assert whole.page.notice(comment.id) == "Page responded privately"
    assert whole.page.said() == ()

    whole.page.inbox.message("jane", "It is 4711")
    whole.later()
    assert any("It is 4711" in one for one in whole.comments())
    whole.answer("Thank you, it leaves today")
    assert [one.text for one in whole.page.inbox.said()][1:] == ["Thank you, it leaves today"]
    assert whole.page.said() == ()
    whole.later(600)
    assert len(whole.desk.all_tickets()) == 1
    assert sum("leaves today" in one for one in whole.comments()) == 1
    with whole.bridge.ledger.reading() as tx:
        public = people.id_of(tx, "facebook", whole.page.id_of("jane"))
        private = people.id_of(tx, "facebook", whole.page.inbox.id_of("jane"))
        assert public is not None
        assert private is not None
        edge = customers.between(tx, public, private)
    assert edge is not None
    assert edge.proof is Proof.SAME_ID


def test_a_second_private_answer_is_not_tried(whole: Whole) -> None:
    """Meta allows one until they answer, and the agent reads so."""
    whole.page.comment("jane", "My parcel is late")
    whole.settle()
    whole.answer("#dm What is your order number?")
    whole.answer("#dm Are you there?")
    assert len(whole.page.inbox.said()) == 1
    assert "one private message" in whole.comments()[-1]


def test_a_public_answer_is_one_comment_and_no_ticket(whole: Whole) -> None:
    """What Meta tells of our own comment makes nothing new."""
    comment = whole.page.comment("jane", "Are you open?")
    whole.settle()
    whole.answer("Until eight")
    whole.later(600)
    [ours] = whole.page.said()
    assert (ours.text, ours.parent_id) == ("Until eight", comment.id)
    assert sum("Until eight" in one for one in whole.comments()) == 1


def test_an_edit_and_a_removal_reach_the_ticket(whole: Whole) -> None:
    comment = whole.page.comment("jane", "My parcel is late")
    whole.settle()
    whole.clock.move(30)
    whole.page.edit(comment.id, "My parcel has come")
    whole.later()
    assert any("My parcel has come" in one for one in whole.comments())
    whole.page.hide(comment.id)
    whole.later()
    assert any("hidden" in one for one in whole.comments())
    whole.page.remove(comment.id)
    whole.later()
    assert any("removed" in one for one in whole.comments())


def test_who_writes_in_messenger_is_called_by_name(whole: Whole) -> None:
    whole.page.inbox.message("jane", "Hello?")
    whole.settle()
    (ticket,) = whole.desk.all_tickets()
    assert "Jane Doe" in ticket.subject


def test_a_lost_answer_is_proven_by_its_echo(whole: Whole) -> None:
    """Meta took the message and the connection dropped: it is not sent twice."""
    whole.page.inbox.message("jane", "Hello?")
    whole.settle()
    whole.town.faults.add("drop_after_write", method="POST", path="*/messages")
    whole.answer("Good morning")
    whole.later(600)
    assert [one.text for one in whole.page.inbox.said()] == ["Good morning"]
    assert sum("Good morning" in one for one in whole.comments()) == 1


def test_hiding_and_deleting_are_told_once_as_ours(whole: Whole) -> None:
    """Facebook tells of both as of anybody's doing; what was deleted stays readable for those who
    must answer for it."""
    comment = whole.page.comment("jane", "Buy my pills")
    whole.settle()
    whole.note("#hide advertising")
    assert whole.page.one(comment.id).hidden
    [hidden] = [one for one in whole.comments() if "hidden" in one]
    assert "We have hidden this message on Facebook" in hidden

    whole.note("#delete advertises forbidden things")
    whole.note("#approve", by=preset.TOM)
    assert all(one.removed for one in whole.page.everything() if one.id == comment.id)
    whole.later(600)
    told = whole.comments()
    assert sum("We have deleted this message on Facebook" in one for one in told) == 1
    assert not any("was removed" in one for one in told)
    assert "Buy my pills" in told[0]


def test_what_facebook_hides_by_itself_is_still_told(whole: Whole) -> None:
    """And a customer's own deletion takes the words off, as ever."""
    comment = whole.page.comment("jane", "Buy my pills")
    whole.settle()
    whole.page.hide(comment.id)
    whole.later()
    assert any("now hidden from the public" in one for one in whole.comments())
    whole.page.remove(comment.id)
    whole.later()
    assert any("was removed on Facebook" in one for one in whole.comments())
    assert not any("Buy my pills" in one for one in whole.comments())
