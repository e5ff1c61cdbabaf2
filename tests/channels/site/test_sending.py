"""Replies on their way to the website."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook
from werkzeug.wrappers import Request, Response

from bridge.channels.site.sending import webhook_id_of
from bridge.errors import (
    BridgeError,
    Gone,
    Misconfigured,
    NeedsSignIn,
    NobodyKnows,
    RateLimited,
    Refused,
    TooLong,
    Unreachable,
)
from bridge.model import File, Receipt, Urgency, Visibility
from bridge.outside import never_sent
from bridge.sandbox.server import serve
from bridge.sandbox.site import REPLIES

Script = Callable[[Request], Response]


class Elsewhere:
    """A website of another make: answers as it is told, remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.answer: Script = lambda _request: Response("", 204)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append((request.path, dict(request.headers), request.get_data()))
        return self.answer(request)(environ, start_response)

    def answers(self, status: int, data: Any = "", **headers: str) -> None:
        text = data if isinstance(data, (str, bytes)) else json.dumps(data)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _request: Response(text, status, headers=named)


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    made = Elsewhere()
    with serve(made) as running:
        made.url = running.url
        yield made


@pytest.mark.parametrize(
    ("status", "data", "kind"),
    [
        (301, "", Misconfigured),
        (307, "", Misconfigured),
        (400, {"error": "what?"}, Refused),
        (401, "", NeedsSignIn),
        (403, "", NeedsSignIn),
        (404, "", Misconfigured),
        (404, {"status": "Not Found"}, Misconfigured),
        (404, {"error": "this message is no longer here"}, Gone),
        (405, "", Misconfigured),
        (408, "", Unreachable),
        (409, {"error": "thread is locked"}, Refused),
        (410, {"error": "never again"}, Misconfigured),
        (413, "", TooLong),
        (422, {"error": "no swearing"}, Refused),
        (425, "", Unreachable),
        (429, "", RateLimited),
        (500, "", NobodyKnows),
        (502, "", NobodyKnows),
        (503, "", Unreachable),
        (504, "", NobodyKnows),
    ],
)
def test_each_answer_has_its_kind(
    site: Any, elsewhere: Any, status: int, data: Any, kind: type[BridgeError]
) -> None:
    """Nothing but a 2xx is a receipt; a redirect is not followed; the wait comes along."""
    elsewhere.answers(status, data, Location="/other", Retry_After="9")
    with pytest.raises(kind) as caught:
        site.open(elsewhere.url).send(site.reply("Hello", to="m1"))
    assert kind is type(caught.value)
    assert len(elsewhere.asked) == 1
    if isinstance(caught.value, Unreachable | RateLimited):
        assert caught.value.wait == 9.0
    if isinstance(data, dict) and "error" in data and status != 410:
        assert data["error"] in caught.value.because


def test_too_large_with_files_is_about_the_files(site: Any, elsewhere: Any) -> None:
    """Then shortening the text would not help."""
    elsewhere.answers(413)
    reply = replace(site.reply("Hello", to="m1"), files=(File("a.bin", "x/y", b"1"),))
    with pytest.raises(Refused, match="files"):
        site.open(elsewhere.url).send(reply)


def test_a_reply_carries_everything(site: Any, elsewhere: Any) -> None:
    """Whom it is for, what it answers, who may read it, its files; signed over the very bytes,
    as the standard's own library sees it."""
    site.time = datetime.now(UTC)
    reply = replace(
        site.reply("Grüße 📦", to="m1", key="c:1:reply:1", visibility=Visibility.PRIVATE),
        language="de",
        files=(File("a.txt", "text/plain", b"hi", "greeting"),),
    )
    site.open(elsewhere.url).send(reply)
    [(path, headers, body)] = elsewhere.asked
    assert path == REPLIES
    assert headers["Webhook-Id"] == "c:1:reply:1"
    verified = Webhook(site.website.reply_secrets[0].reveal()).verify(body, headers)
    assert verified == {
        "type": "reply.created",
        "timestamp": site.time.isoformat(),
        "data": {
            "id": "c:1:reply:1",
            "thread_id": "m1",
            "in_reply_to": "m1",
            "visibility": "private",
            "text": "Grüße 📦",
            "to": {"id": "1001", "name": "Ada Lovelace", "handle": "ada"},
            "language": "de",
            "files": [
                {
                    "filename": "a.txt",
                    "content_type": "text/plain",
                    "description": "greeting",
                    "content_base64": "aGk=",
                }
            ],
        },
    }


