"""The stand-in's Facebook: what visitors write is told, what the Page answers is shown once."""

from __future__ import annotations

import pytest
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.page_wall import PRIVATE_NOTICE, Page

PNG = b"\x89PNG\r\n\x1a\n not really"


@pytest.fixture
def page(town: Town, taker: Taker, client: Client) -> Page:
    made = town.page("Acme")
    town.connect(made, taker.url)
    client.token = town.token_for(made)
    return made


def test_a_comment_is_told_and_answered(
    town: Town, page: Page, taker: Taker, client: Client
) -> None:
    asked = page.comment("jane", "Where is my order? äöå 👋")
    assert town.deliver() == 1
    (told,) = taker.items("changes")
    assert told["comment_id"] == asked.id
    assert told["message"] == "Where is my order? äöå 👋"
    assert told["parent_id"] == told["post_id"] == page.first.id
    assert told["from"] == {"id": page.id_of("jane"), "name": "Jane Doe"}

    made = client.post(f"{asked.id}/comments", {"message": "On its way."})
    town.deliver()
    own = taker.items("changes")[-1]
    assert (own["comment_id"], own["from"]["id"]) == (made["id"], page.id)
    assert own["parent_id"] == asked.id
    assert [one.text for one in page.said()] == ["On its way."]
    beneath = client.get(
        f"{asked.id}/comments", fields="id,message,from", order="reverse_chronological"
    )
    assert beneath["data"][0]["from"] == {"id": page.id, "name": "Acme"}


def test_a_comment_is_answered_privately_once(
    town: Town, page: Page, client: Client, time: Time
) -> None:
    asked = page.comment("jane", "Where is my order?")
    send = {"recipient": {"comment_id": asked.id}, "message": {"text": "Hello Jane"}}
    assert client.get(asked.id, fields="can_reply_privately")["can_reply_privately"] is True
    sent = client.post(f"{page.id}/messages", send)
    assert sent["recipient_id"] == page.inbox.id_of("jane") != page.id_of("jane")
    assert page.notice(asked.id) == PRIVATE_NOTICE
    assert client.refused("POST", f"{page.id}/messages", send) == (10900, None)
    # Until she answers there is no window.
    again = {"recipient": {"id": sent["recipient_id"]}, "message": {"text": "Still there?"}}
    assert client.refused("POST", f"{page.id}/messages", again) == (10, 2018278)
    page.inbox.message("jane", "Yes")
    client.post(f"{page.id}/messages", again)

    late = page.comment("jane", "And this one?")
    time.passes(days=7, seconds=1)
    send = {"recipient": {"comment_id": late.id}, "message": {"text": "Too late"}}
    assert client.refused("POST", f"{page.id}/messages", send) == (10903, None)
