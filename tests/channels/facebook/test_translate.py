"""What happens on a Page, by the payloads that were published or seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.channels.facebook import Facebook
from bridge.model import (
    Ignored,
    Kind,
    Label,
    Media,
    Post,
    Remark,
    Removal,
    Unreadable,
    Visibility,
    What,
)

EXPECTED: dict[str, type[Any]] = {
    "fb_feed_comment_add": Post,
    "fb_feed_comment_add_no_from": Post,
    "fb_feed_comment_add_own_page": Post,
    "fb_feed_comment_add_photo": Post,
    "fb_feed_comment_edited": Post,
    "fb_feed_comment_hide": Remark,
    "fb_feed_comment_remove": Removal,
    "fb_feed_comment_reply_add": Post,
    "fb_feed_post_edited": Post,
    "fb_feed_post_remove": Removal,
    "fb_feed_reaction_add": Ignored,
    "fb_feed_visitor_post_photo": Post,
    "fb_feed_visitor_post_status": Post,
    "fb_mention_comment_no_sender": Post,
    "fb_mention_post": Post,
}
TOP, BENEATH = "9001_7001", "111222333444555_9001"


def changed(samples: Any, name: str = "fb_feed_comment_add", **changes: Any) -> Any:
    """The event of a sample, some of its value changed; None takes something away."""
    told = json.loads(samples.sample(name))
    value = told["entry"][0]["changes"][0]["value"]
    value |= changes
    for gone in [key for key, one in changes.items() if one is None]:
        del value[gone]
    [event] = samples.channel(Facebook).unpack(json.dumps(told).encode())
    return event


def test_every_published_sample_is_known(samples: Any) -> None:
    assert sorted(EXPECTED) == samples.named("fb_")
    for name, kind in EXPECTED.items():
        assert type(samples.event(Facebook, name)) is kind, name


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_doubled_mixed_and_bundled_they_are_the_same(samples: Any, seed: int | None) -> None:
    channel, names = samples.channel(Facebook), [*EXPECTED, *samples.named("messenger_")]
    alone = {
        key: events
        for name in names
        for key, events in samples.by_key(channel, samples.sample(name)).items()
    }
    assert len(alone) == len(EXPECTED) + 11
    assert alone == samples.by_key(channel, samples.bundled(names, seed))


def test_a_comment_begins_a_thread_beneath_its_post(samples: Any) -> None:
    post = samples.event(Facebook, "fb_feed_comment_add")
    assert (post.kind, post.visibility, post.text) == (
        Kind.COMMENT, Visibility.PUBLIC, "Love this!"
    )  # fmt: skip
    assert (post.id, post.thread_id, post.parent_id) == (TOP, TOP, BENEATH)
    assert (post.author.id, post.author.name) == ("555000111", "Jane Doe")
    assert post.created_at == datetime(2018, 3, 7, 0, 46, 11, tzinfo=UTC)
    assert post.permalink == "https://www.facebook.com/111222333444555/posts/9001?comment_id=7001"
    assert (post.revision, post.labels, post.by_us) == ("", (), False)


def test_an_answer_to_a_comment_belongs_to_its_thread(samples: Any) -> None:
    post = samples.event(Facebook, "fb_feed_comment_reply_add")
    assert (post.thread_id, post.parent_id) == (TOP, TOP)


def test_an_author_whom_nobody_names_can_be_answered(samples: Any) -> None:
    post = samples.event(Facebook, "fb_feed_comment_add_no_from")
    assert post.author.id == "comment:9001_7004"
    assert post.author.name == "Somebody on Facebook"
    assert not post.by_us


def test_what_the_page_itself_says_is_by_us(samples: Any) -> None:
    """A comment is kept for its thread; a post of the Page is nobody's question."""
    assert samples.event(Facebook, "fb_feed_comment_add_own_page").by_us
    own = {"id": samples.PAGE, "name": "My Page"}
    assert isinstance(changed(samples, "fb_feed_visitor_post_status", **{"from": own}), Ignored)


def test_a_comment_without_words_shows_its_picture(samples: Any) -> None:
    post = samples.event(Facebook, "fb_feed_comment_add_photo")
    assert post.text == ""
    assert post.media == (Media("https://scontent.example/photo.jpg", "image/jpeg", "photo.jpg"),)


