"""X's deliveries: genuine, taken apart, and each thing once, however it came."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from x.samples import ME, NOW, OTHER, SECRET, Till, channel, event, names, packed, sample

from bridge.errors import NotGenuine
from bridge.model import Ignored, Label, Post, Removal, Unreadable, Visibility
from bridge.settings import Secret

ANSWERED = {
    "chat.received": Post,
    "chat.sent": Post,
    "dm.received": Post,
    "dm.sent": Post,
    "post.create": Post,
    "post.delete": Removal,
    "post.mention.create": Post,
    "post.quote.create": Post,
    "post.reply.create": Post,
}


def signed(body: bytes, secret: str = SECRET.reveal()) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"X-Twitter-Webhooks-Signature": f"sha256={base64.b64encode(digest).decode()}"}


# ------------------------------------------------------------------ the samples


@pytest.mark.parametrize("name", names())
def test_every_official_sample_is_known_or_ignored_with_a_reason(name: str) -> None:
    """What can be answered becomes a post, everything else says why it does not."""
    found = event(sample(name))
    assert isinstance(found, ANSWERED.get(name, Ignored))
    if isinstance(found, Ignored):
        assert found.because


def test_no_sample_is_missing_here() -> None:
    """The table above would otherwise hold nothing."""
    if names():
        assert set(ANSWERED) <= set(names())


def test_twice_shuffled_and_bundled_the_samples_are_the_same_items() -> None:
    """Neither the order, nor what an item came with, nor its number of delivery matters."""
    told = [sample(name)["data"] for name in names() if name in ANSWERED]
    reader = channel()
    alone = {
        raw.key: reader.unpack(raw.body)
        for one in told
        for raw in reader.apart(packed({"data": one}))
    }
    again = [{**one, "event_uuid": str(-number)} for number, one in enumerate(told * 2)]
    random.Random(3).shuffle(again)
    bundled = {raw.key: reader.unpack(raw.body) for raw in reader.apart(packed({"data": again}))}
    assert alone == bundled
    assert len(ANSWERED) == len(alone)


def test_a_whole_delivery_holds_what_its_items_hold() -> None:
    """`unpack` takes either."""
    told = packed({"data": [sample(name)["data"] for name in ANSWERED]})
    reader = channel()
    singly = [found for raw in reader.apart(told) for found in reader.unpack(raw.body)]
    assert list(reader.unpack(told)) == singly


# ------------------------------------------------------------------ genuine


def test_a_delivery_is_genuine_by_its_bytes() -> None:
    body = packed(sample("dm.received"))
    reader = channel()
    assert reader.genuine(signed(body), body) == reader.genuine(signed(body), body)
    other = packed(sample("dm.sent"))
    assert reader.genuine(signed(body), body) != reader.genuine(signed(other), other)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twitter-webhooks-signature": ""},
        {"x-twitter-webhooks-signature": "sha256="},
        {"x-twitter-webhooks-signature": "sha1=abc"},
        {"x-twitter-webhooks-signature": "sha256=ünïcode"},
        signed(b"{}"),
        signed(b'{"data": 1}', "another-secret"),
    ],
)
def test_anything_else_is_not(headers: dict[str, str]) -> None:
    with pytest.raises(NotGenuine) as caught:
        channel().genuine(headers, b'{"data": 1}')
    assert SECRET.reveal() not in caught.value.because


def test_the_check_is_answered_with_our_secret() -> None:
    """The example of https://docs.x.com/x-api/webhooks/quickstart#how-to-build-the-crc-response"""
    shaken = channel().shake({"crc_token": "challenge_string"})
    digest = hmac.new(SECRET.reveal().encode(), b"challenge_string", hashlib.sha256).digest()
    expected = f"sha256={base64.b64encode(digest).decode()}"
    assert {"response_token": expected} == json.loads(shaken.body)
    assert shaken.content_type == "application/json"


FORGED = json.dumps(
    {"data": {"event_type": "post.delete", "filter": {"user_id": "1"}, "payload": {"id": "2"}}}
)


@pytest.mark.parametrize(
    "query",
    [{}, *({"crc_token": one} for one in ("", "x" * 501, FORGED, "[7]", '"seven"', "a b", "ü"))],
)
def test_nobody_else_is_signed_for(query: dict[str, str]) -> None:
    """Who could have any text signed could sign deliveries of their own."""
    with pytest.raises(NotGenuine):
        channel().shake(query)


# ------------------------------------------------------------------ apart


