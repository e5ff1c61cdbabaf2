"""The pages on which a person is the customer of Meta's networks."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from meta.meta_client import Client, Taker, Time

from bridge.sandbox.meta import Town
from bridge.sandbox.meta.instagram import Instagram
from bridge.sandbox.meta.page_wall import PRIVATE_NOTICE, Page
from bridge.sandbox.meta.whatsapp import Number

SCRIPT = "<script>alert('x')</script>"
PNG = b"\x89PNG\r\n\x1a\n not really"
STAND_IN = "a stand-in for Facebook, Instagram and WhatsApp, not the real networks"


@pytest.fixture
def page(town: Town) -> Page:
    return town.page("Acme")


@pytest.fixture
def instagram(town: Town) -> Instagram:
    return town.instagram("mybrand")


@pytest.fixture
def number(town: Town) -> Number:
    return town.whatsapp("Acme")


def look(client: Client, path: str) -> requests.Response:
    return client.http.get(client.url.removesuffix("/v25.0/") + path, timeout=30)


def send(client: Client, what: str, at: str, **how: Any) -> requests.Response:
    address = f"{client.url.removesuffix('/v25.0/')}/page/{what}/{at}"
    return client.http.post(address, timeout=30, **how)


def test_every_page_says_what_it_is(
    client: Client, page: Page, instagram: Instagram, number: Number
) -> None:
    for path in ("/", "/facebook", "/instagram", "/whatsapp", "/facebook/1", "/facebook?edit=1"):
        assert STAND_IN in look(client, path).text, path
    assert f"/whatsapp/{number.id}" in look(client, "/").text


def test_a_page_changes_only_when_something_happens(page: Page, client: Client, time: Time) -> None:
    page.comment("jane", photos=[PNG])
    path = f"/page/feed/facebook/{page.id}?me=jane"
    before = look(client, path).text
    assert "/cdn/" in before
    time.passes(minutes=1)
    assert look(client, path).text == before
    page.comment("kim", "look at that")
    assert look(client, path).text != before


def test_a_customer_of_facebook(town: Town, page: Page, client: Client) -> None:
    at = f"facebook/{page.id}"
    send(client, "write", at, data={"me": "jane", "text": f"Open? {SCRIPT}"})
    asked = page.everything()[-1]
    assert (asked.item, asked.author_name) == ("status", "Jane Doe")
    shown = look(client, f"/{at}?me=kim").text
    assert SCRIPT not in shown
    assert "Open? &lt;script&gt;" in shown

    send(client, "write", at, data={"me": "kim", "text": "I wonder too", "reply": asked.id})
    wonder = page.everything()[-1]
    assert (wonder.item, wonder.parent_id) == ("comment", asked.id)
    send(client, "write", at, data={"me": "kim", "text": "I wonder", "edit": wonder.id})
    assert page.one(wonder.id).text == "I wonder"
    for what in ("write", "delete"):
        wrong = send(client, what, at, data={"me": "jane", "edit": wonder.id, "id": wonder.id})
        assert wrong.status_code == 403
    send(client, "delete", at, data={"me": "kim", "id": wonder.id})
    assert [one.id for one in page.beneath(asked.id)] == []

    client.token = town.token_for(page)
    reply = {"recipient": {"post_id": asked.id}, "message": {"text": "Until six"}}
    client.post(f"{page.id}/messages", reply)
    shown = look(client, f"/page/feed/{at}?me=jane").text
    assert PRIVATE_NOTICE in shown
    assert "Until six" in shown
    assert "Until six" not in look(client, f"/{at}?me=kim").text


def test_a_customer_of_instagram(instagram: Instagram, client: Client) -> None:
    at = f"instagram/{instagram.id}"
    send(client, "write", at, data={"me": "jane", "text": "hello"})
    send(
        client,
        "write",
        at,
        data={"me": "jane", "text": "psst", "visibility": "private"},
        files={"picture": ("a.png", PNG)},
    )
    (comment,) = instagram.comments()
    (message,) = instagram.inbox.with_person("jane")
    assert (comment.text, message.text) == ("hello", "psst")
    shown = look(client, f"/{at}?me=jane").text
    (picture,) = [line.split('src="')[1] for line in shown.splitlines() if "/cdn/" in line]
    link = picture.partition('"')[0].replace("&amp;", "&")
    assert look(client, link).content == PNG
    assert "psst" not in look(client, f"/{at}?me=kim").text
    send(client, "delete", at, data={"me": "jane", "id": message.id})
    assert instagram.inbox.one(message.id).deleted
    send(client, "block", at, data={"me": "jane"})
    assert "has blocked" in look(client, f"/{at}?me=jane").text


def test_a_customer_of_whatsapp(town: Town, number: Number, taker: Taker, client: Client) -> None:
    town.connect(number, taker.url)
    at = f"whatsapp/{number.id}"
    send(client, "write", at, data={"me": "kim", "text": "helo"})
    (said,) = number.messages()
    send(client, "write", at, data={"me": "kim", "text": "hello", "edit": said.id})
    client.token = town.token_for(number)
    reply = {
        "messaging_product": "whatsapp",
        "recipient": town.find("kim").bsuid,
        "text": {"body": "Hi Kim"},
    }
    client.post(f"{number.id}/messages", reply)
    send(client, "seen", at, data={"me": "kim"})
    town.deliver()
    assert taker.items()[1]["messages"][0]["type"] == "edit"
    assert number.said()[0].statuses[-1] == "read"
    shown = look(client, f"/{at}?me=kim").text
    assert "Hi Kim" in shown
    assert "no number" in shown
    send(client, "delete", at, data={"me": "kim", "id": said.id})
    assert number.one(said.id).revoked


def test_a_page_says_when_nobody_is_told_of_it(town: Town, page: Page, client: Client) -> None:
    """Both layers are needed: the Page's subscription counts for the Instagram account that is
    linked to it, once the app has an address for Instagram."""
    linked, other = town.instagram("acme", page=page), town.instagram("other", page=page)

    def deaf() -> list[bool]:
        paths = (f"/facebook/{page.id}", f"/instagram/{linked.id}")
        return ["reaches nobody" in look(client, path).text for path in paths]

    assert [True, True] == deaf()
    town.connect(page, "http://127.0.0.1:9/hooks")
    assert [False, True] == deaf()
    town.connect(other, "http://127.0.0.1:9/hooks")
    assert [False, False] == deaf()


def test_what_is_not_taken(page: Page, client: Client) -> None:
    at = f"facebook/{page.id}"
    nothing = send(client, "write", at, data={"me": "jane", "text": " "})
    assert (nothing.status_code, "Say something" in nothing.text) == (422, True)
    odd = send(client, "write", at, data={"me": "jane"}, files={"picture": ("a.png", b"MZ")})
    assert odd.status_code == 422
    origin = {"Origin": "https://evil.example"}
    foreign = send(client, "write", at, data={"me": "jane", "text": "hi"}, headers=origin)
    assert foreign.status_code == 403
    assert len(page.everything()) == 1
