"""The stand-in network's page shows what arrives, also in the instant between page and script."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route, expect

from bridge.sandbox import mastodon as network
from bridge.sandbox.server import serve


def test_what_arrives_before_the_first_look_is_shown(page: Page, clock: Any) -> None:
    """The page was made without it, and the script's first look already finds it."""
    town = network.village(clock)

    def late(route: Route) -> None:
        town.post("ada", "only just in time")
        route.continue_()

    with serve(network.create_app(town, network.new_faults())) as running:
        page.route("**/page.js*", late)
        page.goto(running.url)
        expect(page.get_by_text("only just in time").first).to_be_visible()


def test_what_is_unchanged_is_left_alone(page: Page, clock: Any) -> None:
    """Whoever is about to click on something is not robbed of it by a look that finds nothing."""
    town = network.village(clock)
    town.post("ada", "there from the start")
    with serve(network.create_app(town, network.new_faults())) as running:
        page.goto(running.url)
        page.locator("#feed article").first.evaluate("it => { it.seen = true }")
        with page.expect_response("**/page/feed*"):
            pass
        with page.expect_response("**/page/feed*"):
            pass
        assert page.locator("#feed article").first.evaluate("it => it.seen")