def test_a_reply_that_mentions_us_is_one_item() -> None:
    """It matches two subscriptions and arrives as two events, with numbers of their own."""
    reply = sample("post.reply.create")
    mention = sample("post.reply.create")
    mention["data"] |= {"event_type": "post.mention.create", "event_uuid": "-9"}
    reader = channel()
    [one] = reader.apart(packed(reply))
    [other] = reader.apart(packed(mention))
    assert one.key == other.key


def test_events_of_another_account_are_left_to_it() -> None:
    told = sample("dm.received")
    told["data"]["filter"]["user_id"] = OTHER
    reader = channel()
    assert reader.apart(packed(told)) == ()
    assert reader.unpack(packed(told)) == (Ignored("an event of another account"),)


def test_what_names_no_account_is_taken_by_whoever_is_asked() -> None:
    """So that it is told of and not lost."""
    [raw] = channel().apart(packed(sample("news.new")))
    [found] = channel().unpack(raw.body)
    assert isinstance(found, Ignored)


def test_a_revoked_permission_is_its_owners_news() -> None:
    """Its event has no filter: the account stands in its payload."""
    assert len(channel().apart(packed(sample("oauth.revoke")))) == 1
    assert channel().apart(packed(sample("oauth.revoke", user_id=OTHER))) == ()


def test_messages_that_came_in_one_event_are_items_of_their_own() -> None:
    """One that cannot be read does not take the others with it."""
    told = sample("dm.received")
    [first] = told["data"]["payload"]["direct_message_events"]
    second = {**first, "id": "2080765901528535097"}
    odd = {**first, "id": "2080765901528535098", "created_timestamp": "soon"}
    told["data"]["payload"]["direct_message_events"] = [first, odd, second]
    reader = channel()
    kinds = [type(found) for found in reader.unpack(packed(told))]
    assert kinds == [Post, Unreadable, Post]
    assert len({raw.key for raw in reader.apart(packed(told))}) == 3


def test_accounts_of_one_app_share_a_hook() -> None:
    """And no other app's; it says nothing of the secret."""
    one, two = channel(), channel(user_id=OTHER, handle="OtherUser")
    other = channel(consumer_secret=Secret("of-another-app"))
    assert one.hook == two.hook != other.hook
    assert one.hook.startswith("x:")
    assert SECRET.reveal() not in one.hook


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"7", b'{"data": null}', b"[" * 100_000])
def test_what_nobody_can_read_is_no_item(body: bytes) -> None:
    reader = channel()
    assert reader.apart(body) == ()
    [found] = reader.unpack(body)
    assert isinstance(found, Unreadable)


def test_the_news_that_events_were_repeated_is_ignored() -> None:
    """https://docs.x.com/x-api/account-activity/quickstart#replay"""
    body = packed({"replay_job_status": {"job_state": "Complete", "job_id": "1"}})
    assert channel().apart(body) == ()
    [found] = channel().unpack(body)
    assert isinstance(found, Ignored)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), st.text())
def test_apart_never_raises(event: dict[str, Any], kind: str) -> None:
    """Whatever stands in an event, its items have keys and can be unpacked."""
    told = {"data": {**event, "event_type": kind, "filter": {"user_id": ME}}}
    reader = channel()
    for raw in reader.apart(json.dumps(told).encode()):
        assert raw.key
        assert reader.unpack(raw.body)


# ------------------------------------------------------------------ the rest


def test_an_encrypted_message_is_told_of() -> None:
    """Nobody can read it here, but it waits: a ticket says so, and where it can be read."""
    found = event(sample("chat.received"))
    assert found.labels == (Label.ENCRYPTED,)
    assert found.visibility is Visibility.PRIVATE
    assert (found.author.id, found.thread_id, found.by_us) == (OTHER, OTHER, False)
    assert "only be read on X" in found.text
    ours = event(sample("chat.sent"))
    assert (ours.by_us, ours.thread_id) == (True, OTHER)


def test_a_removal_happens_when_it_is_heard_of() -> None:
    """X does not say when; what was kept of the delivery says it for ever."""
    [raw] = channel().apart(packed(sample("post.delete")))
    [found] = channel().unpack(raw.body)
    assert found == Removal("acme", "2080761269309813134", NOW, "deleted")


def test_every_event_is_counted_at_its_price_and_once_a_day() -> None:
    """https://docs.x.com/x-api/getting-started/pricing: a resource is charged once in a day."""
    till = Till()
    reader = channel(meter=till)
    for name in names():
        reader.apart(packed(sample(name)))
        reader.apart(packed(sample(name)))
    assert till.bill() == {
        "chat.received received": 10_000,
        "dm.received received": 10_000,
        "post.create received": 5_000,
        "post.mention.create received": 5_000,
        "post.quote.create received": 5_000,
        "post.reply.create received": 5_000,
        "post.repost.create received": 5_000,
    }
