"""One entry for each parser of outside input: what it must keep to, whatever bytes it is given.

Every one must come to an end within `MOST_SECONDS` of computing and raise only what it says.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from bridge.addresses import place_of
from bridge.channels import registry
from bridge.channels.contract import Surroundings
from bridge.channels.mastodon import Mastodon
from bridge.channels.mastodon.mentions import mention_of, private_text
from bridge.channels.site import Site
from bridge.errors import Misconfigured, NotGenuine, Refused, TooLong
from bridge.helpdesks.zendesk import compose, events, people
from bridge.logs import Redaction, on_one_line
from bridge.mapping import load as load_mapping
from bridge.mapping.model import MappingError
from bridge.model import Event, Post, Unreadable
from bridge.outside import LONGEST_WAIT, wait_named
from bridge.settings import Secret
from bridge.settings import load as load_settings
from bridge.signing import LONGEST_ID, verify
from bridge.text.commands import take_command
from bridge.text.comments import comment
from bridge.text.filename import LONGEST, filename_of
from bridge.text.html import to_text
from bridge.text.links import links, mentions, replace_links, short_form
from bridge.text.split import split
from fuzz import channels, inputs, seeds, seeds_meta, seeds_x
from fuzz.web import Web

MOST_SECONDS = 5.0
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AROUND = Surroundings(lambda: NOW)
SECRET = Secret(seeds.SITE_SECRET)


@dataclass(frozen=True)
class Target:
    """`check` raises `AssertionError` where the parser does not keep to what it says."""

    name: str
    check: Callable[[bytes], None]
    given: inputs.Bytes

    def __call__(self, data: bytes) -> None:
        began = time.process_time()
        self.check(data)
        took = time.process_time() - began
        assert took < MOST_SECONDS, f"{self.name} took {took:.1f} s"


def _any_text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _head(data: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = data.partition(b"\n\n")
    lines = (line.partition(": ") for line in head.decode("latin-1").split("\n"))
    return {name: value for name, _, value in lines if name}, body


def _plain_line(text: str) -> None:
    odd = [sign for sign in text if ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0]
    assert not odd, odd
    assert not set(text) & set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _on_a_ticket(post: Post) -> None:
    """Can be shown to an agent, and answered."""
    for text in (post.author.name, post.author.handle, post.permalink, post.subject):
        _plain_line(text)
    assert len(post.author.name) <= 300
    said = comment(post, tuple((media, "") for media in post.media))
    written = compose.as_html(said)
    assert "<script" not in written
    written.encode("utf-8")
    _plain_line(people.shown_name(post.author))
    people.external_id(post.author)
    json.dumps(compose.literal(post.subject)).encode("ascii")
    if mention_of(post.author, "x.example"):
        assert 1 == private_text("hello", post.author, "x.example").count(" ")


def _events(found: tuple[Any, ...]) -> None:
    for one in found:
        assert isinstance(one, Event), one
        repr(one).encode("utf-8")
        if isinstance(one, Post):
            assert "\x00" not in one.id + one.revision + one.text + one.thread_id
            for each in (one, *one.history):
                _on_a_ticket(each)


def _mastodon(data: bytes) -> None:
    options = {
        "url": "https://x.example",
        "token": SECRET,
        "poll_seconds": 15.0,
        "reread_minutes": 10.0,
        "public_visibility": "public",
    }
    _events(Mastodon("acme", options, AROUND).unpack(data))


def _site(data: bytes) -> None:
    options = {
        "secret": (SECRET,),
        "reply_secret": (SECRET,),
        "reply_url": "https://x.example",
        "private": False,
        "max_characters": 1_000,
    }
    site = Site("shop", options, AROUND)
    found = site.unpack(data)
    _events(found)
    wrong = site.complaint(data)
    assert bool(wrong) == any(isinstance(one, Unreadable) for one in found)


def _bundles(channel: channels.Pushing) -> Callable[[bytes], None]:
    """Deliveries of several items: each stands alone, and is the same when taken apart again."""

    def check(data: bytes) -> None:
        _events(channel.unpack(data))
        for raw in channel.apart(data):
            assert [raw.key] == [each.key for each in channel.apart(raw.body)]
            _events(channel.unpack(raw.body))
        for name in ("X-Hub-Signature-256", "x-twitter-webhooks-signature"):
            try:
                channel.genuine({name: f"sha256={'0' * 64}"}, data)
            except NotGenuine:
                continue
            raise AssertionError("a signature was believed that nobody made")

    return check


def _zendesk_events(data: bytes) -> None:
    headers, body = _head(data)
    try:
        events.genuine(headers, body, SECRET, NOW)
    except NotGenuine:
        pass
    else:
        raise AssertionError("a signature was believed that nobody made")
    ping = events.genuine(seeds.desk_headers(body), body, SECRET, NOW)
    assert ping.key.isascii()
    assert 0 < len(ping.key) <= 200
    assert not ping.ticket_id or ping.ticket_id.isdigit()


def _signing(data: bytes) -> None:
    headers, body = _head(data)
    try:
        key = verify(headers, body, (SECRET,), NOW)
    except NotGenuine:
        return
    assert headers == seeds.SIGNED, "a signature was believed that nobody made"
    assert 0 < len(key) <= LONGEST_ID


def _html(data: bytes) -> None:
    text = to_text(_any_text(data), 1_000)
    assert len(text) <= 1_000
    assert not set(text) & set("\x00\x1b\x9b\u202e")
    text.encode("utf-8")


def _mapping(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mapping.yaml"
        file.write_bytes(data)
        environ = {"MASTODON_TOKEN": "t", "SITE_SECRET": SECRET.reveal()}
        try:
            load_mapping(file, registry.installed(), environ | {"SITE_REPLY_SECRET": "whsec_"})
        except MappingError:
            return


def _command(data: bytes) -> None:
    text = _any_text(data)
    command, rest = take_command(text)
    assert text.endswith(rest)
    assert command or rest == text


def _settings(data: bytes) -> None:
    lines = (line.partition("=") for line in _any_text(data).split("\n"))
    try:
        load_settings({name: value for name, _, value in lines})
    except Misconfigured as wrong:
        _keeps_quiet(str(wrong))


def _keeps_quiet(text: str) -> None:
    assert "hunter2" not in text


def _filename(data: bytes) -> None:
    disposition, _, url = _any_text(data).partition("\n")
    try:
        name = filename_of(disposition, url, "image/png")
    except ValueError:
        # an address is taken apart before anything is fetched from it, see `addresses`
        assert _refused(url)
        return
    assert 0 < len(name) <= LONGEST
    assert not set(name) & set("/\\\x00\n\r\u202e")
    assert not name.startswith(".")


def _refused(url: str) -> bool:
    try:
        place_of(url)
    except Refused:
        return True
    return False


def _address(data: bytes) -> None:
    try:
        place = place_of(_any_text(data))
    except Refused:
        return
    assert place.scheme in ("http", "https")
    assert not set(place.target + place.host) & set("\r\n\x00 ")
    assert 0 < place.port < 65536
    place.netloc.encode("ascii")
    place.target.encode("ascii")


def _wait(data: bytes) -> None:
    answer = requests.Response()
    after, _, reset = data.decode("latin-1").partition("\n")
    answer.headers.update({"Retry-After": after, "X-RateLimit-Reset": reset})
    wait = wait_named(answer, NOW)
    assert wait is None or 0 <= wait <= LONGEST_WAIT


def _links(data: bytes) -> None:
    text = _any_text(data)
    for found in (links(text), mentions(text)):
        at = 0
        for start, end in found:
            assert at <= start < end <= len(text)
            at = end
    short_form(text)
    replace_links(text, "x")
    try:
        parts = split(text, 60, len)
    except TooLong:
        return
    assert all(len(part) <= 60 for part in parts)


def _log(data: bytes) -> None:
    said = _any_text(data)
    event = Redaction([Secret("hunter2")])(None, "", {"event": said, "headers": [(said, said)]})
    line = on_one_line(None, "", event)["event"]
    assert "hunter2" not in line
    _plain_line(line)
    line.encode("utf-8")


FACEBOOK, INSTAGRAM, WHATSAPP, X = (
    make(SECRET, AROUND)
    for make in (channels.facebook, channels.instagram, channels.whatsapp, channels.x)
)
HANDSHAKES = tuple(
    urlencode(query).encode()
    for query in ({**FACEBOOK.asks()}, seeds_meta.HANDSHAKE, {"crc_token": "challenge_string"})
)
WEB = Web(NOW)
TARGETS = {
    target.name: target
    for target in (
        Target("hooks", WEB.ask, inputs.either(*seeds.REQUESTS) | seeds.requests()),
        Target("zendesk_events", _zendesk_events, seeds.with_headers(seeds.EVENT)),
        Target("mastodon", _mastodon, inputs.documents(seeds.DELIVERY)),
        Target("facebook", _bundles(FACEBOOK), inputs.documents(seeds_meta.PAGE_DELIVERY)),
        Target("instagram", _bundles(INSTAGRAM), inputs.documents(seeds_meta.INSTAGRAM_DELIVERY)),
        Target("whatsapp", _bundles(WHATSAPP), inputs.documents(seeds_meta.WHATSAPP_DELIVERY)),
        Target("x", _bundles(X), inputs.documents(seeds_x.DELIVERY)),
        Target("handshakes", channels.handshakes(SECRET, FACEBOOK, X), inputs.either(*HANDSHAKES)),
        Target("site", _site, inputs.documents(seeds.MESSAGE)),
        Target("html", _html, inputs.either(*seeds.HTML)),
        Target("mapping", _mapping, inputs.either(*seeds.mappings())),
        Target("signing", _signing, seeds.with_headers(seeds.MESSAGE)),
        Target("command", _command, inputs.either(b"#dm hello", "＃public: x".encode())),
        Target("settings", _settings, inputs.either(seeds.SETTINGS)),
        Target("filename", _filename, inputs.either(*seeds.FILENAMES)),
        Target("address", _address, inputs.either(*seeds.ADDRESSES)),
        Target("wait", _wait, inputs.either(*seeds.WAITS)),
        Target("links", _links, inputs.either(*seeds.TEXTS)),
        Target("log", _log, inputs.either(*seeds.LINES)),
    )
}
