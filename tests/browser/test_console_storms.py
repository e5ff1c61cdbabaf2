"""Storms in the console: looked at in a browser, on a telephone, and as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from browsing import sticks_out, stumbles
from console_rows import a_post
from playwright.sync_api import Page, expect
from plugins_console import Console

from bridge.ledger import (
    broadcast_sending,
    broadcasts,
    conversations,
    people,
    posts,
    replies,
    storms,
)
from bridge.ledger.posts import Because
from bridge.model import AgentComment, Person
from bridge.text.alike import bands, packed, sketch

SAID = "The app is down again and nobody can sign in since this morning"


def fill(ledger: Any, clock: Any) -> None:
    """Sixty people say the same within half an hour; somebody has answered them all."""
    with ledger.writing() as tx:
        us = people.remember(tx, Person("bridge", "storm", "", "Helpdesk bridge"))
        inside = conversations.begin(tx, "helpdesk:zendesk", us, "storm:1", clock())
        conversations.point(tx, inside, "helpdesk:zendesk", "4711")
        storm = None
        for number in range(60):
            at = clock() + timedelta(seconds=30 * number)
            who = Person("mastodon", f"9{number}", f"p{number}@far.example", f"=P{number}")
            post = replace(
                a_post(at), id=f"s{number}", author=replace(who, followers=number), text=SAID
            )
            person = people.remember(tx, post.author)
            because = Because("the rest", "folded", 0)
            post_id = posts.store(
                tx, post, person_id=person, conversation_id=inside, because=because
            )
            posts.add_revision(tx, post_id, post, None)
            if storm is None:
                kept = sketch(SAID)
                named: frozenset[str] = frozenset()
                storm = storms.begin(
                    tx, "helpdesk:zendesk", inside, packed(kept), named, bands(kept)
                )
                storms.centre(tx, storm.id, post_id)
            storms.join(tx, storm.id, post_id, person, storms.FOLDED, 0.87, at)
        assert storm is not None
        said = AgentComment(
            "c1", "4711", "We are at it.", True, True, "7", "Ines", clock(), attachments=()
        )
        reply = replies.take(
            tx, "helpdesk:zendesk", said, inside, draft=None, because="to many", answers=None
        )
        assert reply is not None
        number = broadcasts.make(tx, storm.id, inside, reply, said.text)
        broadcasts.address(tx, number, storm.id, ("acme",), needs_second=False)
        broadcasts.confirm(tx, number, said)
        due = broadcast_sending.due(tx, "acme")
        assert due is not None
        broadcast_sending.settle(tx, due, broadcasts.DELIVERED)


@pytest.fixture
def stormy(console: Console, clock: Any) -> Console:
    fill(console.bridge.ledger, clock)
    return console


@pytest.mark.parametrize("width", [360, 1200])
def test_both_pages_can_be_read(page: Page, stormy: Console, width: int) -> None:
    """By a screen reader, and on a telephone."""
    page.set_viewport_size({"width": width, "height": 900})
    with stormy.seen_on(page) as url:
        page.goto(f"{url}/storms")
        assert [] == stumbles(page)
        assert 0 == sticks_out(page)
        page.get_by_role("link", name="s1").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Storm s1")
        expect(page.get_by_text("60 posts")).to_be_visible()
        expect(page.get_by_text("is going out")).to_be_visible()
        assert [] == stumbles(page)
        assert 0 == sticks_out(page)
        page.get_by_role("link", name="Further").click()
        expect(page.get_by_role("rowheader", name="@p59@far.example")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1200])
def test_a_post_is_taken_out(page: Page, stormy: Console, width: int) -> None:
    """From where it stands in the list, by its name; the page says so, and the trail who did."""
    page.set_viewport_size({"width": width, "height": 900})
    with stormy.seen_on(page) as url:
        page.goto(f"{url}/storms/1")
        page.get_by_role("link", name="Further").click()
        page.get_by_role("button", name="Take out p55:").click()
        expect(page.get_by_text("p55 has a ticket of its own from now on.")).to_be_visible()
        expect(page.get_by_text("59 posts")).to_be_visible()
        expect(page.get_by_role("rowheader", name="@p59@far.example")).to_be_visible()
        expect(page.get_by_role("link", name="its own (p55)")).to_be_visible()
        expect(page.get_by_role("button", name="Take out p55:")).to_have_count(0)
        assert [] == stumbles(page)
        assert 0 == sticks_out(page)
        page.goto(f"{url}/audit")
        expect(page.get_by_role("cell", name="took a post out of a storm")).to_be_visible()


def test_a_form_without_its_token_takes_nothing_out(stormy: Console) -> None:
    answer = stormy.client.post("/console/storms/1/posts/55/take-out", data={})
    assert 400 <= answer.status_code < 500
    assert "60 posts" in stormy.get("/storms/1").text


def test_taken_out_twice_it_says_so_and_of_another_storm_is_not_found(stormy: Console) -> None:
    for says in ("from now on", "is not folded any more"):
        stormy.post("/storms/1/posts/55/take-out")
        assert says in stormy.get("/storms/1").text
    assert 404 == stormy.post("/storms/1/posts/9999/take-out").status_code
    assert 404 == stormy.post("/storms/2/posts/56/take-out").status_code
    (line,) = (
        each
        for each in stormy.get("/storms/1/folded.csv").text.splitlines()
        if each.endswith("own ticket")
    )
    assert "p54@far.example" in line
