"""Instagram through every room of the bridge: in by its webhooks over HTTP, out by its API, nothing
running by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bridge.channels import registry
from bridge.channels.instagram.options import Login
from bridge.mapping import load
from bridge.opening import connect, publish
from bridge.sandbox.meta import Town, create_app
from bridge.sandbox.server import serve
from bridge.web import create_app as web_app

ACCOUNT = """accounts:
  shop:
    network: instagram
    options:
      url: {graph}
      login: {login}
      app_id: "{app}"
      app_secret: env:INSTAGRAM_APP_SECRET
      verify_token: env:INSTAGRAM_VERIFY_TOKEN
      access_token: env:INSTAGRAM_TOKEN
      instagram_id: "{account}"
      page_id: "{page}"
"""
HINT = "please check your message requests"
WITH_EITHER_SIGN_IN = pytest.mark.parametrize("shop", Login, indirect=True)


@dataclass
class Shop:
    """The brand's account on Instagram, and the world with the helpdesk that it is bridged to."""

    world: Any
    town: Town
    page: Any

    def settle(self, **how: Any) -> None:
        """Instagram delivers, and everything due is done, until nothing is left to do."""
        for _ in range(20):
            self.world.settle()
            if not self.town.deliver(**how):
                return
        raise AssertionError("it does not come to rest")

    def later(self, seconds: float = 60) -> None:
        self.world.clock.move(seconds)
        self.settle()

    def asks(self, text: str, who: str = "jane") -> Any:
        """A comment, told to the ticket."""
        made = self.page.comment(who, text)
        self.settle()
        return made

    def writes(self, text: str, who: str = "jane") -> Any:
        self.world.clock.move(20)
        made = self.page.inbox.message(who, text)
        self.settle()
        return made

    def answer(self, text: str) -> None:
        self.world.answer(text)
        self.later()

    def public(self) -> list[str]:
        """What stands beneath the comments, by us."""
        return [one.text for one in self.page.said()]

    def private(self) -> list[str]:
        return [one.text for one in self.page.inbox.said()]

    def told(self) -> list[str]:
        """What stands on the only ticket."""
        return [said.plain_body for said in self.world.comments()]


@pytest.fixture
def shop(request: pytest.FixtureRequest, world: Any) -> Iterator[Shop]:
    login = getattr(request, "param", Login.INSTAGRAM)
    town = Town(world.clock)
    by_page = login is Login.FACEBOOK
    page = town.page("Acme")
    account = town.instagram("acme", "Acme", page=page if by_page else None)
    for who in ("jane", "kim"):
        town.person(who, f"{who.capitalize()} Doe", followers=10)
    door: list[Any] = []
    with (
        serve(create_app(town)) as graph,
        serve(lambda environ, start: door[0](environ, start)) as ours,
    ):
        town.url = graph.url
        town.connect(account, f"{ours.url}/hooks/instagram/shop", "open-sesame")
        app = town.app_of(account)
        described = ACCOUNT.format(
            graph=graph.url, login=login, app=app.id, account=account.id, page=page.id
        )
        mapping = Path(world.bridge.settings.mappings)
        mapping.write_text(mapping.read_text().replace("accounts:\n", described, 1))
        world.environ |= {
            "INSTAGRAM_APP_SECRET": app.secret,
            "INSTAGRAM_VERIFY_TOKEN": "open-sesame",
            "INSTAGRAM_TOKEN": town.token_for(account),
        }
        settings = replace(world.bridge.settings, public_url=ours.url)
        read = load(mapping, registry.installed(), world.environ)
        channels = connect(read, settings, world.clock)
        bridge = replace(world.bridge, settings=settings, mapping=read, channels=channels)
        world.bridge = publish(bridge)
        door.append(web_app(world.bridge))
        made = Shop(world, town, account)
        made.settle()
        yield made


@WITH_EITHER_SIGN_IN
def test_from_a_comment_to_a_message_and_back_on_one_ticket(shop: Shop) -> None:
    """The private answer goes by the comment, the thread is told so once and where to look, the
    customer's message comes to the same ticket, and what answers that stays private."""
    comment = shop.asks("My parcel is late")
    assert "My parcel is late" in shop.told()[0]
    shop.answer("#dm What is your order number?")
    [sent] = shop.page.inbox.said()
    assert (sent.text, sent.about) == ("What is your order number?", comment.id)
    [notice] = shop.page.said()
    assert notice.parent_id == comment.id
    assert "We have answered you in a private message." in notice.text
    assert HINT in notice.text
    assert "order number" not in notice.text

    shop.writes("It is 4711")
    assert any("It is 4711" in one for one in shop.told())
    shop.answer("Thank you, it leaves today")
    assert shop.private() == ["What is your order number?", "Thank you, it leaves today"]
    shop.later(1200)
    assert len(shop.page.said()) == 1
    assert len(shop.world.tickets()) == 1
    assert sum("leaves today" in one for one in shop.told()) == 1


def test_a_public_question_is_answered_in_public(shop: Shop) -> None:
    """Beneath the top-level comment, also where somebody answered that one; our own comment, which
    Instagram tells us of, makes nothing new."""
    comment = shop.asks("Are you open?")
    shop.page.comment("jane", "On Sunday, I mean", parent=comment.id)
    shop.settle()
    shop.answer("Until eight")
    [ours] = shop.page.said()
    assert (ours.text, ours.parent_id) == ("Until eight", comment.id)
    shop.later(1200)
    assert shop.private() == []
    assert sum("Until eight" in one for one in shop.told()) == 1