def test_a_repeat_is_the_same_webhook(site: Any, elsewhere: Any) -> None:
    """Same id and same bytes, however much later; only the signature's time moves on."""
    channel = site.open(elsewhere.url)
    reply = site.reply("Hello", to="m1")
    channel.send(reply)
    site.says("an hour passes")
    channel.send(reply)
    (_, first, one), (_, second, two) = elsewhere.asked
    assert (one, first["Webhook-Id"]) == (two, second["Webhook-Id"])
    assert first["Webhook-Timestamp"] != second["Webhook-Timestamp"]


@pytest.mark.parametrize(
    ("data", "receipt"),
    [
        ("", Receipt("intent-1")),
        ("no json", Receipt("intent-1")),
        (b"\xff\xfe", Receipt("intent-1")),
        ("[" * 50_000, Receipt("intent-1")),
        (" " * 100_000 + '{"id": 5}', Receipt("intent-1")),
        ([1], Receipt("intent-1")),
        ({"id": None, "url": "javascript:x"}, Receipt("intent-1")),
        ({"id": True}, Receipt("intent-1")),
        ({"id": ""}, Receipt("intent-1")),
        ({"id": "a\nb"}, Receipt("intent-1")),
        ({"id": 5}, Receipt("5")),
        ({"id": "r5", "url": "https://shop.example/m/5"},
         Receipt("r5", "https://shop.example/m/5")),
    ],
)  # fmt: skip
def test_any_2xx_is_a_receipt(site: Any, elsewhere: Any, data: Any, receipt: Receipt) -> None:
    """With the website's own id where it tells a good one, else with ours."""
    elsewhere.answers(200, data)
    assert receipt == site.open(elsewhere.url).send(site.reply("Hello", to="m1"))


def test_a_private_account_answers_nothing_in_public(site: Any, elsewhere: Any) -> None:
    """Refused before anything is sent."""
    channel = site.open(elsewhere.url, private=True)
    with pytest.raises(Refused):
        channel.send(site.reply("Hello", to="m1"))
    assert elsewhere.asked == []
    channel.send(site.reply("Hello", to="m1", visibility=Visibility.PRIVATE))


def test_a_reply_that_never_left_may_simply_be_repeated(site: Any) -> None:
    """A closed port, a name that is none: nothing arrived, so nothing is unknown."""
    with serve(Response("x")) as gone:
        url = gone.url
    for nobody in (url, "http://no-such-host.invalid"):
        with pytest.raises(Unreachable):
            site.open(nobody).send(site.reply("Hello", to="m1"))
    assert not never_sent(requests.ReadTimeout())
    assert never_sent(requests.ConnectTimeout())


def test_the_website_shows_a_repeated_reply_once(site: Any) -> None:
    """Sent five times with the same key: one message, five times the same receipt."""
    post = site.says("Hello?")
    receipts = {site.channel.send(site.reply("Hello!", to=post)) for _ in range(5)}
    assert len(receipts) == 1
    assert len(site.written()) == 1


@pytest.mark.parametrize("key", ["", "a.b", "a b", "ü", "x" * 300, "a\r\nX: y"])
def test_any_key_makes_a_good_webhook_id(site: Any, elsewhere: Any, key: str) -> None:
    """One that may stand in a header, the same each time."""
    assert webhook_id_of(key) == webhook_id_of(key) != webhook_id_of(key + "1")
    site.open(elsewhere.url).send(site.reply("Hello", to="m1", key=key))
    assert elsewhere.asked[0][1]["Webhook-Id"] == webhook_id_of(key)


def test_an_examination_finds_a_wrong_secret(site: Any, elsewhere: Any) -> None:
    """And a dead address, a wrong one, and a website that does not know a ping."""

    def urgencies(url: str, **options: Any) -> list[Urgency]:
        return [finding.urgency for finding in site.open(url, **options).examine()][1:]

    good = site.channel._door.url.removesuffix(REPLIES)
    assert urgencies(good) == [Urgency.OK]
    assert urgencies(good, reply_secret=site.channel._secrets[0]) == [Urgency.PROBLEM]
    for status, urgency in ((404, Urgency.PROBLEM), (422, Urgency.ADVICE), (500, Urgency.ADVICE)):
        elsewhere.answers(status)
        assert urgencies(elsewhere.url) == [urgency]
    with serve(Response("x")) as gone:
        url = gone.url
    assert urgencies(url) == [Urgency.PROBLEM]


def test_no_failure_tells_a_secret(site: Any, elsewhere: Any) -> None:
    """Not even when the website sends it back."""
    secret = site.website.reply_secrets[0].reveal()
    elsewhere.answers(422, {"error": f"bad secret {secret}"})
    with pytest.raises(Refused) as caught:
        site.open(elsewhere.url).send(site.reply("Hello", to="m1"))
    assert secret not in caught.value.because
