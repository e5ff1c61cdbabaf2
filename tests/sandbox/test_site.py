"""The stand-in website: it sends like a good one, shows each reply once, keeps private private."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from marshmallow import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug.wrappers import Request, Response

from bridge.model import utcnow
from bridge.outside import new_session
from bridge.sandbox.server import serve
from bridge.sandbox.site import REPLIES, Website, create_app, new_website
from bridge.sandbox.site.website import NoSuchMessage
from bridge.settings import Secret
from bridge.signing import sign

SECRET = Secret("whsec_" + base64.b64encode(b"in" * 16).decode())
REPLY_SECRET = Secret("whsec_" + base64.b64encode(b"ou" * 16).decode())


class Bridge:
    """Takes webhooks like a bridge, and answers as it is told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.took: list[tuple[str, dict[str, Any]]] = []
        self.refused = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        status = self.statuses.pop(0) if self.statuses else 200
        try:
            given = Webhook(SECRET.reveal()).verify(request.get_data(), dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return Response("", 401)(environ, start_response)
        if status == 200:
            self.took.append((request.headers["webhook-id"], given))
        return Response("", status)(environ, start_response)


@pytest.fixture
def website() -> Iterator[Website]:
    made = new_website(utcnow, SECRET, REPLY_SECRET, retry_seconds=0.01)
    with serve(create_app(made)) as running:
        made.url = running.url
        yield made
        made.courier.stop()


@pytest.fixture
def bridge(website: Website) -> Iterator[Bridge]:
    made = Bridge()
    with serve(made) as running:
        website.opens(website.url, running.url + "/hooks/site/shop")
        yield made
        website.courier.stop()


def said(bridge: Bridge) -> list[str]:
    return [given["data"].get("text", given["type"]) for _, given in bridge.took]


def reply(website: Website, about: str, **changes: Any) -> dict[str, Any]:
    data = {
        "id": "key-1",
        "thread_id": about,
        "in_reply_to": about,
        "visibility": "public",
        "text": "Hello!",
        "to": {"id": website.customers[0].id},
        "language": "en",
        "files": [],
    }
    return {**data, **changes}


def post(website: Website, body: bytes, headers: dict[str, str]) -> requests.Response:
    with new_session() as session:
        return session.post(website.url + REPLIES, data=body, headers=headers, timeout=(5, 20))


# -- out to the bridge ----------------------------------------------------------------------------


def test_what_is_written_arrives_signed_and_in_order(website: Website, bridge: Bridge) -> None:
    """As the standard's own library verifies it: new, edited and deleted messages."""
    first = website.write("1001", "one")
    website.write("1002", "two", parent=first.id)
    website.edit(first.id, "one, really")
    website.delete(first.id)
    website.courier.flush(60)
    assert said(bridge) == ["one", "two", "one, really", "message.deleted"]
    assert len({webhook_id for webhook_id, _ in bridge.took}) == 4


def test_it_is_tried_until_it_arrives(website: Website, bridge: Bridge) -> None:
    """The same webhook again after 500, 503 and 429; what came later waits its turn."""
    bridge.statuses = [500, 503, 429]
    website.write("1001", "one")
    website.write("1001", "two")
    website.courier.flush(60)
    assert said(bridge) == ["one", "two"]
    assert [one.tries for one in website.courier.posted()] == [4, 1]


def test_a_refusal_with_reasons_is_not_tried_again(website: Website, bridge: Bridge) -> None:
    """422 says that the message itself is wrong."""
    bridge.statuses = [422]
    website.write("1001", "one")
    website.courier.flush(60)
    [delivery] = website.courier.posted()
    assert (delivery.tries, delivery.status, bridge.took) == (1, 422, [])


def test_it_waits_for_the_bridge_to_be_there(website: Website) -> None:
    """What is written before the bridge is known goes out once it is."""
    website.write("1001", "early")
    made = Bridge()
    with serve(made) as running:
        website.opens(website.url, running.url)
        website.courier.flush(60)
        website.courier.stop()
    assert said(made) == ["early"]


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        ("webhook_twice", ["one", "one", "two"]),
        ("webhook_never", ["two"]),
        ("webhook_out_of_order", ["two", "one"]),
        ("webhook_late", ["two", "one"]),
    ],
)
def test_deliveries_go_wrong_on_purpose(
    website: Website, bridge: Bridge, fault: str, arrives: list[str]
) -> None:
    """Twice, never, overtaken or late, by name."""
    website.courier.aim("")
    website.faults.add(fault, seconds=0.3)
    website.write("1001", "one")
    website.write("1001", "two")
    with serve(bridge) as running:
        website.courier.aim(running.url)
        website.courier.flush(60)
    assert said(bridge) == arrives


