"""Direct messages and pictures at the stand-in for X."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from plugins_x import XSandbox
from x_client import Client
from x_listener import Listener

from bridge.sandbox.x import checks

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def write(client: Client, to: str, **body: Any) -> Any:
    there = client.sandbox.town.find(to).id
    return client.call("POST", f"/2/dm_conversations/with/{there}/messages", json=body)


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x", "colour": "red"}])
def test_what_is_no_message(brand: Client, x_sandbox: XSandbox, body: dict[str, str]) -> None:
    assert write(brand, "ada", **body).status_code == 400
    assert x_sandbox.town.messages() == ()


def test_who_takes_no_messages(brand: Client, x_sandbox: XSandbox) -> None:
    """Refused, until they have written themselves; and never where they block us."""
    town = x_sandbox.town
    me, dora = town.find("acme").id, town.find("dora").id

    def receives() -> bool:
        shown = brand.get(f"/2/users/{dora}", **{"user.fields": "receives_your_dm"})
        return bool(shown["data"]["receives_your_dm"])

    assert not receives()
    refused = write(brand, "dora", text="hello")
    assert (refused.status_code, refused.json()["detail"]) == (403, checks.NO_MESSAGES)
    town.dm("dora", "you may answer")
    assert receives()
    assert write(brand, "dora", text="thank you").status_code == 201
    town.block("dora", "acme")
    assert write(brand, "dora", text="hello?").status_code == 403
    assert town.blocks(dora, me)


def test_a_message_and_its_echo(
    brand: Client, x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    subscribe("dm.sent", "dm.received")
    made = write(brand, "ada", text="Hello").json()["data"]
    x_sandbox.town.dm("ada", "Hi")
    x_sandbox.town.deliver()
    sent, received = [one["data"]["payload"] for one in listener.events()]
    assert sent["direct_message_events"][0]["id"] == made["dm_event_id"]
    message = received["direct_message_events"][0]["message_create"]
    assert message["message_data"]["text"] == "Hi"
    assert received["users"][message["sender_id"]]["data"]["username"] == "ada"


def test_an_echo_may_be_faster_than_the_answer(
    brand: Client, x_sandbox: XSandbox, listener: Listener, subscribe: Callable[..., None]
) -> None:
    subscribe("dm.sent")
    x_sandbox.faults.add("echo_before_answer")
    assert write(brand, "ada", text="Hello").status_code == 201
    assert listener.kinds() == ["dm.sent"]


def test_messages_are_read_newest_first(brand: Client, x_sandbox: XSandbox, clock: Any) -> None:
    """Of one person or of all, for 30 days, and never what is sealed."""
    town = x_sandbox.town
    old = town.dm("ada", "long ago")
    clock.move(31 * 24 * 3600)
    asked, other = town.dm("ada", "hello"), town.dm("ben", "hi")
    town.dm("emil", "a secret")
    town.dm("chloe", "not for us", to="ada")
    answered = town.dm("acme", "hello Ada", to="ada")
    everything = brand.get("/2/dm_events", **{"dm_event.fields": "sender_id,created_at"})
    ids = [one["id"] for one in everything["data"]]
    assert ids == [answered.id, other.id, asked.id]
    assert old.id not in ids
    path = f"/2/dm_conversations/with/{town.find('ada').id}/dm_events"
    first = brand.get(path, max_results=1, expansions="sender_id")
    assert first["data"][0]["sender_id"] == town.find("acme").id
    rest = brand.get(path, max_results=1, pagination_token=first["meta"]["next_token"])
    assert [one["id"] for one in rest["data"]] == [asked.id]


def test_fifteen_messages_in_a_quarter_of_an_hour(
    brand: Client, x_sandbox: XSandbox, clock: Any
) -> None:
    for number in range(15):
        assert write(brand, "ada", text=f"number {number}").status_code == 201
    full = write(brand, "ada", text="one more")
    reset = int(clock.now.timestamp()) + 15 * 60
    assert full.status_code == 429
    assert full.headers["x-rate-limit-reset"] == str(reset)
    assert full.headers["x-rate-limit-remaining"] == "0"
    assert len(x_sandbox.town.messages()) == 15
    clock.move(15 * 60)
    assert write(brand, "ada", text="one more").status_code == 201


def test_a_picture_in_a_message(brand: Client, x_sandbox: XSandbox) -> None:
    """It has to be uploaded for messages, by oneself, and is for the two of them alone."""
    town, ada = x_sandbox.town, Client(x_sandbox, x_sandbox.keys("ada"))
    ben = Client(x_sandbox, x_sandbox.keys("ben"))
    media = base64.b64encode(PNG).decode()
    public = brand.post("/2/media/upload", media=media, media_category="tweet_image")["data"]
    attached = [{"media_id": public["id"]}]
    assert write(brand, "ada", text="look", attachments=attached).status_code == 400
    files = {"media": ("p.png", PNG, "image/png")}
    form = {"media_category": "dm_image"}
    own = brand.call("POST", "/2/media/upload", files=files, data=form).json()["data"]
    attached = [{"media_id": own["id"]}]
    assert write(ben, "ada", text="not mine", attachments=attached).status_code == 400
    assert write(brand, "ada", attachments=attached).status_code == 201
    [message] = town.messages()
    path = f"/1.1/ton/data/dm/{message.id}/{own['id']}/picture"
    assert ada.call("GET", path).content == PNG
    assert ben.call("GET", path).status_code == 404
    assert brand.call("GET", f"/media/{own['id']}").status_code == 404


def test_a_picture_on_a_post(brand: Client, x_sandbox: XSandbox, clock: Any) -> None:
    media = base64.b64encode(PNG).decode()
    own = brand.post("/2/media/upload", media=media, media_category="tweet_image")["data"]
    made = brand.post("/2/tweets", text="look", media={"media_ids": [own["id"]]})["data"]
    wanted = {"expansions": "attachments.media_keys", "media.fields": "url"}
    shown = brand.get(f"/2/tweets/{made['id']}", **wanted)
    [picture] = shown["includes"]["media"]
    assert shown["data"]["attachments"]["media_keys"] == [picture["media_key"]]
    assert x_sandbox.session.get(picture["url"], timeout=30).content == PNG
    clock.move(25 * 3600)
    body = {"text": "too late", "media": {"media_ids": [own["id"]]}}
    late = brand.call("POST", "/2/tweets", json=body)
    assert (late.status_code, checks.BAD_MEDIA in late.text) == (400, True)


@pytest.mark.parametrize("content", [b"no picture", b""])
def test_what_is_no_picture(brand: Client, content: bytes) -> None:
    media = base64.b64encode(content).decode()
    body = {"media": media, "media_category": "tweet_image"}
    assert brand.call("POST", "/2/media/upload", json=body).status_code == 400
