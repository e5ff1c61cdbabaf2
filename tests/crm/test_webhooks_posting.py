"""One try of a webhook: where it may go, and what its answers mean."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from webhooks_stage import Receiver

from bridge import outside
from bridge.crm.webhooks import posting
from bridge.crm.webhooks.events import EVENTS
from bridge.crm.webhooks.posting import Answer
from bridge.crm.webhooks.rendering import Message
from bridge.departing import departing
from bridge.errors import LeaseLost
from bridge.sandbox.server import serve

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OUTWARD = "93.184.215.14"
MESSAGE = Message("msg_1", "interaction.changed", "application/json", b'{"type":"x"}')
SIGNED = {"webhook-id": "msg_1"}


def post(url: str, *trusted: str) -> Answer:
    return posting.post(url, MESSAGE, SIGNED, NOW, frozenset(trusted))


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def url(receiver: Receiver) -> Iterator[str]:
    with serve(receiver) as running:
        yield running.url


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "10.1.2.3",
        "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.1.1", "240.0.0.1",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fc00::1]",
        "[ff02::1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:a00:1::1]",
        "[2001:0:53aa:64c:0:0:0:1]",
    ],
)  # fmt: skip
def test_nothing_goes_inwards(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However an inner address is written, no connection is even tried."""
    tried: list[Any] = []
    monkeypatch.setattr(outside, "_connect", lambda *asked: tried.append(asked))
    answer = post(f"https://{host}/hook")
    assert (None, True, []) == (answer.status, answer.of_all, tried)
    assert "public" in answer.because or "looked up" in answer.because


@pytest.mark.parametrize("url", ["http://{0}/", "https://me:word@{0}/", "ftp://{0}/", "https:///"])
def test_odd_addresses_are_not_called(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """http, a user name, another scheme, no host."""
    tried: list[Any] = []
    monkeypatch.setattr(outside, "_connect", lambda *asked: tried.append(asked))
    assert (None, []) == (post(url.format(OUTWARD)).status, tried)


def test_the_checked_address_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads inwards on a second look is looked up once; one inner address among
    several is enough to refuse."""
    answers = [[OUTWARD], ["127.0.0.1"], [OUTWARD, "10.0.0.1"]]
    went: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in answers.pop(0)]

    def go(address: Any, _seconds: float) -> socket.socket:
        went.append(address[1][0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(outside, "_connect", go)
    assert "refuses connections" in post("https://evil.example/").because
    assert ([OUTWARD], 2) == (went, len(answers))
    assert "not a public address" in post("https://evil.example/").because
    assert "not a public address" in post("https://evil.example/").because
    assert [OUTWARD] == went


def test_a_redirect_is_a_failure(url: str, receiver: Receiver) -> None:
    """And is never followed."""
    host = url.removeprefix("http://")
    receiver.answers = [(307, {"Location": f"{url}/inside"})]
    answer = post(url, host)
    assert (307, False, 1) == (answer.status, answer.is_taken, len(receiver.arrived))
    assert "elsewhere" in answer.because


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (500, {}, Answer(500, "127.0.0.1 answered 500", None, True)),
        (429, {"retry-after": "7"}, Answer(429, "127.0.0.1 answered 429", 7.0, True)),
        (400, {}, Answer(400, "127.0.0.1 answered 400", None, False)),
        (410, {}, Answer(410, "127.0.0.1 wants no more (410)", None, False)),
        (202, {}, Answer(202)),
    ],
)
def test_what_an_answer_means(
    url: str, receiver: Receiver, status: int, headers: dict[str, str], expected: Answer
) -> None:
    """Only the status counts; no word of the body is repeated."""
    receiver.answers = [(status, headers)]
    assert expected == post(f"{url}/hook?for=crm", url.removeprefix("http://"))
    (came,) = receiver.arrived
    assert (MESSAGE.body, "application/json") == (came.body, came.headers["content-type"])


def test_who_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the time there is, though the connection stands."""
    monkeypatch.setattr(posting, "SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        answer = post(f"http://{host}/", host)
    assert (None, True) == (answer.status, answer.of_all)
    assert "answer" in answer.because


def test_nothing_leaves_without_the_lease(url: str, receiver: Receiver) -> None:
    """The last look is taken where the bytes leave."""

    def lost() -> datetime:
        raise LeaseLost("it went on without you")

    with (
        departing(lambda: NOW, NOW - timedelta(seconds=1), lost),
        pytest.raises(LeaseLost),
    ):
        post(url, url.removeprefix("http://"))
    assert [] == receiver.arrived


def test_the_docs_name_every_event() -> None:
    """With the words that the console shows, and none that there is not."""
    page = Path(__file__).parents[2].joinpath("docs", "webhooks.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+\.\w+)` \| (.+) \|$", page, re.MULTILINE))
    assert EVENTS == told