def test_a_forged_delivery_comes_before_the_real_one(website: Website, bridge: Bridge) -> None:
    """Unsigned, refused, and no harm to the real one."""
    website.faults.add("webhook_unsigned")
    website.write("1001", "one")
    website.courier.flush(60)
    assert (bridge.refused, said(bridge)) == (1, ["one"])


# -- in from the bridge ---------------------------------------------------------------------------


def test_unsigned_and_malformed_replies_are_refused(website: Website) -> None:
    """401 for what is not signed, 422 for what is not a reply, 404 for an answer to nothing."""
    asked = website.write("1001", "Hello?").id
    good = json.dumps({"type": "reply.created", "data": reply(website, asked)}).encode()
    assert post(website, good, {}).status_code == 401
    assert post(website, good, sign((SECRET,), "k", utcnow(), good)).status_code == 401
    for body, status in (
        (b"no json", 422),
        (b'{"type": "reply.created", "data": {}}', 422),
        (json.dumps({"type": "reply.created", "data": reply(website, "m99")}).encode(), 404),
        (b'{"type": "ping", "data": {}}', 200),
    ):
        assert status == post(website, body, sign((REPLY_SECRET,), "k", utcnow(), body)).status_code
    assert website.replies() == ()
    answer = post(website, good, sign((REPLY_SECRET,), "k", utcnow(), good))
    assert answer.status_code == 201
    assert answer.json()["id"] == website.replies()[0].id


def test_a_reply_is_shown_once_however_often_it_comes(website: Website) -> None:
    """By its webhook-id; the answer is the same each time."""
    asked = website.write("1001", "Hello?").id
    ids = {website.take_reply("key-1", reply(website, asked)).id for _ in range(5)}
    assert len(ids) == len(website.replies()) == 1
    with pytest.raises(ValidationError):
        website.take_reply("key-2", reply(website, asked, to={"id": "nobody"}))
    with pytest.raises(ValidationError):
        website.take_reply("key-3", reply(website, asked, files=[{"filename": "x"}]))


# -- the page -------------------------------------------------------------------------------------


def seen(website: Website, path: str) -> str:
    with new_session() as session:
        return session.get(website.url + path, timeout=(5, 20)).text


def test_private_words_are_seen_by_those_they_are_for(website: Website) -> None:
    """On the page, in the feed and by their own address."""
    private = website.write("1001", "my order is 4711", private=True)
    website.take_reply("k", reply(website, private.id, visibility="private", text="it is lost"))
    answer = website.replies()[0]
    for words, one in (("4711", private), ("it is lost", answer)):
        for path in ("/?", "/feed?", f"/m/{one.id}?"):
            assert words in seen(website, f"{path}me=1001")
            assert words not in seen(website, f"{path}me=1002")
    with pytest.raises(NoSuchMessage):
        website.write("1002", "what?", parent=private.id)


def test_a_person_can_write_change_and_delete(website: Website) -> None:
    """What is typed is shown as typed, never as markup; every page says that it is a stand-in."""
    with new_session() as session:

        def send(path: str, **form: str) -> int:
            return session.post(
                website.url + path, data={"me": "1003", **form}, timeout=(5, 20)
            ).status_code

        assert send("/write", text="<script>x</script>", visibility="private") == 303
        [message] = website.messages()
        assert (message.author, message.private) == ("1003", True)
        assert send("/change", id=message.id, text="better") == 303
        assert website.messages()[0].text == "better"
        assert send("/change", id=message.id, me="1001", text="mine") == 404
        assert send("/delete", id=message.id) == 303
        assert website.messages()[0].deleted
        assert send("/write", text=" ") == 303
        assert len(website.messages()) == 1
        upload = {"picture": ("a.svg", b"<svg/>", "image/svg+xml")}
        session.post(website.url + "/write", data={"me": "1001"}, files=upload, timeout=(5, 20))
        [_, withfile] = website.messages()
        file = session.get(f"{website.url}/files/{withfile.uploads[0].id}", timeout=(5, 20))
        assert file.headers["Content-Type"] == "application/octet-stream"
        strange = {"Origin": "https://evil.example"}
        forged = session.post(website.url + "/write", headers=strange, timeout=(5, 20))
        assert forged.status_code == 403
    website.write("1001", "<b>bold</b>")
    page = seen(website, "/")
    assert "&lt;b&gt;bold" in page
    assert "Sandbox" in page
    assert datetime.now(UTC) >= website.messages()[-1].at
