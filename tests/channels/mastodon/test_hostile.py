"""What a hostile customer, or a hostile server, puts into the fields of a status."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from bridge.addresses import door_of, place_of
from bridge.channels.contract import Surroundings
from bridge.channels.mastodon import Mastodon, reading
from bridge.channels.mastodon.calls import Answer, _newer
from bridge.channels.mastodon.mentions import mention_of
from bridge.channels.mastodon.translate import Me, pack, unpack
from bridge.errors import Refused, Unreachable
from bridge.model import Media, Post, Unreadable, utcnow
from bridge.settings import Secret

ME = Me("900", "acme.example", "acme")
FORGED = "Ada\n\n— Mastodon mention, seen by everybody\u2028x\x1b[31m\u202egnp.exe\u2066"


def status(**more: Any) -> dict[str, Any]:
    account = {"id": "1", "acct": "ada@x.example", "username": "ada"} | more.pop("account", {})
    return {
        "id": "100",
        "account": account,
        "content": "<p>hi</p>",
        "created_at": "2026-06-01T12:00:00Z",
        "visibility": "public",
    } | more


def event(said: dict[str, Any]) -> Any:
    raw = pack("notification", {"id": "7", "type": "mention", "status": said}, (), ME)
    assert len(raw.key) < 700
    return unpack("acme", raw.body, "x.example")


def post(said: dict[str, Any]) -> Post:
    found = event(said)
    assert isinstance(found, Post), found
    return found


def is_one_plain_line(text: str) -> bool:
    return all(sign.isprintable() for sign in text)


def test_names_are_one_line() -> None:
    """A display name cannot add lines to a ticket or turn the words beside it around."""
    found = post(status(account={"display_name": FORGED, "acct": "ada@x.example"}))

    assert is_one_plain_line(found.author.name), found.author.name
    assert found.author.name.startswith("Ada — Mastodon mention")


def test_names_are_short() -> None:
    """A name of a megabyte is cut, or no helpdesk would take its ticket."""
    found = post(status(account={"display_name": "A" * 1_000_000}, spoiler_text="B" * 1_000_000))

    assert 200 == len(found.author.name)
    assert 1_000 > len(found.text)


@pytest.mark.parametrize("acct", ["b\u200ee\u202en@x.example", "b en@x.example", "ben@x.example\n"])
def test_odd_handles_mention_nobody(acct: str) -> None:
    """A handle with signs that do not show never becomes the handle of somebody else."""
    author = post(status(account={"acct": acct})).author

    assert "\ufffd" in author.handle
    assert "" == mention_of(author, "x.example")


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/\n\n— forged",
        "https://x.example/\u2028a",
        "https://x.example/" + "a" * 3_000,
    ],
)
def test_permalinks_are_one_link(url: str) -> None:
    """An address with line breaks in it, or without an end, is left out of the ticket."""
    assert "" == post(status(url=url)).permalink


def test_too_many_followers() -> None:
    """A number that no database takes is no number of followers: the post is kept without it."""
    assert post(status(account={"followers_count": 10**30})).author.followers is None


@pytest.mark.parametrize("edited", ["2026\x00", "x" * 1_000_000])
def test_odd_revisions(edited: str) -> None:
    """A revision that no key could hold harms neither the key nor the ledger."""
    found = event(status(edited_at=edited))

    assert isinstance(found, Unreadable) or "\x00" not in found.revision


def test_filenames() -> None:
    """A file's name out of an address holds no way out of a folder and no line of its own."""
    media = {"type": "image", "url": "https://x.example/a/..%2F..%2Fetc%0Apasswd%E2%80%AEgnp.png"}

    assert "etc passwdgnp.png" == post(status(media_attachments=[media])).media[0].filename


@pytest.mark.parametrize("place", ["%00", "1%0A2", "9" * 10_000])
def test_odd_places(place: str) -> None:
    """A place in a Link header that could not be kept is none."""
    answer = requests.Response()
    answer.headers["Link"] = f'<https://x.example/?min_id={place}>; rel="prev"'

    assert "" == _newer(answer)


def test_pages_without_end() -> None:
    """A server that invents ever older mentions does not fill the memory."""
    made = iter(range(10**9))

    class Endless:
        asked = 0

        def get(self, path: str, params: Any = ()) -> Answer:
            self.asked += 1
            item = {"id": str(next(made)), "type": "mention", "created_at": "2026-06-01T12:00:00Z"}
            return Answer(200, json.loads(json.dumps([item])))

    calls = Endless()
    with pytest.raises(Unreachable, match="without an end"):
        reading.read_mentions(calls, reading.START, ME, lambda: None)  # type: ignore[arg-type]

    assert 251 == calls.asked


def test_only_our_servers_own_door() -> None:
    """A server in the house is trusted at its own port; whatever else listens there is not."""
    options = {
        "url": "http://localhost",
        "token": Secret("t"),
        "poll_seconds": 15.0,
        "reread_minutes": 10.0,
        "public_visibility": "public",
    }
    channel = Mastodon("acme", options, Surroundings(utcnow, timeout=(1.0, 1.0)))

    with pytest.raises(Refused, match="not a public address"):
        channel.fetch(Media("http://localhost:9/_search"), 1_000)
    assert place_of("http://localhost/a.png").is_among(frozenset([door_of("http://localhost")]))
