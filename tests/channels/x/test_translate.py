"""What X says, in our words: both its namings, edits, threads, links, media, calls for us."""

from __future__ import annotations

from typing import Any

import pytest
from x.samples import ME, OTHER, event, names, post_named, sample

from bridge.model import Ignored, Kind, Media, Unreadable, Visibility

FIRST, SECOND, THIRD = "2090000000000000001", "2090000000000000005", "2090000000000000009"
USER = {
    "id": OTHER,
    "username": "OtherUser",
    "name": "Other User",
    "public_metrics": {"followers_count": 97},
}


def mention(**payload: Any) -> Any:
    return event(sample("post.mention.create", **payload))


def reply(text: str, *, shown: list[int] | None = None, **more: Any) -> Any:
    """A direct reply to a post of ours, as its event brings it."""
    payload = {"text": text, "display_text_range": shown, "entities": None, **more}
    return event(sample("post.reply.create", **payload))


@pytest.mark.parametrize("name", names())
def test_both_namings_say_the_same(name: str) -> None:
    """https://docs.x.com/x-api/fundamentals/fields says `tweet`, X's OpenAPI description `post`."""
    assert event(sample(name)) == event(post_named(sample(name)))


# ------------------------------------------------------------------ posts


def test_a_mention_with_all_that_came_along() -> None:
    found = mention()
    assert (found.kind, found.visibility) == (Kind.MENTION, Visibility.PUBLIC)
    assert found.text == "hey @ExampleUser"
    assert (found.author.id, found.author.handle) == (OTHER, "OtherUser")
    assert found.author.followers == 97
    assert found.author.profile_url == "https://x.com/OtherUser"
    assert found.permalink == f"https://x.com/OtherUser/status/{found.id}"
    assert found.thread_id == found.id
    assert found.language == ""  # "und": X does not know


def test_somebody_of_whom_nothing_came_along_is_a_number() -> None:
    """Replies and quotes come without their people."""
    found = event(sample("post.reply.create"))
    assert (found.author.id, found.author.handle, found.author.name) == (OTHER, OTHER, "")
    assert found.permalink == f"https://x.com/i/status/{found.id}"


def test_a_reply_belongs_to_its_conversation() -> None:
    found = event(sample("post.reply.create"))
    assert found.kind is Kind.REPLY
    assert found.thread_id == found.parent_id == "2080761390344937796"
    assert found.text == "Great post — thanks for sharing!"  # without what X put before it


def test_our_own_post_is_ours() -> None:
    found = event(sample("post.create"))
    assert (found.by_us, found.kind, found.unanswerable) == (True, Kind.POST, "")


def test_our_own_repost_says_nothing() -> None:
    found = event(sample("post.create", referenced_tweets=[{"type": "retweeted", "id": FIRST}]))
    assert isinstance(found, Ignored)


def test_edits_are_versions_of_the_first() -> None:
    """https://docs.x.com/x-api/fundamentals/edit-posts: each has an id of its own."""
    first = mention(id=FIRST, conversation_id=FIRST, edit_history_tweet_ids=[FIRST])
    second = mention(id=SECOND, conversation_id=FIRST, edit_history_tweet_ids=[FIRST, SECOND])
    chain = [FIRST, SECOND, THIRD]
    third = mention(id=THIRD, conversation_id=THIRD, edit_history_tweet_ids=chain)
    assert [FIRST] * 3 == [one.id for one in (first, second, third)]
    assert [FIRST] * 3 == [one.thread_id for one in (first, second, third)]
    assert first.revision == "" < second.revision < third.revision
    assert third.permalink.endswith(THIRD)


def test_revisions_sort_as_text_although_ids_grow_longer() -> None:
    """Ids are numbers without leading zeros."""
    short, long = "999", "1000"
    one = mention(id=short, edit_history_tweet_ids=["5", short])
    other = mention(id=long, edit_history_tweet_ids=["5", short, long])
    assert one.revision < other.revision


