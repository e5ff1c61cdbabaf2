"""Mastodon's JSON in the words of the model. Shapes: https://docs.joinmastodon.org/entities/."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.channels.mastodon.translate import HISTORY, Me, pack, pack_removal, unpack
from bridge.model import Event, Ignored, Kind, Post, Removal, Unreadable, Visibility

ME = Me("900", "acme.example", "acme")
CHECKED = '<a rel="me" href="https://b.example/@l?a&amp;b">b.example</a>'
PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE


def account(number: str = "1", acct: str = "ada", **more: Any) -> dict[str, Any]:
    return {"id": number, "acct": acct, "username": acct.split("@")[0], "display_name": "", **more}


def status(number: str = "100", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "account": account(),
        "content": "<p>hi</p>",
        "created_at": "2026-06-01T12:00:00.500+02:00",
        "visibility": "public",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "edited_at": None,
        **more,
    }


def mention(said: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "type": "mention",
        "created_at": "2026-06-01T10:00:01Z",
        "status": said,
    } | more


def event(said: Any, *above: Any, what: str = "notification") -> Event:
    return unpack("acme", pack(what, said, above, ME).body, "fallback.example")


def post(said: Any, *above: Any) -> Post:
    found = event(mention(said), *above)
    assert isinstance(found, Post), found
    return found


def test_a_mention_is_a_post() -> None:
    """Everything a ticket shows comes from the status and its author."""
    found = post(
        status(
            content='<p><span class="h-card"><a href="https://acme.example/@acme" '
            'class="u-url mention">@<span>acme</span></a></span> broken: '
            '<a href="https://shop.example/order/4711/details"><span class="invisible">https://'
            '</span><span class="ellipsis">shop.example/order</span><span class="invisible">'
            "/4711/details</span></a><br>bye</p>",
            language="en",
            url="https://acme.example/@ada/100",
            account=account(
                acct="ada@far.example",
                display_name="Ada  L.",
                url="https://far.example/@ada",
                avatar="https://far.example/a.png",
                followers_count=12,
                fields=[
                    {"name": "Home", "value": CHECKED, "verified_at": "2026-01-01T00:00:00Z"},
                    {"name": "Not checked", "value": CHECKED.replace("@l", "@m")},
                    {"name": "Two", "value": CHECKED * 2, "verified_at": "2026-01-01T00:00:00Z"},
                    {"name": "Words", "value": "me", "verified_at": "2026-01-01T00:00:00Z"},
                    {"value": '<a href="javascript:x">', "verified_at": "2026-01-01T00:00:00Z"},
                ],
            ),
        )
    )
    assert found.text == "@acme broken: https://shop.example/order/4711/details\nbye"
    assert (
        found.account,
        found.network,
        found.id,
        found.thread_id,
    ) == ("acme", "mastodon", "100", "100")
    assert datetime(2026, 6, 1, 10, 0, 0, 500_000, UTC) == found.created_at
    assert (
        found.kind,
        found.visibility,
        found.revision,
        found.language,
    ) == (Kind.MENTION, PUBLIC, "", "en")
    assert found.permalink == "https://acme.example/@ada/100"
    author = found.author
    assert (author.handle, author.name, author.followers) == ("ada@far.example", "Ada L.", 12)
    assert author.links == ("https://b.example/@l?a&b",)
    assert (
        author.profile_url,
        author.avatar_url,
    ) == ("https://far.example/@ada", "https://far.example/a.png")


def test_whoever_lives_on_our_server_gets_its_name() -> None:
    """`acct` is bare for them: https://docs.joinmastodon.org/entities/Account/#acct"""
    found = post(status())
    assert (found.author.handle, found.author.name) == ("ada@acme.example", "ada")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("public", PUBLIC),
        ("unlisted", PUBLIC),
        ("private", PRIVATE),
        ("direct", PRIVATE),
        ("limited", PRIVATE),
        ("local", PRIVATE),
        ("Public", PRIVATE),
        ("", PRIVATE),
        ("something new", PRIVATE),
    ],
)
def test_only_what_everybody_can_read_is_public(word: str, expected: Visibility) -> None:
    """A word nobody knows must not make a private post public."""
    found = post(status(visibility=word))
    assert expected == found.visibility
    assert (found.kind is Kind.DM) == (expected is PRIVATE)


