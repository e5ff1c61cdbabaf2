"""What a website posts in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import NotGenuine
from bridge.model import Kind, Media, Person, Post, Removal, Unreadable, Visibility
from bridge.signing import sign


def message(**changes: Any) -> dict[str, Any]:
    data = {
        "id": "17",
        "visibility": "public",
        "author": {"id": "1001", "name": "Ada"},
        "text": "Hello",
    }
    return {**data, **changes}


def body(data: Any, kind: str = "message.created", **changes: Any) -> bytes:
    given = {"type": kind, "timestamp": "2026-06-01T14:00:00+02:00", "data": data, **changes}
    return json.dumps(given).encode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "the body is not JSON in UTF-8"),
        (b"\xff\xfe", "the body is not JSON in UTF-8"),
        (b"[" * 100_000, "the body is not JSON in UTF-8"),
        (b"1" * 5000, "the body is not JSON in UTF-8"),
        (b"[]", "the body must be an object with type, timestamp and data"),
        (b"{}", "type is missing; timestamp is missing; data is missing"),
        (body(None), "data must be an object"),
        (body([1]), "data must be an object"),
        (body({}), "data.id is missing; data.author is missing; data.text is missing"),
        (body(message(), "message.create"),
         "type must be message.created, message.edited or message.deleted"),
        (body(message(), timestamp="2026-06-01T14:00:00"),
         "timestamp must be a time with its zone, like 2026-11-21T12:00:00Z"),
        (body(message(), timestamp="0001-01-01T00:00:00+14:00"),
         "timestamp must be a time with its zone, like 2026-11-21T12:00:00Z"),
        (body(message(), timestamp=1780315200),
         "timestamp must be a time with its zone, like 2026-11-21T12:00:00Z"),
        (body(message(id="")), "data.id is empty"),
        (body(message(id=True)), "data.id must be text"),
        (body(message(id="a\nb")), "data.id must not hold control characters"),
        (body(message(id="\ud800")), "data.id must not hold control characters"),
        (body(message(id="x" * 201)), "data.id is longer than 200 characters"),
        (body(message(text=None)), "data.text must not be null"),
        (body(message(text={"a": 1})), "data.text must be text"),
        (body(message(text="x" * 50_001)), "data.text is longer than 50,000 characters"),
        (body(message(visibility="secret")), "data.visibility must be public or private"),
        (body(message(visibility=None)), "data.visibility must not be null"),
        (body(message(author="Ada")), "data.author must be an object"),
        (body(message(author={"name": "Ada"})), "data.author.id is missing"),
        (body(message(author={"id": 1, "followers": "many", "profile_url": "javascript:x"})),
         ("data.author.profile_url must be an http or https address; "
         "data.author.followers must be a whole number")),
        (body(message(author={"id": 1, "followers": -1})),
         "data.author.followers must be a number of people"),
        (body(message(url="//shop.example")), "data.url must be an http or https address"),
        (body(message(language="english!")),
         "data.language must be a language tag, like en or pt-BR"),
        (body(message(media="x")), "data.media must be a list"),
        (body(message(media=["x", {"url": "x"}])),
         "data.media.0 must be an object; data.media.1.url must be an http or https address"),
        (body(message(media=[{"url": "https://a.example"}] * 21)),
         "data.media takes 20 files at most"),
        (body(message(parentId="16", thread_ID="16")),
         ("data.parentId is not known; did you mean parent_id?; "
         "data.thread_ID is not known; did you mean thread_id?")),
        (body({}, "message.deleted"), "data.id is missing"),
    ],
)  # fmt: skip
def test_every_mistake_is_told_at_once(site: Any, given: bytes, said: str) -> None:
    """In words that a developer can act on; as an item it is set aside with the same words."""
    assert said == site.channel.complaint(given)
    [event] = site.channel.unpack(given)
    assert isinstance(event, Unreadable)
    assert said == event.because
    assert len(event.excerpt) <= 500


def test_a_hundred_mistakes_are_not_all_told(site: Any) -> None:
    """The first ten, and how many more."""
    said = site.channel.complaint(body(message(media=[{"url": "x"}] * 15)))
    assert said.endswith("; and 5 more")


def test_a_full_message_is_read(site: Any) -> None:
    """Every field has its place; times are in UTC; numbers as ids are kept as text."""
    data = {
        "id": 17,
        "thread_id": 12,
        "parent_id": 16,
        "visibility": "public",
        "author": {
            "id": 1001,
            "name": " Ada\nLovelace ",
            "handle": "@ada",
            "profile_url": "https://shop.example/u/1001",
            "avatar_url": "https://shop.example/u/1001.png",
            "language": "de",
            "followers": 3,
        },
        "text": " Hi\u0000\ud800 there\n",
        "subject": "My\norder",
        "language": "en",
        "url": "https://shop.example/m/17",
        "created_at": "2026-06-01T11:59:00Z",
        "media": [
            {
                "url": "https://shop.example/f/1",
                "content_type": "image/png",
                "filename": "../cat.png",
                "description": "a cat",
            }
        ],
        "mood": "sunny",
    }
    expected = Post(
        account="shop",
        network="site",
        id="17",
        kind=Kind.REPLY,
        visibility=Visibility.PUBLIC,
        author=Person(
            network="site",
            id="shop/1001",
            handle="ada",
            name="Ada Lovelace",
            profile_url="https://shop.example/u/1001",
            avatar_url="https://shop.example/u/1001.png",
            followers=3,
            language="de",
        ),
        text="Hi\ufffd there",
        created_at=datetime(2026, 6, 1, 11, 59, tzinfo=UTC),
        thread_id="12",
        parent_id="16",
        permalink="https://shop.example/m/17",
        language="en",
        subject="My order",
        media=(Media("https://shop.example/f/1", "image/png", "cat.png", "a cat"),),
    )
    assert site.channel.complaint(body(data)) == ""
    assert site.channel.unpack(body(data)) == (expected,)


def test_what_is_left_out_is_taken_carefully(site: Any) -> None:
    """Private unless said to be public; a thread of its own; a name from what there is."""
    data = {"id": "1", "author": {"id": "7"}, "text": "", "subject": None, "created_at": None}
    [post] = site.channel.unpack(body(data))
    assert (post.visibility, post.kind) == (Visibility.PRIVATE, Kind.DM)
    assert (post.thread_id, post.parent_id) == ("1", "")
    assert (post.author.name, post.author.handle) == ("7", "7")
    assert post.created_at == datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, Kind.POST),
        ({"thread_id": "17"}, Kind.POST),
        ({"thread_id": "article-5"}, Kind.COMMENT),
        ({"parent_id": "9"}, Kind.COMMENT),
        ({"parent_id": "9", "thread_id": "9"}, Kind.COMMENT),
        ({"parent_id": "9", "thread_id": "2"}, Kind.REPLY),
        ({"parent_id": "9", "visibility": "private"}, Kind.DM),
    ],
)
def test_kinds_follow_from_place_and_visibility(
    site: Any, changes: dict[str, Any], kind: Kind
) -> None:
    """Private is a direct message wherever it stands."""
    [post] = site.channel.unpack(body(message(**changes)))
    assert kind is post.kind


def test_a_private_account_takes_nothing_as_public(site: Any) -> None:
    """Whatever the message says of itself."""
    channel = site.open("http://127.0.0.1:1", private=True)
    [post] = channel.unpack(body(message(visibility="public")))
    assert (post.visibility, post.kind) == (Visibility.PRIVATE, Kind.DM)
    assert channel.limits().replies_publicly is False


def test_edits_are_revisions_in_the_order_of_their_times(site: Any) -> None:
    """Compared as text they sort as they happened, also within a second."""
    times = ["2026-06-01T12:00:00Z", "2026-06-01T14:00:00.5+02:00", "2026-06-01T12:00:01Z"]
    posts = [
        site.channel.unpack(body(message(), "message.edited", timestamp=time))[0] for time in times
    ]
    revisions = [post.revision for post in posts]
    assert revisions == sorted(set(revisions))
    assert site.channel.unpack(body(message()))[0].revision == ""


def test_a_deletion_is_a_removal(site: Any) -> None:
    """With the reason the website gives, or a plain one."""
    at = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    for reason, because in (("spam\n", "spam"), (None, "deleted on the website")):
        given = body({"id": 17, "reason": reason}, "message.deleted")
        assert site.channel.unpack(given) == (Removal("shop", "17", at, because),)


def test_a_delivery_is_known_by_its_webhook_id(site: Any) -> None:
    """Signed with our secret it is genuine; with another, or late, it is not."""
    given = body(message())
    secret, other = site.channel._secrets[0], site.website.reply_secrets[0]
    assert site.channel.genuine(sign((secret,), "msg_1", site.now(), given), given) == "msg_1"
    for headers in ({}, sign((other,), "msg_1", site.now(), given)):
        with pytest.raises(NotGenuine):
            site.channel.genuine(headers, given)
    old = sign((secret,), "msg_1", site.now(), given)
    site.says("a little later")
    site.time = site.time.replace(hour=13)
    with pytest.raises(NotGenuine, match="old"):
        site.channel.genuine(old, given)


def test_files_of_a_post_are_fetched(site: Any) -> None:
    """Named as the website named them."""
    upload = site.website.new_upload("cat.png", "image/png", b"meow")
    site.website.write(site.ada.id, "look", uploads=(upload,))
    [post] = site.channel.unpack(site.arrivals()[-1].body)
    file = site.channel.fetch(post.media[0], 1000)
    assert (file.filename, file.content_type, file.content) == ("cat.png", "image/png", b"meow")