def test_an_answer_to_an_edited_post_is_led_to_its_first_version() -> None:
    told = sample("post.reply.create", in_reply_to_tweet_id=SECOND, conversation_id=SECOND)
    parent = sample("post.create", id=SECOND, edit_history_tweet_ids=[FIRST, SECOND])
    told["data"]["includes"] = {"tweets": [parent["data"]["payload"]]}
    found = event(told)
    assert (found.parent_id, found.thread_id) == (FIRST, FIRST)
    assert [above.text for above in found.history] == ["Hello from the Activity API"]
    assert found.history[0].by_us


def test_what_only_followers_see_is_private() -> None:
    """A protected account's post is not for the public, and neither is an answer to it."""
    told = sample("post.mention.create")
    told["data"]["includes"]["users"] = [{**USER, "protected": True}]
    found = event(told)
    assert (found.visibility, found.kind) == (Visibility.PRIVATE, Kind.DM)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("en", "en"), ("in", "id"), ("iw", "he"), ("zh-CN", "zh-CN"), ("und", ""), ("qme", ""),
     ("zxx", ""), ("", ""), ("x" * 40, ""), ("e1", "")],
)  # fmt: skip
def test_languages_are_bcp_47(lang: str, expected: str) -> None:
    assert mention(lang=lang).language == expected


# ------------------------------------------------------------------ words


def test_links_are_shown_as_they_were_written() -> None:
    urls = [{"url": "https://t.co/a1", "expanded_url": "https://shop.example/order?id=1&x=2"}]
    found = mention(text="see https://t.co/a1 please", entities={"urls": urls})
    assert found.text == "see https://shop.example/order?id=1&x=2 please"


def test_three_signs_are_unescaped_and_no_more() -> None:
    assert mention(text="a &lt;b&gt; &amp;amp; &quot;c").text == "a <b> &amp; &quot;c"


def test_a_long_post_is_read_whole() -> None:
    """What is longer than 280 signs stands in `note_tweet`, `text` is cut."""
    note = {"text": "@ExampleUser " + "long " * 100, "entities": {"urls": []}}
    found = mention(text="@ExampleUser long…", note_tweet=note)
    assert found.text == note["text"].strip()


def test_a_picture_and_a_film_come_as_media() -> None:
    """A film's best version; the link to them in the text says nothing more."""
    told = sample(
        "post.mention.create",
        text="look https://t.co/pic",
        entities={
            "urls": [
                {
                    "url": "https://t.co/pic",
                    "expanded_url": f"https://x.com/OtherUser/status/{FIRST}/photo/1",
                }
            ]
        },
        attachments={"media_keys": ["3_1", "13_2", "3_missing"]},
    )
    film = {"content_type": "video/mp4", "url": "https://video.twimg.com/low.mp4"}
    told["data"]["includes"]["media"] = [
        {
            "media_key": "13_2",
            "type": "video",
            "preview_image_url": "https://pbs.twimg.com/preview.jpg",
            "variants": [
                {**film, "bit_rate": 256_000},
                {**film, "bit_rate": 832_000, "url": "https://video.twimg.com/high.mp4?tag=1"},
                {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/a.m3u8"},
            ],
        },
        {
            "media_key": "3_1",
            "type": "photo",
            "url": "https://pbs.twimg.com/media/a.jpg",
            "alt_text": "a torn box",
        },
    ]
    found = event(told)
    assert found.text == "look"
    assert found.media == (
        Media("https://pbs.twimg.com/media/a.jpg", "image/jpeg", "a.jpg", "a torn box"),
        Media("https://video.twimg.com/high.mp4?tag=1", "video/mp4", "high.mp4"),
    )


# ------------------------------------------------------------------ who may be answered


def test_who_mentions_us_may_be_answered() -> None:
    """https://docs.x.com/x-api/posts/manage-tweets/integrate#post-creation-restrictions-self-serve"""
    assert mention().unanswerable == ""
    assert event(sample("post.quote.create")).unanswerable == ""
    assert reply("@ExampleUser @ExampleUser are you there?", shown=[13, 40]).unanswerable == ""
    assert reply("@ExampleUser and you, @exampleuser?", shown=[13, 35]).unanswerable == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@ExampleUser Great post", [13, 23]),
        ("@ExampleUser Great post", [14, 23]),  # one too many, as in X's sample
        ("@ExampleUser @Somebody Great post", None),
        ("@ExampleUser Great post, @ExampleUserToo", [13, 40]),
        ("@ExampleUser mail me@ExampleUser", [13, 32]),
        ("@Somebody no name of ours", [10, 25]),
    ],
)
def test_who_is_only_answered_to_may_not(text: str, shown: list[int] | None) -> None:
    """The name that X puts before a reply was not typed by its author."""
    found = reply(text, shown=shown)
    assert found.unanswerable == "not_summoned"