def test_the_thread_is_named_after_its_first_post() -> None:
    """With the posts above as history, which have none of their own."""
    root = status("80", account=account("2", "ben@far.example"))
    ours = status("90", in_reply_to_id="80", account=account("900", "acme"))
    found = post(status(in_reply_to_id="90", in_reply_to_account_id="900"), root, ours)
    assert (found.thread_id, found.parent_id, found.kind) == ("80", "90", Kind.REPLY)
    assert [one.id for one in found.history] == ["80", "90"]
    assert [one.by_us for one in found.history] == [False, True]
    assert [one.history for one in found.history] == [(), ()]
    assert {"80"} == {one.thread_id for one in found.history}
    assert not found.by_us


def test_without_its_ancestors_a_reply_belongs_to_what_it_answers() -> None:
    """They may be hidden from us, or gone."""
    assert post(status(in_reply_to_id="90")).thread_id == "90"


def test_an_unreadable_ancestor_still_names_the_thread() -> None:
    """It is left out of the history, and the post itself comes through."""
    found = post(status(in_reply_to_id="90"), {"id": "80", "content": None}, status("90"), 5, None)
    assert found.thread_id == "80"
    assert [one.id for one in found.history] == ["90"]


def test_a_private_ancestor_of_a_public_post_stays_private() -> None:
    """Visibility belongs to each post."""
    found = post(status(in_reply_to_id="90"), status("90", visibility="direct"))
    assert (found.visibility, found.history[0].visibility) == (PUBLIC, PRIVATE)


@pytest.mark.parametrize(
    ("more", "above", "expected"),
    [
        ({}, (), Kind.MENTION),
        ({"in_reply_to_id": "90", "in_reply_to_account_id": "2"}, (), Kind.MENTION),
        ({"in_reply_to_id": "90", "in_reply_to_account_id": "900"}, (), Kind.REPLY),
        (
            {"in_reply_to_id": "90", "in_reply_to_account_id": "2"},
            (status("80", account=account("900", "acme")),),
            Kind.REPLY,
        ),
        (
            {"quote": {"state": "accepted", "quoted_status": status("5", account=account("900"))}},
            (),
            Kind.QUOTE,
        ),
        (
            {"quote": {"state": "accepted", "quoted_status": status("5", account=account("3"))}},
            (),
            Kind.MENTION,
        ),
        ({"account": account("900", "acme")}, (), Kind.POST),
    ],
)
def test_what_a_post_is(more: dict[str, Any], above: tuple[Any, ...], expected: Kind) -> None:
    """A reply answers us or stands below us; a quote shows a post of ours."""
    assert expected == post(status(**more), *above).kind


def test_an_edit_is_another_revision_of_the_same_post() -> None:
    """Its key differs from the first one's, and only the revision tells them apart."""
    first = status()
    edited = status(content="<p>hello</p>", edited_at="2026-06-01T10:05:00.000Z")
    keys = [
        pack("notification", mention(first), (), ME).key,
        pack("status", first, (), ME).key,
        pack("status", edited, (), ME).key,
    ]
    assert keys == ["status:100:", "status:100:", "status:100:2026-06-01T10:05:00.000Z"]
    found = event(edited, what="status")
    assert isinstance(found, Post)
    assert (found.id, found.revision, found.text) == ("100", "2026-06-01T10:05:00.000Z", "hello")


def test_a_warning_a_poll_and_a_quote_are_part_of_what_is_said() -> None:
    """An agent must see what the customer's readers see."""
    found = post(
        status(
            spoiler_text="rant",
            poll={"options": [{"title": "yes"}, {"title": "no"}, {"title": 3}, 7]},
            quote={"quoted_status": {"url": "https://far.example/1"}},
        )
    )
    assert found.text == "[CW: rant]\n\nhi\n\n- yes\n- no\n\nhttps://far.example/1"


