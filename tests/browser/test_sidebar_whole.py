"""The whole way: the app in a browser, the real service behind the proxy, the lanes, a network."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from sidebar_stage import SECRET

from bridge.sandbox.mastodon import Status
from bridge.sandbox.server import serve
from bridge.sandbox.zendesk import apps
from bridge.settings import Secret
from bridge.web import create_app

pytestmark = pytest.mark.skipif(not apps.FOLDER.is_dir(), reason="the app is not part of the wheel")


def _worlds() -> Any:
    """The small world of the tests of the flow."""
    there = Path(__file__).resolve().parents[1] / "flow" / "conftest.py"
    spec = importlib.util.spec_from_file_location("world_of_the_flow", there)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


WORLDS = _worlds()


@contextmanager
def with_the_app(world: Any) -> Iterator[Any]:
    bridge = world.bridge
    zendesk = replace(bridge.settings.zendesk, app_secret=Secret(SECRET))
    settings = replace(bridge.settings, zendesk=zendesk)
    with serve(create_app(replace(bridge, settings=settings))) as service:
        assert world.desk.install_app(service.url, SECRET)
        yield world


@pytest.fixture
def world(ledger: Any, clock: Any, tmp_path: Path) -> Iterator[Any]:
    with WORLDS._opened(ledger, clock, tmp_path) as world, with_the_app(world):
        yield world


def opened(page: Page, world: Any) -> FrameLocator:
    page.goto(f"{world.desk.address}/agent/tickets/{world.ticket().id}")
    app = page.frame_locator("iframe")
    app.locator("main[aria-busy=false]").wait_for()
    return app


def asked(world: Any) -> Status:
    status: Status = world.ask("ada", "@bridge my parcel has not arrived")
    return status


def noted(app: FrameLocator, world: Any) -> None:
    """The note stands on the ticket, and the bridge has heard of it."""
    expect(app.locator("#said")).to_contain_text("in a note in your name")
    world.clock.move(5)
    world.ping(world.ticket())


def test_from_the_post_to_the_answer(page: Page, world: Any) -> None:
    asked(world)
    app = opened(page, world)
    expect(app.get_by_role("article")).to_contain_text("my parcel has not arrived")
    page.get_by_role("textbox", name="Comment").fill("We are sorry. " * 60)
    expect(app.locator(".part")).to_contain_text("Too long: 844 of 500 characters")
    expect(app.get_by_text("It is too long for Mastodon (844 of 500). Shorten it.")).to_be_visible()
    page.get_by_role("textbox", name="Comment").fill("Which order is it?")
    app.get_by_label("Private message").check()
    expect(app.get_by_text("Goes out as a private message to")).to_be_visible()
    expect(app.get_by_text("The public notice that follows")).to_be_visible()
    expect(app.locator(".part .words")).to_have_text("Which order is it?")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("article").get_by_text("Which order is it?")).to_be_visible()
    world.clock.move(5)
    world.ping(world.ticket())
    app = opened(page, world)
    reply = app.locator("[id^=reply-]").first
    expect(reply).to_contain_text("Which order is it?")
    expect(reply).to_contain_text("Private")


def test_what_was_refused_is_tried_again(page: Page, world: Any) -> None:
    status = asked(world)
    world.town_faults.add("403", method="POST", path="/api/v1/statuses")
    world.answer("It is on its way.")
    assert "It is on its way." not in str(world.thread(status))
    app = opened(page, world)
    app.get_by_role("button", name="Try again").click()
    noted(app, world)
    assert "It is on its way." in str(world.thread(status))


def test_a_held_reply_is_sent_privately(page: Page, world: Any) -> None:
    status = asked(world)
    app = opened(page, world)
    text = "Your card 4111 1111 1111 1111 was charged."
    page.get_by_role("textbox", name="Comment").fill(text)
    expect(app.get_by_role("heading", name="The guard will stop this reply")).to_be_visible()
    send = page.get_by_role("button", name="Submit")
    send.click()
    expect(page.locator(".problem")).to_contain_text("Press send again")
    send.click()
    expect(page.locator("article").get_by_text(text)).to_be_visible()
    world.clock.move(5)
    world.ping(world.ticket())
    assert "4111" not in str(world.thread(status))
    app = opened(page, world)
    app.get_by_role("button", name="Send privately instead").click()
    noted(app, world)
    said = [(seen, words) for _, seen, words in world.thread(status) if "4111" in words]
    assert ["direct"] == [seen for seen, _ in said]


def test_liking_reaches_the_network(page: Page, world: Any) -> None:
    asked(world)
    app = opened(page, world)
    app.get_by_role("button", name="Like", exact=True).click()
    noted(app, world)
    app = opened(page, world)
    expect(app.get_by_role("heading", name="What was asked for")).to_be_visible()
    assert world.town_faults.asked("POST", "/api/v1/statuses/*/favourite")