def test_an_edit_is_a_revision_by_its_time(samples: Any) -> None:
    edited = samples.event(Facebook, "fb_feed_comment_edited")
    assert (edited.id, edited.revision) == (TOP, "2018-03-07T00:53:19+00:00")
    assert edited.text == "Love this!! (edited)"
    later = changed(samples, "fb_feed_comment_edited", edited_time=1520384000)
    assert edited.revision < later.revision


def test_an_edit_without_a_time_is_dated_by_its_delivery(samples: Any) -> None:
    assert samples.event(Facebook, "fb_feed_post_edited").revision == "2018-03-07T00:46:11+00:00"


def test_gone_hidden_and_shown(samples: Any) -> None:
    gone = samples.event(Facebook, "fb_feed_comment_remove")
    assert (gone.post_id, gone.at) == (TOP, datetime(2018, 3, 7, 0, 55, tzinfo=UTC))
    assert samples.event(Facebook, "fb_feed_post_remove").post_id == "111222333444555_9100"
    hidden = samples.event(Facebook, "fb_feed_comment_hide")
    assert (hidden.post_id, hidden.what) == (TOP, What.HIDDEN)
    assert changed(samples, "fb_feed_comment_hide", verb="unhide").what is What.SHOWN


def test_visitors_posts(samples: Any) -> None:
    words = samples.event(Facebook, "fb_feed_visitor_post_status")
    assert (words.kind, words.id, words.thread_id, words.parent_id) == (
        Kind.POST, "111222333444555_9100", "111222333444555_9100", ""
    )  # fmt: skip
    photo = samples.event(Facebook, "fb_feed_visitor_post_photo")
    assert photo.text == "Broken on arrival"
    assert [one.url for one in photo.media] == ["https://scontent.example/p.jpg"]


def test_mentions(samples: Any) -> None:
    post = samples.event(Facebook, "fb_mention_post")
    assert (post.kind, post.author.id, post.author.name) == (
        Kind.MENTION, "555000111", "Jane Doe"
    )  # fmt: skip
    comment = samples.event(Facebook, "fb_mention_comment_no_sender")
    assert comment.author.id == "comment:122197857164920798_2719805541795582"
    assert comment.thread_id == comment.id
    assert comment.created_at == datetime(2018, 3, 7, 0, 46, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "about", [{"is_published": False}, {"is_published": True, "promotion_status": "active"}]
)
def test_a_comment_on_an_ad_is_labelled(samples: Any, about: dict[str, Any]) -> None:
    assert changed(samples, post=about).labels == (Label.AD,)


def test_a_reaction_to_a_comment_is_no_comment(samples: Any) -> None:
    """It carries the comment's id as well."""
    assert isinstance(changed(samples, "fb_feed_reaction_add", comment_id=TOP), Ignored)


def test_a_post_shared_elsewhere_is_not_on_the_page(samples: Any) -> None:
    shared = {"item": "share", "link": "https://shop.example/"}
    name = "fb_feed_visitor_post_status"
    assert isinstance(changed(samples, name, **shared, post_id="555000111_7"), Ignored)
    here = changed(samples, name, **shared)
    assert here.text.endswith("https://shop.example/")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"verb": "block"}, Ignored),
        ({"item": "rating"}, Ignored),
        ({"item": "event"}, Ignored),
        ({"item": None}, Unreadable),
        ({"verb": None}, Unreadable),
        ({"comment_id": None}, Unreadable),
        ({"comment_id": ["x"]}, Unreadable),
        ({"message": 7}, Unreadable),
        ({"from": "Jane"}, Post),
        ({"post": 7, "photo": 8, "created_time": "soon"}, Post),
    ],
)
def test_what_is_odd_is_named(samples: Any, changes: dict[str, Any], kind: type[Any]) -> None:
    """Strict where something cannot be without, lenient where it only adorns."""
    assert type(changed(samples, **changes)) is kind


def test_another_field_is_nothing_to_answer(samples: Any) -> None:
    told = json.loads(samples.sample("fb_feed_comment_add"))
    told["entry"][0]["changes"][0]["field"] = "ratings"
    [event] = samples.channel(Facebook).unpack(json.dumps(told).encode())
    assert isinstance(event, Ignored)


def test_private_messages_come_with_the_page_or_not(samples: Any) -> None:
    """As of this account's network; or left to another account, if the mapping says so."""
    post = samples.event(Facebook, "messenger_text")
    assert (post.network, post.kind) == ("facebook", Kind.DM)
    without = samples.channel(Facebook, messenger=False)
    assert without.apart(samples.sample("messenger_text")) == ()
    assert len(without.apart(samples.sample("fb_feed_comment_add"))) == 1