def test_media_are_named_by_link() -> None:
    """The server's copy first; what is still being processed is not there yet."""
    found = post(
        status(
            media_attachments=[
                {"type": "image", "url": "https://f.example/a/b%20c.png", "description": "a cat"},
                {"type": "video", "url": None, "remote_url": "https://g.example/v.mp4"},
                {"type": "image", "url": "https://f.example/x.mp4"},
                {"type": "image", "url": None, "remote_url": None},
                {"type": "image", "url": "javascript:alert(1)"},
                "rubbish",
            ]
        )
    )
    assert [(one.url, one.content_type, one.filename, one.description) for one in found.media] == [
        ("https://f.example/a/b%20c.png", "image/png", "b c.png", "a cat"),
        ("https://g.example/v.mp4", "video/mp4", "v.mp4", ""),
        ("https://f.example/x.mp4", "", "x.mp4", ""),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"followers_count": "many", "avatar": 5, "url": "javascript:x", "display_name": None},
        {"followers_count": float("nan"), "avatar": None, "url": {}, "display_name": ["x"]},
        {"followers_count": -1, "username": 9, "fields": [3, {"value": 4}, {}]},
    ],
)
def test_what_only_adorns_never_keeps_a_post_from_its_ticket(more: dict[str, Any]) -> None:
    """Oddities of a profile are left out, and the word of the customer is not."""
    found = post(status(account=account(**more), language=5, url="x:y", spoiler_text=None, poll=3))
    assert (found.author.followers, found.author.profile_url, found.permalink) == (None, "", "")
    assert (found.text, found.language, found.author.name) == ("hi", "", "ada")


@pytest.mark.parametrize(
    ("said", "because"),
    [
        (None, "status: is missing"),
        ([], "Invalid input type"),
        (status(""), "id: is no id"),
        (status("a b"), "id: is no usable id"),
        (status(content=None), "content: Field may not be null"),
        (status(created_at="yesterday"), "created_at: is no instant"),
        (status(created_at="0001-01-01T00:00:00+23:00"), "created_at: is no instant"),
        (status(account=None), "account: Field may not be null"),
        (status(account={}), "account.id: Missing data"),
        (status(visibility=None), "visibility: Field may not be null"),
        (status(in_reply_to_id=[1]), "in_reply_to_id: is no id"),
    ],
)
def test_what_cannot_be_understood_is_set_aside_with_its_reason(said: Any, because: str) -> None:
    """The reason names the place."""
    found = event(mention(said))
    assert isinstance(found, Unreadable)
    assert because in found.because
    assert found.excerpt


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"1e999",
        b'{"gone": 5.5}',
        b'{"gone": "1", "at": 3}',
        b"9" * 6000,
    ],
)
def test_what_we_never_packed_is_set_aside(body: bytes) -> None:
    """Nothing that lands in the ledger can stop a lane."""
    assert isinstance(unpack("acme", body, "x"), Unreadable)


def test_a_poisoned_notification_has_a_key_all_the_same() -> None:
    """By its own id, or by what it says; the same thing always has the same."""
    without_status = mention(None)
    assert pack("notification", without_status, (), ME).key == "notification:7"
    odd = [pack("notification", one, (), ME).key for one in (None, 5, None)]
    assert odd[0] == odd[2] != odd[1]


def test_another_kind_of_notification_is_none_of_our_business() -> None:
    """Servers that do not filter by type send likes as well."""
    assert isinstance(event(mention(status(), type="favourite")), Ignored)


def test_a_removal_names_the_post_and_the_time() -> None:
    """So that its words can be taken off the ticket."""
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    raw = pack_removal("100", at)
    assert raw.key == "gone:100"
    found = unpack("acme", raw.body, "x")
    assert isinstance(found, Removal)
    assert ("acme", "100", at) == (found.account, found.post_id, found.at)


def test_what_no_database_stores_is_replaced() -> None:
    """NUL and half characters come through JSON's escapes."""
    body = json.dumps(
        {"status": status(content="a\x00b\ud800c"), "ancestors": [], "me": {"id": "900"}}
    ).encode()
    found = unpack("acme", body, "fallback.example")
    assert isinstance(found, Post)
    assert found.text == "a\ufffdb\ufffdc"
    assert found.author.handle == "ada@fallback.example"


def test_people_of_two_servers_are_two_people() -> None:
    """Servers count for themselves: both have somebody whose id is 1."""
    raw = pack("notification", mention(status()), (), replace(ME, domain="other.example")).body
    there = unpack("acme", raw, "fallback.example")
    assert isinstance(there, Post)
    assert ("1@acme.example", "1@other.example") == (post(status()).author.id, there.author.id)


def test_a_long_thread_travels_with_its_first_post_and_its_last_ones() -> None:
    """Four thousand ancestors are more than anybody reads."""
    above = tuple(status(str(number)) for number in range(1000, 1000 + 4 * HISTORY))
    found = post(status(in_reply_to_id=above[-1]["id"]), *above)
    assert (HISTORY, "1000", above[-1]["id"]) == (
        len(found.history),
        found.history[0].id,
        found.history[-1].id,
    )
    assert found.thread_id == "1000"