@WITH_EITHER_SIGN_IN
def test_a_comment_that_was_written_and_refused_all_the_same_is_not_written_twice(
    shop: Shop,
) -> None:
    shop.asks("Are you open?")
    shop.town.faults.add("created_but_400", method="POST", path="*/replies")
    shop.answer("Until eight")
    shop.later(600)
    shop.later(600)
    assert shop.public() == ["Until eight"]
    assert not any("may or may not" in note for note in shop.world.notes())


def test_a_lost_private_answer_is_proven_by_its_echo(shop: Shop) -> None:
    shop.asks("My parcel is late")
    shop.town.faults.add("drop_after_write", method="POST", path="*/messages")
    shop.answer("#dm What is your order number?")
    shop.later(600)
    assert shop.private() == ["What is your order number?"]
    assert len(shop.page.said()) == 1
    assert HINT in shop.public()[0]


def test_a_second_private_answer_waits_for_the_customer(shop: Shop) -> None:
    shop.asks("My parcel is late")
    shop.answer("#dm What is your order number?")
    shop.answer("#dm Are you there?")
    assert shop.private() == ["What is your order number?"]
    assert "one private message" in shop.world.notes()[-1]


def test_a_private_answer_is_measured_in_bytes(shop: Shop) -> None:
    """A thousand of them; whoever wrote in public gets one message, so it is not cut into two."""
    shop.asks("My parcel is late")
    shop.answer("#dm " + "ä" * 501)
    assert shop.private() == []
    assert "too long" in shop.world.notes()[-1]
    assert shop.public() == []


def test_what_was_unsent_is_taken_off_the_ticket(shop: Shop) -> None:
    shop.writes("My card number is 4711")
    said = shop.writes("Oh no, not here")
    secret = shop.page.inbox.messages()[0]
    shop.page.inbox.unsend(secret.id)
    shop.settle()
    assert not any("4711" in one for one in shop.told())
    assert "4711" not in shop.world.ticket().subject
    assert any(said.text in one for one in shop.told())


@WITH_EITHER_SIGN_IN
def test_a_deleted_comment_is_found_by_looking_again(shop: Shop) -> None:
    """Instagram tells nobody; a quarter of an hour later its words are off the ticket."""
    gone = shop.asks("My card number is 4711")
    kept = shop.asks("Are you open?", "kim")
    shop.page.remove(gone.id)
    shop.later(1000)
    first, second = shop.world.tickets()
    assert not any("4711" in one.plain_body for one in shop.world.comments(first))
    assert any(kept.text in one.plain_body for one in shop.world.comments(second))


def test_stories_are_linked_and_never_fetched(shop: Shop) -> None:
    """Pictures are copied at once, because their links run out; stories must not be."""
    shop.page.inbox.message("jane", "Look", photos=(b"\x89PNG\r\n\x1a\n",))
    shop.settle()
    fetched = len(shop.town.faults.asked("GET", "*/cdn/*"))
    assert fetched == 1
    shop.world.clock.move(20)
    shop.page.inbox.story_mention("jane", story=b"\xff\xd8\xff")
    shop.page.inbox.story_reply("jane", "Love it", story=b"\xff\xd8\xff")
    shop.settle()
    shop.later(1000)
    assert len(shop.town.faults.asked("GET", "*/cdn/*")) == fetched
    told = "\n".join(shop.told())
    assert "mentioned us in a story" in told
    assert "one of our stories" in told
    assert f"{shop.town.url}/cdn/" in told
    assert {"bridge_story_mention", "bridge_story_reply"} <= set(shop.world.ticket().tags)


def test_who_writes_is_called_by_name_and_who_comments_as_comments_show_them(shop: Shop) -> None:
    """Names are told of those who wrote to us, and of nobody else; what is once known is kept."""
    shop.asks("Are you open?", "kim")
    assert "kim: Are you open?" in shop.world.ticket().subject
    shop.writes("Hello?")
    shop.asks("Are you there?")
    subjects = [ticket.subject for ticket in shop.world.tickets()]
    assert ["Jane Doe" in subject for subject in subjects] == [False, True, True]


def test_what_a_colleague_typed_on_the_phone_stands_on_the_ticket(shop: Shop) -> None:
    shop.writes("Hello?")
    shop.page.inbox.types("jane", "Good morning")
    shop.settle()
    assert any("Good morning" in note for note in shop.world.notes())


def test_bundled_mixed_and_twice_it_is_the_same(shop: Shop) -> None:
    """Four questions of two people, in public and in private, each told once."""
    for who in ("jane", "kim"):
        shop.page.comment(who, f"{who} in public")
        shop.page.inbox.message(who, f"{who} in private")
    shop.settle(bundle=True, shuffle=7, twice=True)
    told = [
        said.plain_body for ticket in shop.world.tickets() for said in shop.world.comments(ticket)
    ]
    assert len(shop.world.tickets()) == 4
    for words in ("jane in public", "kim in public", "jane in private", "kim in private"):
        assert sum(words in one for one in told) == 1


@WITH_EITHER_SIGN_IN
def test_a_mention_elsewhere_is_answered_where_it_is(shop: Shop) -> None:
    """With Facebook's login its words come a little later than the ticket; with Instagram's own
    they come with it."""
    shop.page.mention("jane", "@acme is this yours?")
    shop.settle()
    shop.later(1000)
    assert any("is this yours?" in one for one in shop.told())
    assert "@jane" in shop.told()[0]
    shop.answer("Yes, it is")
    assert shop.public() == ["Yes, it is"]
    assert len(shop.world.tickets()) == 1
