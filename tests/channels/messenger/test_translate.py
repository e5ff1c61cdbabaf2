"""What a Page's private messages say, by the payloads that Meta publishes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.channels.messenger import Messenger
from bridge.model import Ignored, Kind, Label, Media, Post, Removal, Unreadable, Visibility

PSID = "7766554433221100"
NAMES = (
    "messenger_attachment_image", "messenger_attachment_reel", "messenger_batch_two_pages",
    "messenger_delivery", "messenger_echo_other_app", "messenger_echo_our_app",
    "messenger_postback", "messenger_read", "messenger_standby", "messenger_text",
)  # fmt: skip


def message(samples: Any, **said: Any) -> bytes:
    """The sample of a text, with other words in it."""
    told = json.loads(samples.sample("messenger_text"))
    told["entry"][0]["messaging"][0]["message"] = {"mid": "m_1", **said}
    return json.dumps(told).encode()


def test_every_published_sample_is_known(samples: Any) -> None:
    """Each becomes events or an explicit Ignored, and none is forgotten here."""
    assert sorted(NAMES) == samples.named("messenger_")
    for name in NAMES:
        found = samples.channel(Messenger).unpack(samples.sample(name))
        assert found
        assert not [one for one in found if isinstance(one, Unreadable)], name


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_doubled_mixed_and_bundled_they_are_the_same(samples: Any, seed: int | None) -> None:
    channel = samples.channel(Messenger)
    alone = {
        key: events
        for name in NAMES
        for key, events in samples.by_key(channel, samples.sample(name)).items()
    }
    assert len(alone) == 11
    assert alone == samples.by_key(channel, samples.bundled(list(NAMES), seed))


def test_a_text(samples: Any) -> None:
    post = samples.event(Messenger, "messenger_text")
    assert isinstance(post, Post)
    assert (post.id, post.text) == ("mid.1457764197618:41d102a3e1ae206a38", "hello, world! äöå 👋")
    assert (post.kind, post.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert (post.author.id, post.author.name, post.thread_id) == (PSID, "", PSID)
    assert post.created_at == datetime(2016, 3, 23, 0, 25, 52, 478000, tzinfo=UTC)
    assert not post.by_us
    assert post.labels == ()


def test_a_picture_and_a_film_by_link(samples: Any) -> None:
    picture = samples.event(Messenger, "messenger_attachment_image")
    assert picture.media == (Media("https://scontent.example/a.jpg", "image/jpeg", "a.jpg"),)
    assert picture.text == ""
    reel = samples.event(Messenger, "messenger_attachment_reel")
    assert (reel.text, reel.media) == ("t https://www.instagram.com/reel/x", ())


def test_an_echo_of_ours_carries_its_mark(samples: Any) -> None:
    ours = samples.event(Messenger, "messenger_echo_our_app")
    assert (ours.by_us, ours.mark, ours.id) == (True, "hdp:out:01J8ZK0", "m_AG5Hz2U")
    assert (ours.author.id, ours.thread_id) == (samples.PAGE, PSID)


def test_an_echo_of_another_app_carries_none(samples: Any) -> None:
    """What somebody typed in Meta's own inbox."""
    theirs = samples.event(Messenger, "messenger_echo_other_app")
    assert (theirs.by_us, theirs.mark, theirs.thread_id) == (True, "", PSID)
    marked = samples.channel(Messenger, app_id="42").unpack(
        samples.sample("messenger_echo_our_app")
    )
    assert marked[0].mark == ""


def test_a_button_says_its_title_and_what_stands_behind_it(samples: Any) -> None:
    pressed = samples.event(Messenger, "messenger_postback")
    assert (pressed.id, pressed.text) == ("m_pb", "Get Started\n[GET_STARTED]")


def test_what_another_app_has_to_answer_is_labelled(samples: Any) -> None:
    assert samples.event(Messenger, "messenger_standby").labels == (Label.STANDBY,)


@pytest.mark.parametrize("name", ["messenger_delivery", "messenger_read"])
def test_what_is_nothing_to_answer_says_so(samples: Any, name: str) -> None:
    assert isinstance(samples.event(Messenger, name), Ignored)


def test_an_answer_names_what_it_answers(samples: Any) -> None:
    [post] = samples.channel(Messenger).unpack(
        message(samples, text="yes", reply_to={"mid": "m_0"})
    )
    assert post.parent_id == "m_0"


def test_an_edit_is_a_later_revision_of_the_same_post(samples: Any) -> None:
    told = json.loads(samples.sample("messenger_text"))
    item = told["entry"][0]["messaging"][0]
    del item["message"]
    found = []
    for number in (2, 10):
        item["message_edit"] = {"mid": "m_1", "text": f"edit {number}", "num_edit": number}
        found += samples.channel(Messenger).unpack(json.dumps(told).encode())
    assert ["m_1", "m_1"] == [one.id for one in found]
    assert "" < found[0].revision < found[1].revision


def test_what_only_meta_can_show_is_labelled(samples: Any) -> None:
    for said in ({}, {"is_unsupported": True}):
        [post] = samples.channel(Messenger).unpack(message(samples, **said))
        assert (post.text, post.labels) == ("", (Label.UNSUPPORTED,))


def test_a_place_a_share_and_something_new_stand_among_the_words(samples: Any) -> None:
    attachments = [
        {"type": "location", "payload": {"coordinates": {"lat": 52.5, "long": 13.4}}},
        {"type": "fallback", "title": "Shop", "url": "https://shop.example/1"},
        {"type": "hologram", "payload": {}},
        "nonsense",
    ]
    [post] = samples.channel(Messenger).unpack(
        message(samples, text="here", attachments=attachments)
    )
    assert post.text.splitlines() == [
        "here", "geo:52.5,13.4", "Shop https://shop.example/1", "[hologram]"
    ]  # fmt: skip


def test_somebody_who_came_by_an_ad_is_labelled(samples: Any) -> None:
    said = {"text": "hi", "referral": {"source": "ADS", "ad_id": "6045246247433"}}
    [post] = samples.channel(Messenger).unpack(message(samples, **said))
    assert post.labels == (Label.AD,)


def test_an_unsent_message_is_gone(samples: Any) -> None:
    [gone] = samples.channel(Messenger).unpack(message(samples, is_deleted=True))
    assert isinstance(gone, Removal)
    assert gone.post_id == "m_1"


def test_what_is_public_is_left_to_others(samples: Any) -> None:
    """Neither taken out of a delivery nor read in one."""
    channel = samples.channel(Messenger)
    assert channel.apart(samples.sample("fb_feed_comment_add")) == ()
    [event] = channel.unpack(samples.sample("fb_feed_comment_add"))
    assert isinstance(event, Ignored)


@pytest.mark.parametrize(
    "item",
    [
        7,
        {},
        {"message": None, "sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": 1},
        {"message": {"mid": "m"}, "sender": {"id": "1"}, "timestamp": 1},
        {"message": {"mid": "m"}, "sender": {"id": "1"}, "recipient": {"id": "2"}},
        {"message": {"text": "x"}, "sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": 1},
    ],
)
def test_what_cannot_be_read_is_set_aside(samples: Any, item: Any) -> None:
    body = {"object": "page", "entry": [{"id": samples.PAGE, "time": 1, "messaging": [item]}]}
    [event] = samples.channel(Messenger).unpack(json.dumps(body).encode())
    assert isinstance(event, Unreadable if item != {} else Ignored)
