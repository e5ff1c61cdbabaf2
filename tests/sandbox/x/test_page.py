"""The page on which a person is the customer of the stand-in for X."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from plugins_x import XSandbox

SCRIPT = "<script>alert('x')</script>"
PNG = base64.b64decode("iVBORw0KGgo=")


def get(sandbox: XSandbox, path: str) -> requests.Response:
    return sandbox.session.get(sandbox.url + path, timeout=30)


def send(sandbox: XSandbox, what: str, **details: Any) -> requests.Response:
    return sandbox.session.post(f"{sandbox.url}/page/{what}", timeout=30, **details)


def test_it_says_what_it_is(x_sandbox: XSandbox) -> None:
    """A stand-in, on every page, also where nothing is found."""
    post = x_sandbox.town.post("ada", "hello")
    for path in ("/", f"/ada/status/{post.id}", "/ada/status/12", "/?edit=12"):
        assert "a stand-in for X, not the real network" in get(x_sandbox, path).text


def test_a_customer_writes(x_sandbox: XSandbox) -> None:
    """In public, privately, and in answer."""
    town = x_sandbox.town
    send(x_sandbox, "post", data={"me": "ada", "text": "@acme one", "visibility": "public"})
    send(x_sandbox, "post", data={"me": "ben", "text": "two", "visibility": "private"})
    [public] = town.posts()
    assert (town.find_id(public.author).username, public.text) == ("ada", "@acme one")
    assert [one.text for one in town.between("ben", "acme")] == ["two"]
    send(x_sandbox, "post", data={"me": "ben", "text": "three", "reply": public.id})
    assert town.thread(public.id)[-1].text == "@ada three"


def test_messages_are_shown_to_those_they_concern(x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    picture = town.upload("ada", PNG, "image/png", "dm_image")
    message = town.dm("ada", "my code is 4711", media=picture.id)
    assert "4711" in get(x_sandbox, "/page/feed?me=ada").text
    assert "4711" not in get(x_sandbox, "/?me=ben").text
    path = f"/page/picture/{message.id}"
    assert get(x_sandbox, f"{path}?me=ada").content == PNG
    assert get(x_sandbox, f"{path}?me=ben").status_code == 404


def test_edit_delete_and_refusals(x_sandbox: XSandbox) -> None:
    town = x_sandbox.town
    post = town.post("ada", "helo", mention="acme")
    too_long = send(x_sandbox, "post", data={"me": "ada", "edit": post.id, "text": "x" * 281})
    assert "too long" in too_long.text
    send(x_sandbox, "post", data={"me": "ada", "edit": post.id, "text": "@acme hello"})
    [newest] = town.latest()
    assert newest.text == "@acme hello"
    assert send(x_sandbox, "delete", data={"me": "ben", "id": newest.id}).status_code == 404
    send(x_sandbox, "delete", data={"me": "ada", "id": newest.id})
    assert town.posts() == ()


def test_a_picture(x_sandbox: XSandbox) -> None:
    files = {"picture": ("p.png", PNG, "image/png")}
    send(x_sandbox, "post", data={"me": "ada", "text": "look"}, files=files)
    [post] = x_sandbox.town.posts()
    assert f"/media/{post.media[0]}" in get(x_sandbox, "/?me=ada").text
    text = {"picture": ("p.txt", b"x", "text/plain")}
    assert send(x_sandbox, "post", data={"me": "ada"}, files=text).status_code == 422


def test_blocks_and_closed_messages(x_sandbox: XSandbox) -> None:
    """Both by a button, and undone by the same."""
    town = x_sandbox.town
    ada, brand = town.find("ada").id, town.find("acme").id
    states = []
    for _ in range(2):
        send(x_sandbox, "block", data={"me": "ada"})
        send(x_sandbox, "messages", data={"me": "ada"})
        states.append((town.blocks(ada, brand), town.find("ada").receives_dms))
    assert states == [(True, False), (False, True)]


def test_nobody_can_be_the_brand(x_sandbox: XSandbox) -> None:
    send(x_sandbox, "post", data={"me": "acme", "text": "hello"})
    [post] = x_sandbox.town.posts()
    assert x_sandbox.town.find_id(post.author).username == "ada"


def test_other_sites_cannot_post(x_sandbox: XSandbox) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    refused = send(x_sandbox, "post", data={"me": "ada", "text": "x"}, headers=headers)
    assert refused.status_code == 403
    assert x_sandbox.town.posts() == ()


@pytest.mark.parametrize("path", ["/?me=eve", "/page/feed?me=eve", f"/?me={SCRIPT}"])
def test_everything_is_escaped(x_sandbox: XSandbox, path: str) -> None:
    town = x_sandbox.town
    town.person("eve", f'Eve"{SCRIPT}')
    town.post("eve", f"{SCRIPT} https://example.com/{SCRIPT}")
    town.dm("eve", SCRIPT)
    assert SCRIPT not in get(x_sandbox, path).text


def test_the_bill_and_the_webhook_are_shown(x_sandbox: XSandbox) -> None:
    assert "charged the app $0.000" in get(x_sandbox, "/").text
    x_sandbox.town.costs.write("post")
    assert "charged the app $0.015" in get(x_sandbox, "/").text
    assert "It has no webhook" in get(x_sandbox, "/").text