def test_what_x_sold_decides() -> None:
    """Enterprise customers may answer everybody; where X is found to let replies be answered, the
    mapping can say so."""
    told = sample("post.reply.create")
    assert event(told).unanswerable
    assert event(told, plan="enterprise").unanswerable == ""
    assert event(told, replies_summon=True).unanswerable == ""


def test_a_quote_of_somebody_else_is_no_call_for_us() -> None:
    told = sample("post.quote.create")
    told["data"]["event_type"] = "read.post"
    assert event(told).unanswerable == ""  # its link names a post of ours
    told["data"]["payload"]["entities"]["urls"][0]["expanded_url"] = "https://x.com/Else/status/1"
    assert event(told).unanswerable


# ------------------------------------------------------------------ messages


def test_a_message_is_private_and_its_thread_is_the_person() -> None:
    found = event(sample("dm.received"))
    assert (found.id, found.thread_id) == ("dm:2080765901528535096", OTHER)
    assert (found.kind, found.visibility) == (Kind.DM, Visibility.PRIVATE)
    assert (found.author.handle, found.author.followers) == ("OtherUser", 97)
    ours = event(sample("dm.sent"))
    assert (ours.by_us, ours.author.id, ours.thread_id) == (True, ME, "2244994945")


def test_a_message_with_a_picture() -> None:
    """As API v1.1 has it: https://docs.x.com/x-api/activity/event-payloads"""
    told = sample("dm.received")
    said = told["data"]["payload"]["direct_message_events"][0]["message_create"]["message_data"]
    said["text"] = "here https://t.co/x9"
    said["attachment"] = {
        "type": "media",
        "media": {
            "id": 20,
            "id_str": "20",
            "type": "photo",
            "url": "https://t.co/x9",
            "media_url_https": "https://ton.x.com/1.1/ton/data/dm/1/20/box.jpg",
        },
    }
    said["entities"]["urls"] = [
        {"url": "https://t.co/x9", "expanded_url": "https://x.com/messages/media/20"}
    ]
    found = event(told)
    assert found.text == "here"
    assert [one.url for one in found.media] == ["https://ton.x.com/1.1/ton/data/dm/1/20/box.jpg"]
    assert found.media[0].content_type == "image/jpeg"


def read_message(**payload: Any) -> Any:
    """As `GET /2/dm_events` brings it."""
    said = {
        "id": "2080765901528535096",
        "text": "hello!",
        "sender_id": OTHER,
        "dm_conversation_id": f"{ME}-{OTHER}",
        "created_at": "2026-07-24T21:23:44.372Z",
        **payload,
    }
    told = {"event_type": "read.message", "filter": {"user_id": ME}, "payload": said}
    return event({"data": {**told, "includes": {"users": [USER]}}})


def test_a_message_that_was_read_is_the_one_that_was_brought() -> None:
    brought, read = event(sample("dm.received")), read_message()
    for name in ("id", "thread_id", "kind", "visibility", "text", "created_at", "by_us"):
        assert getattr(brought, name) == getattr(read, name)
    assert brought.author.id == read.author.id


@pytest.mark.parametrize(
    "conversation", ["1580559079470145536", f"{ME}-{OTHER}-7", "8-9", "", f"{OTHER}-{OTHER}"]
)
def test_a_conversation_of_several_is_not_taken_for_one_of_two(conversation: str) -> None:
    """An answer would go to one of them, or to somebody who said nothing."""
    assert isinstance(read_message(dm_conversation_id=conversation), Ignored)


@pytest.mark.parametrize(
    "payload", [{"created_at": "yesterday"}, {"sender_id": None}, {"id": ""}, {"text": 7}]
)
def test_a_message_without_its_essentials_is_set_aside(payload: dict[str, Any]) -> None:
    assert isinstance(read_message(**payload), Unreadable)
